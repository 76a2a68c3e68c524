// What the tensors of each form look like and mean. W = 32 / bits values a word, G groups of input features:
//   awq             qweight int32 [I, O / 8], qzeros int32 [G, O / 8], scales [G, O]; nibbles interleaved
//   gptq            qweight int32 [I / W, O], qzeros int32 [G, O / W], scales [G, O], g_idx int32 [I] (may be missing)
//   int_quantized   weight int8 [O, I], weight_scale [O, G]
//   pack_quantized  weight_packed int32 [O, I / W rounded up], weight_scale [O, G], weight_shape int [2] = O, I
// source: AutoAWQ 0.2.9 modules/linear/gemm.py; GPTQModel nn_modules/qlinear and utils/model.py (the v1 zero points);
// compressed-tensors 0.20 compressors/{naive,pack}_quantized.
#include "models/quantized_layer.h"

#include "base/error.h"
#include "io/packed_integers.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace r1v {
namespace {

constexpr int64_t kWordBits = 32;

/// The parts of one layer, each checked when it is asked for.
class Parts {
 public:
  Parts(const Checkpoint& files, const std::string& stem, QuantizedLayer& layer)
      : files_(files), stem_(stem), layer_(layer) {}

  bool has(const char* part) const { return files_.has(name(part)); }

  /// A part with two positive sizes.
  std::vector<int64_t> matrix(const char* part, at::ScalarType dtype) {
    const TensorInfo& info = take(part);
    if (info.dtype != dtype || info.shape.size() != 2 || info.shape[0] < 1 || info.shape[1] < 1) {
      refuse(part, info, cat(dtype_name(dtype), " with two sizes above zero"));
    }
    return info.shape;
  }

  void expect(const char* part, at::ScalarType dtype, const std::vector<int64_t>& shape) {
    const TensorInfo& info = take(part);
    if (info.dtype != dtype || info.shape != shape) refuse(part, info, cat(shape_text(shape), " ", dtype_name(dtype)));
  }

  void expect_scales(const char* part, const std::vector<int64_t>& shape) {
    const TensorInfo& info = take(part);
    const bool one_a_row = info.shape.size() == 1 && shape[1] == 1 && info.shape[0] == shape[0];
    if (!at::isFloatingType(info.dtype) || (info.shape != shape && !one_a_row)) {
      refuse(part, info, cat(shape_text(shape), " of floating point"));
    }
  }

  /// weight_shape: two integers.
  std::vector<int64_t> read_shape(const char* part) {
    const TensorInfo& info = take(part);
    if (!at::isIntegralType(info.dtype, /*includeBool=*/false) || info.shape != std::vector<int64_t>{2}) {
      refuse(part, info, "two integers");
    }
    const at::Tensor sizes = files_.tensor(name(part)).to(at::kLong);
    return {sizes.const_data_ptr<int64_t>()[0], sizes.const_data_ptr<int64_t>()[1]};
  }

  int64_t groups(int64_t inputs, int64_t group_size, bool last_may_be_short) const {
    if (group_size == kWholeRow || group_size == inputs) return 1;
    if (inputs % group_size != 0 && !last_may_be_short) {
      throw InputError(cat(where(), inputs, " input features are not a multiple of group_size ", group_size));
    }
    return (inputs + group_size - 1) / group_size;
  }

  void divides(int64_t outputs, int64_t a_word) const {
    if (outputs % a_word == 0) return;
    throw InputError(cat(where(), outputs, " output features do not fill the words of qzeros, ", a_word, " each"));
  }

  void finish(int64_t outputs, int64_t inputs, int64_t num_groups, const std::string& form) {
    layer_.weight.dtype = at::kFloat;
    layer_.weight.shape = {outputs, inputs};
    layer_.weight.form = form;
    layer_.num_groups = num_groups;
  }

  std::string where() const { return cat(files_.folder().string(), ": quantised layer \"", printable(stem_), "\": "); }

 private:
  std::string name(const char* part) const { return cat(stem_, ".", part); }

  const TensorInfo& take(const char* part) {
    if (!has(part)) throw InputError(cat(where(), "tensor \"", part, "\" is missing"));
    layer_.parts.push_back(name(part));
    const TensorInfo& info = files_.info(name(part));
    layer_.weight.bytes += static_cast<int64_t>(info.end - info.begin);
    return info;
  }

  [[noreturn]] void refuse(const char* part, const TensorInfo& info, const std::string& expected) const {
    throw InputError(cat(where(), part, " is ", shape_text(info.shape), " ", dtype_name(info.dtype), ", expected ",
                         expected, "; does quantization_config belong to these weights?"));
  }

  const Checkpoint& files_;
  const std::string& stem_;
  QuantizedLayer& layer_;
};

std::string group_text(int64_t group_size) {
  return group_size == kWholeRow ? std::string(" by row") : cat(" g", group_size);
}

void check_awq(Parts& parts, const QuantizationConfig& config) {
  const std::vector<int64_t> words = parts.matrix("qweight", at::kInt);
  const int64_t inputs = words[0], outputs = words[1] * (kWordBits / config.bits);
  const int64_t num_groups = parts.groups(inputs, config.group_size, /*last_may_be_short=*/false);
  parts.expect("qzeros", at::kInt, {num_groups, words[1]});
  parts.expect_scales("scales", {num_groups, outputs});
  parts.finish(outputs, inputs, num_groups, cat("awq int", config.bits, group_text(config.group_size)));
}

void check_gptq(Parts& parts, const QuantizationConfig& config) {
  const int64_t a_word = kWordBits / config.bits;
  const std::vector<int64_t> words = parts.matrix("qweight", at::kInt);
  const int64_t inputs = words[0] * a_word, outputs = words[1];
  parts.divides(outputs, a_word);
  const bool has_index = parts.has("g_idx");
  const int64_t num_groups = parts.groups(inputs, config.group_size, /*last_may_be_short=*/has_index);
  parts.expect("qzeros", at::kInt, {num_groups, outputs / a_word});
  parts.expect_scales("scales", {num_groups, outputs});
  if (has_index) parts.expect("g_idx", at::kInt, {inputs});
  parts.finish(outputs, inputs, num_groups, cat("gptq int", config.bits, group_text(config.group_size)));
}

void check_int(Parts& parts, const QuantizationConfig& config) {
  const std::vector<int64_t> shape = parts.matrix("weight", at::kChar);
  const int64_t num_groups = parts.groups(shape[1], config.group_size, /*last_may_be_short=*/false);
  parts.expect_scales("weight_scale", {shape[0], num_groups});
  parts.finish(shape[0], shape[1], num_groups, cat("int8", group_text(config.group_size)));
}

void check_packed(Parts& parts, const QuantizationConfig& config) {
  const int64_t a_word = kWordBits / config.bits;
  const std::vector<int64_t> words = parts.matrix("weight_packed", at::kInt);
  const std::vector<int64_t> shape = parts.read_shape("weight_shape");
  if (shape[0] != words[0] || shape[1] <= (words[1] - 1) * a_word || shape[1] > words[1] * a_word) {
    throw InputError(cat(parts.where(), "weight_shape says ", shape_text(shape), " but weight_packed is ",
                         shape_text(words), " words of ", a_word, " values"));
  }
  const int64_t num_groups = parts.groups(shape[1], config.group_size, /*last_may_be_short=*/false);
  parts.expect_scales("weight_scale", {shape[0], num_groups});
  parts.finish(shape[0], shape[1], num_groups, cat("packed int", config.bits, group_text(config.group_size)));
}

/// One is added to a word as a whole, as GPTQModel does: what it wrote wraps from value to value.
at::Tensor gptq_zeros(const at::Tensor& words, const QuantizationConfig& config) {
  const int64_t ones = config.bits == 4 ? 0x11111111 : 0x01010101;
  const at::Tensor wide = words.to(at::kLong) + (config.zeros_are_less_by_one ? ones : 0);
  return unpack_words(wide.to(at::kInt), config.bits, WordOrder::ascending);
}

/// Group of every input; undefined when inputs lie in order and in groups of equal length.
at::Tensor gptq_groups(const at::Tensor& index_I, const QuantizedLayer& layer, const std::string& where) {
  const at::Tensor group_I = index_I.to(at::kLong);
  const int64_t inputs = group_I.size(0);
  const int64_t low = group_I.min().item<int64_t>(), high = group_I.max().item<int64_t>();
  if (low < 0 || high >= layer.num_groups) {
    throw InputError(
        cat(where, "g_idx holds the group ", low < 0 ? low : high, ", expected 0 to ", layer.num_groups - 1));
  }
  if (inputs % layer.num_groups != 0) return group_I;
  const at::Tensor in_order = at::arange(inputs).floor_divide(inputs / layer.num_groups);
  return at::equal(group_I, in_order) ? at::Tensor() : group_I;
}

}  // namespace

const char* leading_part(QuantizedForm form) {
  switch (form) {
    case QuantizedForm::awq:
    case QuantizedForm::gptq:
      return "qweight";
    case QuantizedForm::int_quantized:
      return "weight_scale";
    case QuantizedForm::pack_quantized:
      return "weight_packed";
  }
  R1V_CHECK(false, "unknown form");
}

QuantizedLayer check_layer(const Checkpoint& files, const std::string& stem, const QuantizationConfig& config) {
  QuantizedLayer layer;
  Parts parts(files, stem, layer);
  switch (config.form) {
    case QuantizedForm::awq:
      check_awq(parts, config);
      break;
    case QuantizedForm::gptq:
      check_gptq(parts, config);
      break;
    case QuantizedForm::int_quantized:
      check_int(parts, config);
      break;
    case QuantizedForm::pack_quantized:
      check_packed(parts, config);
      break;
  }
  return layer;
}

LayerIntegers read_integers(const Checkpoint& files, const std::string& stem, const QuantizedLayer& layer,
                            const QuantizationConfig& config) {
  const std::string where = cat(files.folder().string(), ": quantised layer \"", printable(stem), "\": ");
  const auto part = [&](const char* name) { return files.tensor(cat(stem, ".", name)); };
  const bool is_named_scales = config.form == QuantizedForm::awq || config.form == QuantizedForm::gptq;
  const at::Tensor scales = part(is_named_scales ? "scales" : "weight_scale");
  if (!at::isfinite(scales).all().item<bool>()) throw InputError(cat(where, "its scales hold NaN or infinity"));
  const int64_t inputs = layer.weight.shape[1];
  LayerIntegers integers;
  IntegerGroups& groups = integers.groups;
  groups.scales_OG = is_named_scales ? scales.t() : scales.view({-1, layer.num_groups});
  switch (config.form) {
    case QuantizedForm::awq:
      groups.values_OI = unpack_words(part("qweight"), 4, WordOrder::interleaved).t().contiguous();
      groups.zeros_OG = unpack_words(part("qzeros"), 4, WordOrder::interleaved).t();
      break;
    case QuantizedForm::gptq:
      groups.values_OI = unpack_words(part("qweight").t(), config.bits, WordOrder::ascending);
      groups.zeros_OG = gptq_zeros(part("qzeros"), config).t();
      if (files.has(stem + ".g_idx")) integers.group_I = gptq_groups(part("g_idx"), layer, where);
      break;
    case QuantizedForm::int_quantized:
      groups.values_OI = part("weight");
      break;
    case QuantizedForm::pack_quantized:
      groups.values_OI =
          unpack_words(part("weight_packed"), config.bits, WordOrder::ascending).narrow(1, 0, inputs).contiguous();
      groups.zeros_OG = at::full({1, 1}, 1 << (config.bits - 1));
      break;
  }
  return integers;
}

}  // namespace r1v
