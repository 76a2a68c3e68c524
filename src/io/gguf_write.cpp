// GGUF writer: header first, then tensor after tensor straight to the disk, renamed when complete.
#include <ATen/Parallel.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "io/gguf.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kVersion = 3;
constexpr uint64_t kAlignment = 32;

template <typename Number>
void put(std::string& out, Number value) {
  const char* bytes = reinterpret_cast<const char*>(&value);
  out.append(bytes, sizeof value);
}

void put_text(std::string& out, std::string_view text) {
  put<uint64_t>(out, text.size());
  out.append(text);
}

uint64_t aligned(uint64_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

uint64_t num_elements(const GgufTensorToWrite& tensor) {
  uint64_t count = 1;
  for (const int64_t size : tensor.shape) count *= static_cast<uint64_t>(size);
  return count;
}

uint64_t num_bytes(const GgufTensorToWrite& tensor) {
  const GgmlLayout& layout = ggml_layout(tensor.type);
  R1V_CHECK(!tensor.shape.empty() && tensor.shape.back() % layout.elements == 0, "tensor ", tensor.name);
  return num_elements(tensor) / static_cast<uint64_t>(layout.elements) * static_cast<uint64_t>(layout.bytes);
}

std::string header_bytes(const GgufMetadata& metadata, const std::vector<GgufTensorToWrite>& tensors) {
  std::string out = "GGUF";
  put(out, kVersion);
  put<uint64_t>(out, tensors.size());
  put<uint64_t>(out, metadata.count());
  out += metadata.bytes();
  uint64_t offset = 0;
  for (const GgufTensorToWrite& tensor : tensors) {
    put_text(out, tensor.name);
    put(out, static_cast<uint32_t>(tensor.shape.size()));
    for (auto size = tensor.shape.rbegin(); size != tensor.shape.rend(); ++size) put<int64_t>(out, *size);
    put(out, static_cast<uint32_t>(tensor.type));
    put(out, offset);
    offset += aligned(num_bytes(tensor));
  }
  out.resize(aligned(out.size()), '\0');
  return out;
}

// On all threads; the blocks do not depend on how many there are.
void quantize(GgmlType type, std::span<const float> values, std::string& bytes) {
  constexpr int64_t kBlocksATask = 256;
  const GgmlLayout& layout = ggml_layout(type);
  const auto width = static_cast<size_t>(layout.elements), size = static_cast<size_t>(layout.bytes);
  const auto out = std::as_writable_bytes(std::span(bytes));
  at::parallel_for(0, static_cast<int64_t>(values.size() / width), kBlocksATask, [&](int64_t begin, int64_t end) {
    const auto first = static_cast<size_t>(begin), count = static_cast<size_t>(end - begin);
    quantize_blocks(type, values.subspan(first * width, count * width), out.subspan(first * size, count * size));
  });
}

// The tensor's bytes and the zeros up to the next multiple of the alignment.
std::string tensor_bytes(const GgufTensorToWrite& tensor, const fs::path& path) {
  std::vector<float> values(num_elements(tensor));
  tensor.values(values);
  const auto bad = std::ranges::find_if_not(values, [](float value) { return std::isfinite(value); });
  if (bad != values.end() && ggml_layout(tensor.type).elements > 1) {
    throw InputError(cat(path.string(), ": tensor \"", printable(tensor.name), "\" holds ", *bad, " at index ",
                         bad - values.begin(), ", which ", ggml_layout(tensor.type).name,
                         " cannot hold; choose f16 or bf16"));
  }
  const auto large = std::ranges::find_if(values, [](float value) { return std::abs(value) > 65504.0F; });
  if (large != values.end() && tensor.type == GgmlType::f16 && std::isfinite(*large)) {
    throw InputError(cat(path.string(), ": tensor \"", printable(tensor.name), "\" holds ", *large,
                         ", beyond float16; choose bf16"));
  }
  std::string bytes(aligned(num_bytes(tensor)), '\0');
  quantize(tensor.type, values, bytes);
  return bytes;
}

}  // namespace

void GgufMetadata::begin(const std::string& key, GgufType type) {
  put_text(bytes_, key);
  put(bytes_, static_cast<uint32_t>(type));
  ++count_;
}

void GgufMetadata::begin_array(const std::string& key, GgufType type, uint64_t count) {
  begin(key, GgufType::array);
  put(bytes_, static_cast<uint32_t>(type));
  put(bytes_, count);
}

void GgufMetadata::add_u32(const std::string& key, uint32_t value) {
  begin(key, GgufType::u32);
  put(bytes_, value);
}

void GgufMetadata::add_f32(const std::string& key, float value) {
  begin(key, GgufType::f32);
  put(bytes_, value);
}

void GgufMetadata::add_bool(const std::string& key, bool value) {
  begin(key, GgufType::boolean);
  put(bytes_, static_cast<uint8_t>(value));
}

void GgufMetadata::add_text(const std::string& key, std::string_view value) {
  begin(key, GgufType::text);
  put_text(bytes_, value);
}

void GgufMetadata::add_texts(const std::string& key, const std::vector<std::string>& values) {
  begin_array(key, GgufType::text, values.size());
  for (const std::string& value : values) put_text(bytes_, value);
}

void GgufMetadata::add_i32s(const std::string& key, const std::vector<int32_t>& values) {
  begin_array(key, GgufType::i32, values.size());
  for (const int32_t value : values) put(bytes_, value);
}

void GgufMetadata::add(const std::string& key, const GgufValue& value) {
  value.is_array ? begin_array(key, value.type, value.count) : begin(key, value.type);
  bytes_.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
}

void write_gguf(const fs::path& path, const GgufMetadata& metadata, const std::vector<GgufTensorToWrite>& tensors) {
  const fs::path temporary = cat(path.string(), ".", ::getpid(), ".tmp");
  const auto give_up = [&](const std::string& reason) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    return InputError(cat(path.string(), ": cannot write: ", reason));
  };
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  const std::string header = header_bytes(metadata, tensors);
  out.write(header.data(), static_cast<std::streamsize>(header.size()));
  try {
    for (const GgufTensorToWrite& tensor : tensors) {
      if (!out) break;
      const std::string bytes = tensor_bytes(tensor, path);
      out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
  out.close();
  if (!out) throw give_up(std::strerror(errno));
  std::error_code error;
  fs::rename(temporary, path, error);
  if (error) throw give_up(error.message());
}

}  // namespace r1v
