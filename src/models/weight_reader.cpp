// Stacks, quantises and packs.
#include "models/weight_reader.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"

namespace r1v {
namespace {

constexpr int64_t kInt4Group = 32;
constexpr int64_t kSmallestGroup = 32;  // what integer panels are made of

void give_back(const at::Tensor& mapped) {
  release_mapped_pages({static_cast<const std::byte*>(mapped.const_data_ptr()), mapped.nbytes()});
}

/// Unsigned bytes around 128 become signed ones around 0; the sum of both shifts is nothing.
IntegerWeight signed_bytes(const IntegerGroups& groups) {
  const at::Tensor zeros = groups.zeros_OG.defined() ? groups.zeros_OG.to(at::kInt) : at::zeros({1, 1}, at::kInt);
  return {.values_OI = (groups.values_OI.to(at::kShort) - 128).to(at::kChar),
          .scales_OG = groups.scales_OG,
          .zeros_OG = (zeros - 128).expand_as(groups.scales_OG)};
}

/// Nibbles when every value is one. The two kinds of integers have one form each.
std::optional<PackedWeight> packed_integers(const IntegerGroups& groups) {
  const int64_t inputs = groups.values_OI.size(1), num_groups = groups.scales_OG.size(1);
  const int64_t group = inputs / num_groups;
  if (inputs % num_groups != 0 || inputs % kSmallestGroup != 0 || group % kSmallestGroup != 0) return std::nullopt;
  if (groups.values_OI.scalar_type() == at::kChar) {
    return PackedWeight({groups.values_OI, groups.scales_OG, groups.zeros_OG}, WeightFormat::int8);
  }
  if (groups.values_OI.max().item<int64_t>() > 15) return PackedWeight(signed_bytes(groups), WeightFormat::int8);
  const at::Tensor zeros =
      groups.zeros_OG.defined() ? groups.zeros_OG.expand_as(groups.scales_OG).contiguous() : at::Tensor();
  return PackedWeight({groups.values_OI, groups.scales_OG, zeros}, WeightFormat::int4);
}

/// Few rows at a time: they stay in the cache from step to step, and a vocabulary in float32 would be larger than the
/// whole result.
IntegerGroups quantised(const at::Tensor& weight_OI, WeightFormat format) {
  constexpr int64_t kRows = 256;
  std::vector<at::Tensor> values, scales, zeros;
  for (int64_t begin = 0; begin < weight_OI.size(0); begin += kRows) {
    const at::Tensor rows_OI =
        weight_OI.narrow(0, begin, std::min(kRows, weight_OI.size(0) - begin)).to(at::kFloat).contiguous();
    const IntegerGroups groups = format == WeightFormat::int8 ? quantise_rows(rows_OI, at::kFloat)
                                                              : quantise_groups(rows_OI, kInt4Group, /*bits=*/4);
    values.push_back(groups.values_OI);
    scales.push_back(groups.scales_OG);
    if (groups.zeros_OG.defined()) zeros.push_back(groups.zeros_OG);
  }
  return {.values_OI = at::cat(values),
          .scales_OG = at::cat(scales),
          .zeros_OG = zeros.empty() ? at::Tensor() : at::cat(zeros)};
}

}  // namespace

PackFormats pack_formats(WeightFormat asked) {
  if (asked != WeightFormat::int4) return {.language = asked, .head = asked, .vision = asked};
  return {.language = WeightFormat::int4, .head = WeightFormat::int8, .vision = WeightFormat::bfloat16};
}

at::Tensor WeightReader::stored(const std::string& parameter) const {
  return checkpoint_->tensor(match_.stored_name.at(parameter));
}

std::function<at::Tensor(const at::Tensor&)> WeightReader::table(const std::string& parameter) const {
  return [checkpoint = checkpoint_, name = match_.stored_name.at(parameter)](const at::Tensor& ids_T) {
    return checkpoint->rows(name, ids_T).to(at::kFloat);
  };
}

at::Tensor WeightReader::numbers(const std::string& parameter) const {
  const at::Tensor mapped = stored(parameter);
  at::Tensor own = mapped.to(at::kCPU, at::kFloat, /*non_blocking=*/false, /*copy=*/true).contiguous();
  give_back(mapped);
  return own;
}

std::optional<PackedWeight> WeightReader::stored_integers(const std::vector<std::string>& parameters) const {
  std::vector<at::Tensor> values, scales, zeros;
  for (const std::string& parameter : parameters) {
    const std::optional<IntegerGroups> one = checkpoint_->integers(match_.stored_name.at(parameter));
    if (!one) return std::nullopt;
    const bool is_alike = values.empty() || (one->values_OI.scalar_type() == values.front().scalar_type() &&
                                             one->scales_OG.size(1) == scales.front().size(1) &&
                                             one->zeros_OG.defined() == !zeros.empty());
    if (!is_alike) return std::nullopt;
    values.push_back(one->values_OI);
    scales.push_back(one->scales_OG);
    if (one->zeros_OG.defined()) zeros.push_back(one->zeros_OG.expand_as(one->scales_OG));
  }
  const auto joined = [](const std::vector<at::Tensor>& parts) {
    return parts.size() == 1 ? parts.front() : parts.empty() ? at::Tensor() : at::cat(parts);
  };
  return packed_integers({.values_OI = joined(values), .scales_OG = joined(scales), .zeros_OG = joined(zeros)});
}

at::Tensor WeightReader::stacked_numbers(const std::vector<std::string>& parameters) const {
  std::vector<at::Tensor> matrices;
  for (const std::string& parameter : parameters) matrices.push_back(stored(parameter).flatten(1));
  return matrices.size() == 1 ? matrices.front() : at::cat(matrices);
}

PackedWeight WeightReader::stacked(const std::vector<std::string>& parameters, WeightFormat format) const {
  if (std::optional<PackedWeight> integers = stored_integers(parameters)) return std::move(*integers);
  std::vector<at::Tensor> matrices;
  for (const std::string& parameter : parameters) matrices.push_back(stored(parameter).flatten(1));
  const at::Tensor weight_OI = matrices.size() == 1 ? matrices.front() : at::cat(matrices);
  const bool has_groups = weight_OI.size(1) % kSmallestGroup == 0;
  if (!has_groups && format != WeightFormat::bfloat16) format = WeightFormat::float32;
  PackedWeight packed;
  if (format == WeightFormat::int8 || format == WeightFormat::int4) {
    packed = packed_integers(quantised(weight_OI, format)).value();
  } else {
    packed =
        PackedWeight(weight_OI.to(format == WeightFormat::bfloat16 ? at::kBFloat16 : at::kFloat).contiguous(), format);
  }
  for (const at::Tensor& mapped : matrices) give_back(mapped);
  return packed;
}

}  // namespace r1v
