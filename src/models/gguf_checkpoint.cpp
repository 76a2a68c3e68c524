// Dequantises on all threads; float types are used as they lie in the file.
#include "models/gguf_checkpoint.h"

#include <ATen/Parallel.h>

#include <cstring>

#include "base/error.h"
#include "models/gguf_config.h"
#include "models/gguf_names.h"

namespace r1v {
namespace {

constexpr int64_t kBlocksATask = 4096;

at::ScalarType dtype_of(GgmlType type) {
  if (type == GgmlType::f16) return at::kHalf;
  return type == GgmlType::bf16 ? at::kBFloat16 : at::kFloat;
}

at::Tensor dequantized(const GgufTensor& stored) {
  const GgmlLayout& layout = ggml_layout(stored.type);
  at::Tensor values = at::empty(stored.shape, at::kFloat);
  float* out = values.mutable_data_ptr<float>();
  const int64_t num_blocks = values.numel() / layout.elements;
  at::parallel_for(0, num_blocks, kBlocksATask, [&](int64_t begin, int64_t end) {
    const auto count = static_cast<size_t>(end - begin);
    dequantize_blocks(
        stored.type,
        stored.bytes.subspan(static_cast<size_t>(begin * layout.bytes), count * static_cast<size_t>(layout.bytes)),
        {out + begin * layout.elements, count * static_cast<size_t>(layout.elements)});
  });
  release_mapped_pages(stored.bytes);
  return values;
}

// A mapped view; a copy only where the file's alignment does not suit the type.
at::Tensor plain(const GgufTensor& stored, const std::shared_ptr<MappedFile>& mapping) {
  const at::TensorOptions options(dtype_of(stored.type));
  void* data = const_cast<std::byte*>(stored.bytes.data());
  if (reinterpret_cast<uintptr_t>(data) % at::elementSize(dtype_of(stored.type)) != 0) {
    at::Tensor copy = at::empty(stored.shape, options);
    std::memcpy(copy.data_ptr(), data, stored.bytes.size());
    return copy;
  }
  return at::from_blob(data, stored.shape, [mapping](void*) {}, options);
}

// Rows 2i and 2i + 1 of a head are the two parts of rotary pair i; Hugging Face has all first parts before all second.
at::Tensor with_halves(const at::Tensor& interleaved, int64_t heads) {
  const at::Tensor pairs = interleaved.reshape({heads, interleaved.size(0) / heads / 2, 2, -1});
  return pairs.transpose(1, 2).reshape(interleaved.sizes());
}

}  // namespace

GgufCheckpoint::GgufCheckpoint(const std::filesystem::path& path) : file_(path) {
  const bool is_llama = gguf_architecture(file_) == "llama";
  for (const auto& [name, stored] : file_.tensors()) {
    Entry entry{.stored = stored};
    if (is_llama && name.find(".attn_q.") != std::string::npos) {
      entry.interleaved_heads = file_.integer("llama.attention.head_count");
    } else if (is_llama && name.find(".attn_k.") != std::string::npos) {
      entry.interleaved_heads = file_.integer(
          file_.has("llama.attention.head_count_kv") ? "llama.attention.head_count_kv" : "llama.attention.head_count");
    }
    if (entry.interleaved_heads < 0 || entry.interleaved_heads > stored.shape[0] ||
        (entry.interleaved_heads > 0 && stored.shape[0] % (2 * entry.interleaved_heads) != 0)) {
      throw InputError(cat(path.string(), ": tensor \"", printable(name), "\" has ", stored.shape[0],
                           " rows, expected an even number for each of ", entry.interleaved_heads, " heads"));
    }
    tensors_.emplace(hugging_face_name(name), std::move(entry));
  }
  if (is_llama) add_zero_biases();
}

void GgufCheckpoint::add_zero_biases() {
  std::map<std::string, Entry> biases;
  for (const auto& [name, entry] : tensors_) {
    for (const char* part : {".self_attn.q_proj.weight", ".self_attn.k_proj.weight", ".self_attn.v_proj.weight"}) {
      if (!name.ends_with(part)) continue;
      const std::string bias = name.substr(0, name.size() - std::string_view("weight").size()) + "bias";
      biases.emplace(bias, Entry{.stored = {.type = GgmlType::f32, .shape = {entry.stored.shape[0]}, .bytes = {}}});
    }
  }
  tensors_.merge(biases);  // keeps those that the file has
}

std::vector<std::string> GgufCheckpoint::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : tensors_) names.push_back(name);
  return names;
}

const GgufCheckpoint::Entry& GgufCheckpoint::entry(const std::string& name) const {
  const auto it = tensors_.find(name);
  if (it == tensors_.end()) {
    throw InputError(cat(file_.path().string(), ": tensor \"", printable(name), "\" is missing"));
  }
  return it->second;
}

StoredTensor GgufCheckpoint::stored(const std::string& name) const {
  const GgufTensor& stored = entry(name).stored;
  return {.dtype = dtype_of(stored.type),
          .shape = stored.shape,
          .form = stored.bytes.empty() ? "zeros" : ggml_layout(stored.type).name,
          .bytes = static_cast<int64_t>(stored.bytes.size())};
}

at::Tensor GgufCheckpoint::tensor(const std::string& name) const {
  const Entry& found = entry(name);
  if (found.stored.bytes.empty()) return at::zeros(found.stored.shape, at::kFloat);
  const bool in_blocks = ggml_layout(found.stored.type).elements > 1;
  const at::Tensor values = in_blocks ? dequantized(found.stored) : plain(found.stored, file_.mapping());
  return found.interleaved_heads == 0 ? values : with_halves(values, found.interleaved_heads);
}

at::Tensor GgufCheckpoint::rows(const std::string& name, const at::Tensor& rows_R) const {
  const Entry& found = entry(name);
  const GgufTensor& stored = found.stored;
  const GgmlLayout& layout = ggml_layout(stored.type);
  if (layout.elements == 1 || found.interleaved_heads > 0 || stored.bytes.empty()) {
    return TensorSource::rows(name, rows_R);
  }
  const int64_t outputs = stored.shape[0], row_bytes = static_cast<int64_t>(stored.bytes.size()) / outputs;
  const at::Tensor all = at::from_blob(const_cast<std::byte*>(stored.bytes.data()), {outputs, row_bytes}, at::kByte);
  const at::Tensor some = all.index_select(0, rows_R);
  at::Tensor values = at::empty({rows_R.size(0), stored.shape[1]}, at::kFloat);
  dequantize_blocks(stored.type, {static_cast<const std::byte*>(some.const_data_ptr()), some.nbytes()},
                    {values.mutable_data_ptr<float>(), static_cast<size_t>(values.numel())});
  return values;
}

std::span<const std::byte> GgufCheckpoint::row_blocks(const Entry& entry, int64_t row) {
  const int64_t outputs = entry.stored.shape[0], heads = entry.interleaved_heads;
  if (heads > 0) {  // the inverse of with_halves
    const int64_t width = outputs / heads, pairs = width / 2, head = row / width, in_head = row % width;
    row = head * width + in_head % pairs * 2 + in_head / pairs;
  }
  const size_t row_bytes = entry.stored.bytes.size() / static_cast<size_t>(outputs);
  return entry.stored.bytes.subspan(static_cast<size_t>(row) * row_bytes, row_bytes);
}

FloatRows GgufCheckpoint::float_rows(const std::string& name) const {
  const Entry& found = entry(name);
  const bool in_blocks = ggml_layout(found.stored.type).elements > 1;
  if (!in_blocks || found.stored.shape.size() != 2) return TensorSource::float_rows(name);
  const int64_t inputs = found.stored.shape[1];
  return {.outputs = found.stored.shape[0],
          .inputs = inputs,
          .read =
              [&found, inputs, mapping = file_.mapping()](int64_t first, int64_t count) {
                at::Tensor rows = at::empty({count, inputs}, at::kFloat);
                const auto width = static_cast<size_t>(inputs);
                for (int64_t row = 0; row < count; ++row) {
                  dequantize_blocks(found.stored.type, row_blocks(found, first + row),
                                    {rows.mutable_data_ptr<float>() + row * inputs, width});
                }
                return rows;
              },
          .mapped = found.stored.bytes};
}

std::optional<IntegerRows> GgufCheckpoint::integer_rows(const std::string& name) const {
  const Entry& found = entry(name);
  const GgmlType type = found.stored.type;
  if (!has_integers(type) || found.stored.shape.size() != 2) return std::nullopt;
  const int64_t inputs = found.stored.shape[1], groups = inputs / ggml_layout(type).elements;
  const bool is_wide = type == GgmlType::q8_0;
  return IntegerRows{.outputs = found.stored.shape[0],
                     .inputs = inputs,
                     .groups = groups,
                     .bits = is_wide ? 8 : 4,
                     .half_scales = true,
                     .zero = is_wide ? 128 : 8,
                     .read =
                         [&found, inputs, groups, mapping = file_.mapping()](int64_t first, int64_t count,
                                                                             const IntegerRows::Place& to) {
                           for (int64_t row = 0; row < count; ++row) {
                             read_integers(found.stored.type, row_blocks(found, first + row), to.values + row * inputs,
                                           to.scales + row * groups * 2);
                           }
                         },
                     .mapped = found.stored.bytes};
}

}  // namespace r1v
