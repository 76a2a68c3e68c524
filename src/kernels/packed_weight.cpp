// Lays weights out in panels of 64 outputs, and back.
#include "kernels/packed_weight.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "kernels/packed_panels.h"

namespace r1v {
namespace {

constexpr int64_t kSmallestGroup = 32;

int64_t num_groups(const PanelLayout& layout) { return layout.inputs / layout.group; }

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

void check_groups(int64_t inputs, int64_t groups) {
  const int64_t group = inputs / groups;
  if (inputs % kSmallestGroup != 0 || inputs % groups != 0 || (groups > 1 && group % kSmallestGroup != 0)) {
    throw InputError(
        cat("packed weight: ", inputs, " inputs in ", groups,
            " groups; expected a multiple of 32 inputs, in groups of a multiple of 32: keep this weight in "
            "floats"));
  }
}

void check_parts(const IntegerWeight& weight) {
  check_matrix(weight.values_OI, "values");
  check_matrix(weight.scales_OG, "scales");
  const bool zeros_fit = !weight.zeros_OG.defined() || weight.zeros_OG.sizes() == weight.scales_OG.sizes();
  if (weight.scales_OG.size(0) != weight.values_OI.size(0) || !zeros_fit) {
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

/// Bytes that hold two steps of four inputs, the first in the lower halves.
at::Tensor split_halves(const at::Tensor& bytes) {
  const at::Tensor steps = bytes.reshape({bytes.size(0), -1, 4});
  return at::stack({steps.bitwise_and(15), steps.div(16, "floor").to(at::kByte)}, 2).reshape({bytes.size(0), -1});
}

/// Rows of tensors that hold what is stored: unsigned values and zeros, scales of their stored type.
void copy_rows(const at::Tensor& matrix, int64_t first, int64_t count, void* to) {
  if (to == nullptr) return;
  const auto row_bytes = static_cast<int64_t>(matrix.nbytes()) / matrix.size(0);
  std::memcpy(to, static_cast<const std::byte*>(matrix.const_data_ptr()) + first * row_bytes,
              static_cast<size_t>(count * row_bytes));
}

IntegerRows rows_of(const IntegerWeight& weight, WeightFormat format) {
  check_parts(weight);
  check_groups(weight.values_OI.size(1), weight.scales_OG.size(1));
  R1V_CHECK(format == WeightFormat::int8 || format == WeightFormat::int4, "floats come without scales");
  const bool is_signed = weight.values_OI.scalar_type() == at::kChar;
  IntegerRows rows{.outputs = weight.values_OI.size(0),
                   .inputs = weight.values_OI.size(1),
                   .groups = weight.scales_OG.size(1),
                   .bits = format == WeightFormat::int8 ? 8 : 4};
  const at::Tensor given_zeros = weight.zeros_OG.defined() ? weight.zeros_OG : at::zeros_like(weight.scales_OG);
  at::Tensor zeros = stored_integers(given_zeros, is_signed, format, "zero points").contiguous();
  const uint8_t first_zero = zeros.flatten()[0].item<uint8_t>();
  if (zeros.eq(first_zero).all().item<bool>()) rows.zero = first_zero;
  const at::Tensor values = stored_integers(weight.values_OI, is_signed, format, "values").contiguous();
  const at::Tensor scales = stored_scales(weight.scales_OG, rows.half_scales).contiguous();
  if (rows.zero) zeros.reset();
  rows.read = [values, scales, zeros](int64_t first, int64_t count, const IntegerRows::Place& to) {
    copy_rows(values, first, count, to.values);
    copy_rows(scales, first, count, to.scales);
    if (zeros.defined()) copy_rows(zeros, first, count, to.zeros);
  };
  return rows;
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

FloatRows rows_of(const at::Tensor& weight_OI) {
  const at::Tensor matrix_OI = weight_OI.detach().flatten(1);
  return {.outputs = matrix_OI.size(0),
          .inputs = matrix_OI.size(1),
          .read = [matrix_OI](int64_t first, int64_t count) { return matrix_OI.narrow(0, first, count); },
          .mapped = {}};
}

/// Every byte is written by those who fill it.
void PackedWeight::make_room(PackedMemory* memory) {
  layout_.panel_bytes = num_groups(layout_) * layout_.group_bytes;
  const int64_t panels = num_panels(outputs_), bytes = panels * layout_.panel_bytes;
  const at::Tensor room = memory != nullptr ? memory->bytes(bytes) : at::empty({bytes}, at::kByte);
  panels_ = room.view({panels, layout_.panel_bytes});
}

PackedWeight::PackedWeight(const FloatRows& rows, WeightFormat format, PackedMemory* memory)
    : format_(format), outputs_(rows.outputs) {
  R1V_CHECK(format == WeightFormat::float32 || format == WeightFormat::bfloat16, "integers come with scales");
  layout_.inputs = layout_.group = layout_.activation_group = rows.inputs;
  const int64_t words = format == WeightFormat::float32 ? inputs() : (inputs() + 1) / 2;
  layout_.group_bytes = words * 4 * kPanelOutputs;
  make_room(memory);
  assign(rows);
}

PackedWeight::PackedWeight(const at::Tensor& weight_OI, WeightFormat format, PackedMemory* memory) {
  check_matrix(weight_OI, "weight");
  *this = PackedWeight(rows_of(weight_OI), format, memory);
}

void PackedWeight::assign(const FloatRows& rows) {
  const bool is_float32 = format_ == WeightFormat::float32;
  R1V_CHECK(is_float32 || format_ == WeightFormat::bfloat16, "integers come with scales");
  R1V_CHECK(rows.outputs == outputs_ && rows.inputs == inputs(), "a packed weight of another shape");
  write_float_panels(rows, is_float32 ? at::kFloat : at::kBFloat16, layout_, panels_.data_ptr<uint8_t>());
}

PackedWeight PackedWeight::outputs(int64_t first, int64_t count) const {
  R1V_CHECK(first % kPanelOutputs == 0 && first >= 0 && count > 0 && first + count <= outputs_, "outputs ", first,
            " to ", first + count, " of ", outputs_);
  PackedWeight part = *this;
  part.outputs_ = count;
  part.panels_ = panels_.narrow(0, first / kPanelOutputs, num_panels(count));
  return part;
}

PackedWeight::PackedWeight(const IntegerRows& rows, PackedMemory* memory)
    : format_(rows.bits == 8 ? WeightFormat::int8 : WeightFormat::int4), outputs_(rows.outputs) {
  R1V_CHECK(rows.bits == 8 || rows.bits == 4, "integers of ", rows.bits, " bits");
  check_groups(rows.inputs, rows.groups);
  layout_.inputs = rows.inputs;
  layout_.group = rows.inputs / rows.groups;
  layout_.activation_group = activation_group(group(), rows.groups == 1);
  layout_.half_scales = rows.half_scales;
  layout_.has_zeros = !rows.zero;
  std::memset(layout_.common_zeros, rows.zero.value_or(0), sizeof(layout_.common_zeros));
  layout_.zeros_offset = kPanelOutputs * rows.scale_bytes();
  layout_.numbers_offset = layout_.zeros_offset + (layout_.has_zeros ? kPanelOutputs : 0);
  layout_.group_bytes = layout_.numbers_offset + group() * rows.bits / 8 * kPanelOutputs;
  make_room(memory);
  write_integer_panels(rows, layout_, panels_.data_ptr<uint8_t>());
}

PackedWeight::PackedWeight(const IntegerWeight& weight, WeightFormat format, PackedMemory* memory)
    : PackedWeight(rows_of(weight, format), memory) {}

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
