// Stacks, quantises and packs.
#include "models/weight_reader.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/file.h"
#include "kernels/packed_product.h"

namespace r1v {
namespace {

constexpr int64_t kInt4Group = 32;
constexpr int64_t kSmallestGroup = 32;  // what integer panels are made of

bool is_integer(WeightFormat format) { return format == WeightFormat::int8 || format == WeightFormat::int4; }

/// Unsigned bytes around 128 become signed ones around 0; the sum of both shifts is nothing.
IntegerWeight signed_bytes(const IntegerGroups& groups) {
  const at::Tensor zeros = groups.zeros_OG.defined() ? groups.zeros_OG.to(at::kInt) : at::zeros({1, 1}, at::kInt);
  return {.values_OI = (groups.values_OI.to(at::kShort) - 128).to(at::kChar),
          .scales_OG = groups.scales_OG,
          .zeros_OG = (zeros - 128).expand_as(groups.scales_OG)};
}

/// Nibbles when every value is one. The two kinds of integers have one form each.
std::optional<PackedWeight> packed_integers(const IntegerGroups& groups, PackedMemory* memory) {
  const int64_t inputs = groups.values_OI.size(1), num_groups = groups.scales_OG.size(1);
  const int64_t group = inputs / num_groups;
  if (inputs % num_groups != 0 || inputs % kSmallestGroup != 0 || group % kSmallestGroup != 0) return std::nullopt;
  if (groups.values_OI.scalar_type() == at::kChar) {
    return PackedWeight({groups.values_OI, groups.scales_OG, groups.zeros_OG}, WeightFormat::int8, memory);
  }
  if (groups.values_OI.max().item<int64_t>() > 15)
    return PackedWeight(signed_bytes(groups), WeightFormat::int8, memory);
  const at::Tensor zeros =
      groups.zeros_OG.defined() ? groups.zeros_OG.expand_as(groups.scales_OG).contiguous() : at::Tensor();
  return PackedWeight({groups.values_OI, groups.scales_OG, zeros}, WeightFormat::int4, memory);
}

void round_rows(const at::Tensor& rows_OI, const IntegerRows::Place& to) {
  constexpr int64_t kRows = 16;  // as floats, they stay in the second cache
  const int64_t inputs = rows_OI.size(1);
  for (int64_t begin = 0; begin < rows_OI.size(0); begin += kRows) {
    const int64_t count = std::min(kRows, rows_OI.size(0) - begin);
    const at::Tensor some = rows_OI.narrow(0, begin, count).to(at::kFloat).contiguous();
    for (int64_t row = 0; row < count; ++row) {
      round_to_int8(some.const_data_ptr<float>() + row * inputs, inputs, inputs,
                    reinterpret_cast<int8_t*>(to.values + (begin + row) * inputs),
                    reinterpret_cast<float*>(to.scales) + begin + row);
    }
  }
  auto* const words = reinterpret_cast<uint64_t*>(to.values);  // signed ones move up by 128
  for (int64_t i = 0; i < rows_OI.numel() / 8; ++i) words[i] ^= 0x8080808080808080;
}

template <typename Number>
void copy_numbers(const at::Tensor& from, Number* to) {
  const at::Tensor numbers = from.contiguous();
  std::memcpy(to, numbers.const_data_ptr(), numbers.nbytes());
}

/// Plain numbers that are rounded while they are read: int8 by row, int4 in groups.
IntegerRows rounded(const FloatRows& rows, WeightFormat format) {
  IntegerRows integers{.outputs = rows.outputs, .inputs = rows.inputs, .mapped = rows.mapped};
  if (format == WeightFormat::int8) {
    integers.zero = 128;
    integers.read = [read = rows.read](int64_t first, int64_t count, const IntegerRows::Place& to) {
      round_rows(read(first, count), to);
    };
    return integers;
  }
  integers.groups = rows.inputs / kInt4Group;
  integers.bits = 4;
  integers.half_scales = true;
  integers.read = [read = rows.read](int64_t first, int64_t count, const IntegerRows::Place& to) {
    const IntegerGroups groups = quantise_groups(read(first, count).to(at::kFloat), kInt4Group, /*bits=*/4);
    copy_numbers(groups.values_OI, to.values);
    copy_numbers(groups.scales_OG, to.scales);
    copy_numbers(groups.zeros_OG, to.zeros);
  };
  return integers;
}

/// Calls visit(part, first row in it, rows, rows before) for the parts of a stack that hold rows `first`, ...
template <typename Rows, typename Visit>
void each_part(const std::vector<Rows>& parts, int64_t first, int64_t count, const Visit& visit) {
  int64_t begin = 0, done = 0;
  for (const Rows& part : parts) {
    const int64_t from = std::max(first, begin), to = std::min(first + count, begin + part.outputs);
    if (from < to) {
      visit(part, from - begin, to - from, done);
      done += to - from;
    }
    begin += part.outputs;
  }
}

FloatRows joined(const std::vector<FloatRows>& parts) {
  if (parts.size() == 1) return parts.front();
  FloatRows all{.inputs = parts.front().inputs};
  for (const FloatRows& part : parts) {
    R1V_CHECK(part.inputs == all.inputs, "stacked matrices of different inputs");
    all.outputs += part.outputs;
  }
  all.read = [parts](int64_t first, int64_t count) {
    std::vector<at::Tensor> rows;
    each_part(parts, first, count, [&](const FloatRows& part, int64_t from, int64_t number, int64_t) {
      rows.push_back(part.read(from, number));
    });
    return rows.size() == 1 ? rows.front() : at::cat(rows);
  };
  return all;
}

/// None where they do not fit together.
std::optional<IntegerRows> joined(const std::vector<IntegerRows>& parts) {
  if (parts.size() == 1) return parts.front();
  IntegerRows all = parts.front();
  all.outputs = 0;
  for (const IntegerRows& part : parts) {
    const bool is_alike = part.inputs == all.inputs && part.groups == all.groups && part.bits == all.bits &&
                          part.half_scales == all.half_scales && part.zero == all.zero;
    if (!is_alike) return std::nullopt;
    all.outputs += part.outputs;
  }
  all.read = [parts](int64_t first, int64_t count, const IntegerRows::Place& to) {
    each_part(parts, first, count, [&](const IntegerRows& part, int64_t from, int64_t number, int64_t done) {
      part.read(from, number,
                {.values = to.values + done * part.inputs,
                 .scales = to.scales + done * part.groups * part.scale_bytes(),
                 .zeros = to.zeros + (part.zero ? 0 : done * part.groups)});
    });
  };
  return all;
}

}  // namespace

PackFormats pack_formats(WeightFormat asked) {
  PackFormats formats{.language = asked, .first_layers = asked, .head = asked, .vision = asked};
  if (asked == WeightFormat::int8) formats.first_layers = WeightFormat::bfloat16;
  if (asked == WeightFormat::int4) {
    formats.head = WeightFormat::int8;
    formats.vision = WeightFormat::bfloat16;
  }
  return formats;
}

at::Tensor WeightReader::stored(const std::string& parameter) const {
  return checkpoint_->tensor(stored_name(parameter));
}

std::function<at::Tensor(const at::Tensor&)> WeightReader::table(const std::string& parameter) const {
  return [checkpoint = checkpoint_, name = stored_name(parameter)](const at::Tensor& ids_T) {
    return checkpoint->rows(name, ids_T).to(at::kFloat);
  };
}

at::Tensor WeightReader::numbers(const std::string& parameter) const {
  const at::Tensor mapped = stored(parameter);
  at::Tensor own = mapped.to(at::kCPU, at::kFloat, /*non_blocking=*/false, /*copy=*/true).contiguous();
  release_mapped_pages({static_cast<const std::byte*>(mapped.const_data_ptr()), mapped.nbytes()});
  return own;
}

std::optional<PackedWeight> WeightReader::stored_integers(const std::vector<std::string>& parameters) const {
  std::vector<at::Tensor> values, scales, zeros;
  for (const std::string& parameter : parameters) {
    const std::optional<IntegerGroups> one = checkpoint_->integers(stored_name(parameter));
    if (!one) return std::nullopt;
    const bool is_alike = values.empty() || (one->values_OI.scalar_type() == values.front().scalar_type() &&
                                             one->scales_OG.size(1) == scales.front().size(1) &&
                                             one->zeros_OG.defined() == !zeros.empty());
    if (!is_alike) return std::nullopt;
    values.push_back(one->values_OI);
    scales.push_back(one->scales_OG);
    if (one->zeros_OG.defined()) zeros.push_back(one->zeros_OG.expand_as(one->scales_OG));
  }
  const auto whole = [](const std::vector<at::Tensor>& parts) {
    return parts.size() == 1 ? parts.front() : parts.empty() ? at::Tensor() : at::cat(parts);
  };
  return packed_integers({.values_OI = whole(values), .scales_OG = whole(scales), .zeros_OG = whole(zeros)},
                         memory_.get());
}

std::optional<PackedWeight> WeightReader::stored_integer_rows(const std::vector<std::string>& parameters) const {
  std::vector<IntegerRows> parts;
  for (const std::string& parameter : parameters) {
    std::optional<IntegerRows> rows = checkpoint_->integer_rows(stored_name(parameter));
    if (!rows || rows->inputs % kSmallestGroup != 0) return std::nullopt;
    parts.push_back(std::move(*rows));
  }
  const std::optional<IntegerRows> all = joined(parts);
  if (!all) return std::nullopt;
  PackedWeight packed(*all, memory_.get());
  for (const IntegerRows& part : parts) release_mapped_pages(part.mapped);
  return packed;
}

std::vector<FloatRows> WeightReader::rows_of(const std::vector<std::string>& parameters) const {
  std::vector<FloatRows> parts;
  for (const std::string& parameter : parameters) parts.push_back(checkpoint_->float_rows(stored_name(parameter)));
  return parts;
}

FloatRows WeightReader::stacked_rows(const std::vector<std::string>& parameters) const {
  return joined(rows_of(parameters));
}

PackedWeight WeightReader::stacked(const std::vector<std::string>& parameters, WeightFormat format) const {
  if (std::optional<PackedWeight> integers = stored_integer_rows(parameters)) return std::move(*integers);
  if (std::optional<PackedWeight> integers = stored_integers(parameters)) return std::move(*integers);
  const std::vector<FloatRows> parts = rows_of(parameters);
  const FloatRows rows = joined(parts);
  const bool has_groups = rows.inputs % kSmallestGroup == 0;
  if (!has_groups && format != WeightFormat::bfloat16) format = WeightFormat::float32;
  PackedWeight packed = is_integer(format) ? PackedWeight(rounded(rows, format), memory_.get())
                                           : PackedWeight(rows, format, memory_.get());
  for (const FloatRows& part : parts) release_mapped_pages(part.mapped);
  return packed;
}

}  // namespace r1v
