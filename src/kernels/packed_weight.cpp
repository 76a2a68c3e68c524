// Lays weights out in panels of 64 outputs, and back.
#include "kernels/packed_weight.h"

#include <ATen/Parallel.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/error.h"

namespace r1v {
namespace {

constexpr int64_t kHugePage = 2 << 20;
constexpr int64_t kFillsItsPages = 4 * kHugePage;  // at most a fifth of such a weight lies outside of huge pages
constexpr int64_t kWordsABlock = 16;               // a cache line of every output

using WordBlock = uint32_t[kPanelOutputs][kWordsABlock];

int64_t num_panels(int64_t outputs) { return (outputs + kPanelOutputs - 1) / kPanelOutputs; }

/// Rows of words become columns: word w of output o goes to to[w * 64 + o]. `take(output, word, count, block_row)`
/// copies.
template <typename Take>
void turn_panel(int64_t num_words, int64_t outputs, const Take& take, uint32_t* to) {
  WordBlock block = {};
  for (int64_t word = 0; word < num_words; word += kWordsABlock) {
    const int64_t count = std::min(kWordsABlock, num_words - word);
    for (int64_t o = 0; o < outputs; ++o) take(o, word, count, block[o]);
    for (int64_t w = 0; w < count; ++w, to += kPanelOutputs) {
      for (int64_t o = 0; o < kPanelOutputs; ++o) to[o] = block[o][w];
    }
  }
}

int64_t num_groups(const PanelLayout& layout) { return layout.inputs / layout.group; }

/// Unwritten; large ones ask for huge pages.
at::Tensor new_bytes(int64_t bytes) {
  if (bytes < kHugePage) return at::empty({bytes}, at::kByte);
  const int64_t whole_pages = (bytes + kHugePage - 1) / kHugePage * kHugePage;
  void* const memory = std::aligned_alloc(kHugePage, static_cast<size_t>(whole_pages));
  if (memory == nullptr) throw std::bad_alloc();
  madvise(memory, static_cast<size_t>(bytes), MADV_HUGEPAGE);  // advice: where it is not taken, pages stay small
  return at::from_blob(memory, {bytes}, [](void* held) { std::free(held); }, at::kByte);
}

/// Every byte is written by those who fill it: missing outputs get zeros.
at::Tensor new_panels(int64_t outputs, PanelLayout& layout) {
  layout.panel_bytes = num_groups(layout) * layout.group_bytes;
  return new_bytes(num_panels(outputs) * layout.panel_bytes).view({num_panels(outputs), layout.panel_bytes});
}

/// The numbers of every panel and group, from a matrix whose rows are whole words.
void pack_words(const at::Tensor& words_OW, const PanelLayout& layout, const at::Tensor& to_PB) {
  const int64_t outputs = words_OW.size(0), row_words = words_OW.size(1), groups = num_groups(layout);
  const int64_t group_words = row_words / groups;
  const int32_t* const from = words_OW.const_data_ptr<int32_t>();
  uint8_t* const to = to_PB.data_ptr<uint8_t>();
  at::parallel_for(
      0, to_PB.size(0) * groups, std::max<int64_t>(1, 4096 / group_words), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const int64_t panel = i / groups, group = i % groups, first = panel * kPanelOutputs;
          const auto take = [&](int64_t output, int64_t word, int64_t count, uint32_t* row) {
            std::memcpy(row, from + (first + output) * row_words + group * group_words + word,
                        static_cast<size_t>(count) * sizeof(uint32_t));
          };
          uint8_t* const start = to + panel * layout.panel_bytes + group * layout.group_bytes + layout.numbers_offset;
          turn_panel(group_words, std::min(kPanelOutputs, outputs - first), take, reinterpret_cast<uint32_t*>(start));
        }
      });
}

/// [panels, groups, bytes] of `count` bytes at `offset` in every group.
at::Tensor part_of_groups(const at::Tensor& panels_PB, const PanelLayout& layout, int64_t offset, int64_t count) {
  const int64_t groups = num_groups(layout);
  return panels_PB.narrow(1, 0, groups * layout.group_bytes)
      .unflatten(1, {groups, layout.group_bytes})
      .narrow(2, offset, count);
}

void check_matrix(const at::Tensor& weight_OI, const char* what) {
  if (weight_OI.defined() && weight_OI.dim() == 2 && weight_OI.is_cpu() && weight_OI.numel() > 0) return;
  throw InputError(cat("packed weight: ", what, " is ", weight_OI.defined() ? cat(weight_OI.sizes()) : "missing",
                       "; expected a matrix [outputs, inputs] on the CPU"));
}

/// [O, G] -> [panels, G, bytes of 64 outputs]; outputs that are not there are zero.
at::Tensor panel_order(const at::Tensor& numbers_OG) {
  const int64_t panels = num_panels(numbers_OG.size(0)), groups = numbers_OG.size(1);
  const at::Tensor padded = at::constant_pad_nd(numbers_OG, {0, 0, 0, panels * kPanelOutputs - numbers_OG.size(0)});
  return padded.view({panels, kPanelOutputs, groups}).transpose(1, 2).contiguous().view(at::kByte);
}

/// [panels, G, bytes of n x 64 numbers] -> [O, G * n].
at::Tensor from_panel_order(const at::Tensor& bytes, at::ScalarType type, int64_t outputs) {
  const at::Tensor numbers = bytes.contiguous().view(type).reshape({bytes.size(0), -1, kPanelOutputs});
  return numbers.transpose(1, 2).reshape({numbers.size(0) * kPanelOutputs, -1}).narrow(0, 0, outputs);
}

/// A contiguous matrix whose rows may be read as another type: a single column may have any stride otherwise.
at::Tensor dense(const at::Tensor& matrix) {
  const at::Tensor whole = matrix.contiguous();
  return whole.as_strided(whole.sizes(), {whole.size(1), 1});
}

at::Tensor as_words(const at::Tensor& numbers) { return dense(numbers).view(at::kInt); }

/// Scales as they are stored: float16 where that changes none of them.
at::Tensor stored_scales(const at::Tensor& scales_OG, bool& half) {
  const at::Tensor scales = scales_OG.to(at::kFloat), rounded = scales.to(at::kHalf);
  half = rounded.to(at::kFloat).equal(scales);
  return half ? rounded : scales;
}

/// Integers as they are stored: unsigned, so 128 (int4: 8) more than signed ones.
at::Tensor stored_integers(const at::Tensor& numbers, bool is_signed, WeightFormat format, const char* what) {
  const bool is_value = what[0] == 'v';
  if (is_value && format == WeightFormat::int8) {
    return is_signed ? numbers.contiguous().view(at::kByte).bitwise_xor(128) : numbers;  // all bytes fit
  }
  const int64_t most = format == WeightFormat::int4 && is_value ? 15 : 255;
  const at::Tensor wide = numbers.to(at::kInt);
  const at::Tensor moved = is_signed ? wide + (format == WeightFormat::int4 ? 8 : 128) : wide;
  const int64_t lowest = moved.min().item<int64_t>(), highest = moved.max().item<int64_t>();
  if (lowest < 0 || highest > most) {
    throw InputError(cat("packed weight: ", what, " of ", format_name(format), " lie in ", wide.min().item<int64_t>(),
                         "..", wide.max().item<int64_t>(), "; expected ", is_signed ? "signed" : "unsigned",
                         " numbers of ", most == 15 ? 4 : 8, " bits"));
  }
  return moved.to(at::kByte);
}

void check_groups(const IntegerWeight& weight) {
  check_matrix(weight.values_OI, "values");
  check_matrix(weight.scales_OG, "scales");
  const int64_t outputs = weight.values_OI.size(0), inputs = weight.values_OI.size(1);
  const int64_t groups = weight.scales_OG.size(1), group = inputs / groups;
  if (inputs % 32 != 0 || inputs % groups != 0 || (groups > 1 && group % 32 != 0)) {
    throw InputError(
        cat("packed weight: ", inputs, " inputs in ", groups,
            " groups; expected a multiple of 32 inputs, in groups of a multiple of 32: keep this weight in "
            "floats"));
  }
  const bool zeros_fit = !weight.zeros_OG.defined() || weight.zeros_OG.sizes() == weight.scales_OG.sizes();
  if (weight.scales_OG.size(0) != outputs || !zeros_fit) {
    throw InputError(cat("packed weight: values ", weight.values_OI.sizes(), ", scales ", weight.scales_OG.sizes(),
                         ", zeros ", weight.zeros_OG.defined() ? cat(weight.zeros_OG.sizes()) : "none",
                         "; expected one scale (and zero) for every output and group"));
  }
  const auto type = weight.values_OI.scalar_type();
  if (type != at::kByte && type != at::kChar) {
    throw InputError(cat("packed weight: values of type ", at::toString(type), "; expected uint8 or int8"));
  }
}

/// Inputs of a row that are rounded with one scale: as many as the weight's group allows, up to 128.
int64_t activation_group(int64_t group, bool is_row) {
  if (group <= 128 || is_row) return std::min<int64_t>(group, 128);
  return group % 128 == 0 ? 128 : group % 64 == 0 ? 64 : 32;
}

/// Bytes of two steps of four inputs in one: the first step in the lower halves.
at::Tensor join_halves(const at::Tensor& values_OI) {
  const at::Tensor steps = values_OI.reshape({values_OI.size(0), -1, 2, 4});
  return (steps.select(2, 0) + steps.select(2, 1) * 16).reshape({values_OI.size(0), -1});
}

at::Tensor split_halves(const at::Tensor& bytes) {
  const at::Tensor steps = bytes.reshape({bytes.size(0), -1, 4});
  return at::stack({steps.bitwise_and(15), steps.div(16, "floor").to(at::kByte)}, 2).reshape({bytes.size(0), -1});
}

}  // namespace

const char* format_name(WeightFormat format) {
  switch (format) {
    case WeightFormat::float32:
      return "float32";
    case WeightFormat::bfloat16:
      return "bfloat16";
    case WeightFormat::int8:
      return "int8";
    case WeightFormat::int4:
      return "int4";
  }
  return "unknown";
}

PackedWeight::PackedWeight(const at::Tensor& weight_OI, WeightFormat format) : format_(format) {
  check_matrix(weight_OI, "weight");
  R1V_CHECK(format == WeightFormat::float32 || format == WeightFormat::bfloat16, "integers come with scales");
  outputs_ = weight_OI.size(0);
  layout_.inputs = layout_.group = layout_.activation_group = weight_OI.size(1);
  const int64_t words = format == WeightFormat::float32 ? inputs() : (inputs() + 1) / 2;
  layout_.group_bytes = words * 4 * kPanelOutputs;
  panels_ = new_panels(outputs_, layout_);
  assign(weight_OI);
}

void PackedWeight::assign(const at::Tensor& weight_OI) {
  const bool is_float32 = format_ == WeightFormat::float32;
  R1V_CHECK(is_float32 || format_ == WeightFormat::bfloat16, "integers come with scales");
  R1V_CHECK(weight_OI.dim() == 2 && weight_OI.size(0) == outputs_ && weight_OI.size(1) == inputs(),
            "a packed weight of another shape");
  at::Tensor numbers_OI = weight_OI.detach().to(is_float32 ? at::kFloat : at::kBFloat16);
  if (!is_float32 && inputs() % 2 != 0) numbers_OI = at::constant_pad_nd(numbers_OI, {0, 1});
  pack_words(as_words(numbers_OI), layout_, panels_);
}

PackedWeight PackedWeight::outputs(int64_t first, int64_t count) const {
  R1V_CHECK(first % kPanelOutputs == 0 && first >= 0 && count > 0 && first + count <= outputs_, "outputs ", first,
            " to ", first + count, " of ", outputs_);
  PackedWeight part = *this;
  part.outputs_ = count;
  part.panels_ = panels_.narrow(0, first / kPanelOutputs, num_panels(count));
  return part;
}

PackedWeight::PackedWeight(const IntegerWeight& weight, WeightFormat format) : format_(format) {
  check_groups(weight);
  R1V_CHECK(format == WeightFormat::int8 || format == WeightFormat::int4, "floats come without scales");
  const bool is_signed = weight.values_OI.scalar_type() == at::kChar;
  outputs_ = weight.values_OI.size(0);
  layout_.inputs = weight.values_OI.size(1);
  const int64_t groups = weight.scales_OG.size(1);
  layout_.group = inputs() / groups;
  layout_.activation_group = activation_group(group(), groups == 1);
  const at::Tensor given_zeros = weight.zeros_OG.defined() ? weight.zeros_OG : at::zeros_like(weight.scales_OG);
  const at::Tensor zeros = stored_integers(given_zeros, is_signed, format, "zero points");
  const uint8_t common = zeros.flatten()[0].item<uint8_t>();
  std::memset(layout_.common_zeros, common, sizeof(layout_.common_zeros));
  layout_.has_zeros = !zeros.eq(common).all().item<bool>();
  const at::Tensor values = stored_integers(weight.values_OI, is_signed, format, "values");
  const at::Tensor words_OW = as_words(format == WeightFormat::int4 ? join_halves(values) : values);
  const at::Tensor scales = stored_scales(weight.scales_OG, layout_.half_scales);
  layout_.zeros_offset = kPanelOutputs * scales.element_size();
  layout_.numbers_offset = layout_.zeros_offset + (layout_.has_zeros ? kPanelOutputs : 0);
  layout_.group_bytes = layout_.numbers_offset + words_OW.size(1) / groups * 4 * kPanelOutputs;
  panels_ = new_panels(outputs_, layout_);
  pack_words(words_OW, layout_, panels_);
  part_of_groups(panels_, layout_, 0, layout_.zeros_offset).copy_(panel_order(scales));
  if (layout_.has_zeros) {
    part_of_groups(panels_, layout_, layout_.zeros_offset, kPanelOutputs).copy_(panel_order(zeros));
  }
}

void PackedWeight::gather(const std::vector<PackedWeight*>& all) {
  const auto room = [](const PackedWeight& weight) { return (weight.bytes() + 63) / 64 * 64; };
  std::vector<PackedWeight*> weights;
  int64_t bytes = 0;
  for (PackedWeight* weight : all) {
    if (weight->bytes() >= kFillsItsPages) continue;
    weights.push_back(weight);
    bytes += room(*weight);
  }
  const at::Tensor block = new_bytes(bytes);
  int64_t offset = 0;
  for (PackedWeight* weight : weights) {
    const at::Tensor place = block.narrow(0, offset, weight->bytes()).view(weight->panels_.sizes());
    weight->panels_ = place.copy_(weight->panels_);
    offset += room(*weight);
  }
}

at::Tensor PackedWeight::unpack() const {
  R1V_CHECK(panels_.defined(), "an empty packed weight");
  const auto part = [&](int64_t begin, int64_t end, at::ScalarType type) {
    return dense(from_panel_order(part_of_groups(panels_, layout_, begin, end - begin), type, outputs_));
  };
  const at::Tensor rows = part(layout_.numbers_offset, layout_.group_bytes, at::kInt);
  if (format_ == WeightFormat::float32) return rows.view(at::kFloat);
  if (format_ == WeightFormat::bfloat16) return rows.view(at::kBFloat16).narrow(1, 0, inputs()).to(at::kFloat);
  const at::Tensor scales =
      part(0, layout_.zeros_offset, layout_.half_scales ? at::kHalf : at::kFloat).to(at::kFloat).unsqueeze(2);
  const at::Tensor zeros =
      layout_.has_zeros
          ? part(layout_.zeros_offset, layout_.zeros_offset + kPanelOutputs, at::kByte).to(at::kFloat).unsqueeze(2)
          : at::full_like(scales, layout_.common_zeros[0]);
  const at::Tensor bytes = rows.view(at::kByte);
  const at::Tensor values = format_ == WeightFormat::int4 ? split_halves(bytes) : bytes;
  const at::Tensor grouped = values.reshape({outputs_, num_groups(layout_), group()}).to(at::kFloat);
  return ((grouped - zeros) * scales).reshape({outputs_, inputs()});
}

}  // namespace r1v
