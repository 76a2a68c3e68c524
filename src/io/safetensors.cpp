// safetensors reader. The file is 8 bytes of header length (little endian), a JSON header and the data section:
// {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, "__metadata__": {"key": "text"}}.
#include "io/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "io/safetensors_header.h"

namespace r1v {
namespace {

constexpr size_t kLengthBytes = 8;
constexpr size_t kMaxHeaderBytes = 100'000'000;  // the format's own cap

uint64_t header_length(std::span<const std::byte> bytes) {
  uint64_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) length |= std::to_integer<uint64_t>(bytes[i]) << (8 * i);
  return length;
}

// The header's text, after its length was found to fit both the file and the cap.
std::string_view header_text(std::span<const std::byte> bytes, const std::string& where) {
  if (bytes.size() < kLengthBytes) {
    throw InputError(cat(where, ": ", bytes.size(), " bytes are too few for a safetensors file; is it truncated?"));
  }
  const uint64_t length = header_length(bytes);
  if (length > kMaxHeaderBytes) {
    throw InputError(cat(where, ": the header claims ", length, " bytes, at most ", kMaxHeaderBytes,
                         " are allowed; this is not a safetensors file"));
  }
  if (length > bytes.size() - kLengthBytes) {
    throw InputError(cat(where, ": the header claims ", length, " bytes but only ", bytes.size() - kLengthBytes,
                         " follow; the file is truncated or not safetensors"));
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, length);
  if (text.empty() || text.front() != '{') throw InputError(cat(where, ": the header does not start with '{'"));
  return text;
}

// Tensors must cover the data section without gap or overlap. They are walked in the order of their offsets; empty
// tensors come before a full one that starts at the same place.
void check_coverage(const std::map<std::string, TensorInfo>& tensors, size_t data_bytes, const std::string& where) {
  std::vector<const std::pair<const std::string, TensorInfo>*> order;
  order.reserve(tensors.size());
  for (const auto& entry : tensors) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return std::pair(a->second.begin, a->second.end) < std::pair(b->second.begin, b->second.end);
  });
  size_t reached = 0;
  for (const auto* entry : order) {
    const auto& [name, info] = *entry;
    if (info.begin != reached) {
      throw InputError(cat(where, ": tensor \"", printable(name), "\" starts at byte ", info.begin, " of the data, ",
                           "expected ", reached, info.begin < reached ? ": it overlaps another" : ": there is a gap"));
    }
    reached = info.end;
  }
  if (reached != data_bytes) {
    throw InputError(cat(where, ": the tensors end at byte ", reached, " of the data but the file holds ", data_bytes,
                         reached > data_bytes ? "; the file is truncated" : "; surplus bytes follow"));
  }
}

// Any byte but 0 and 1 in a C++ bool is undefined behaviour, so the bytes are looked at before they become one.
void check_bools(const std::byte* data, size_t count, const std::string& name, const std::string& where) {
  const auto bad = std::find_if(data, data + count, [](std::byte b) { return std::to_integer<int>(b) > 1; });
  if (bad != data + count) {
    throw InputError(cat(where, ": BOOL tensor \"", printable(name), "\" holds the byte ", std::to_integer<int>(*bad),
                         " at index ", bad - data, ", expected 0 or 1"));
  }
}

}  // namespace

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : file_(std::make_shared<MappedFile>(path)) {
  const std::string where = path.string();
  const std::string_view text = header_text(file_->bytes(), where);
  SafetensorsHeader header = parse_safetensors_header(text, where);
  tensors_ = std::move(header.tensors);
  metadata_ = std::move(header.metadata);
  data_begin_ = kLengthBytes + text.size();
  check_coverage(tensors_, file_->bytes().size() - data_begin_, where);
}

at::Tensor SafetensorsFile::tensor(const std::string& name) const {
  const auto it = tensors_.find(name);
  if (it == tensors_.end()) {
    throw InputError(cat(path().string(), ": tensor \"", printable(name), "\" is missing"));
  }
  const TensorInfo& info = it->second;
  const std::byte* data = file_->bytes().data() + data_begin_ + info.begin;
  const size_t size = info.end - info.begin;
  if (info.dtype == at::kBool) check_bools(data, size, name, path().string());
  const size_t width = at::elementSize(info.dtype);
  if (reinterpret_cast<uintptr_t>(data) % width != 0) {  // the format promises no alignment, the processor wants it
    at::Tensor copy = at::empty(info.shape, at::TensorOptions(info.dtype));
    if (size > 0) std::memcpy(copy.data_ptr(), data, size);
    return copy;
  }
  const auto keep_mapping = [file = file_](void*) {};
  return at::from_blob(const_cast<std::byte*>(data), info.shape, keep_mapping, at::TensorOptions(info.dtype));
}

}  // namespace r1v
