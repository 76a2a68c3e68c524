// Typed access to the metadata of a GGUF file.
#include "io/gguf.h"

#include <cstring>

#include "base/error.h"
#include "io/gguf_header.h"

namespace r1v {
namespace {

template <typename Number>
Number load(const std::byte* at) {
  Number number;
  std::memcpy(&number, at, sizeof number);
  return number;
}

// One element of any integer type; a uint64 beyond int64 is refused by the caller, who sees a negative number.
int64_t load_integer(GgufType type, const std::byte* at) {
  switch (type) {
    case GgufType::u8:
      return load<uint8_t>(at);
    case GgufType::i8:
      return load<int8_t>(at);
    case GgufType::u16:
      return load<uint16_t>(at);
    case GgufType::i16:
      return load<int16_t>(at);
    case GgufType::u32:
      return load<uint32_t>(at);
    case GgufType::i32:
      return load<int32_t>(at);
    case GgufType::u64:
    case GgufType::i64:
      return load<int64_t>(at);
    case GgufType::f32:
    case GgufType::f64:
    case GgufType::boolean:
    case GgufType::text:
    case GgufType::array:
      break;
  }
  R1V_CHECK(false, "not an integer type");
  return 0;
}

bool is_integer(GgufType type) {
  return type != GgufType::f32 && type != GgufType::f64 && type != GgufType::boolean && type != GgufType::text &&
         type != GgufType::array;
}

[[noreturn]] void wrong_type(const GgufFile& file, const std::string& key, const GgufValue& value,
                             const char* expected) {
  throw InputError(cat(file.path().string(), ": metadata \"", printable(key), "\" is ",
                       value.is_array ? "an array of " : "", gguf_type_name(value.type), ", expected ", expected));
}

std::string_view text_at(const std::byte* at) {
  return {reinterpret_cast<const char*>(at) + sizeof(uint64_t), load<uint64_t>(at)};
}

}  // namespace

GgufFile::GgufFile(const std::filesystem::path& path) : file_(std::make_shared<MappedFile>(path)) {
  GgufHeader header = parse_gguf_header(file_->bytes(), path.string());
  metadata_ = std::move(header.metadata);
  tensors_ = std::move(header.tensors);
}

const GgufValue& GgufFile::value(const std::string& key, bool is_array, const char* expected) const {
  const auto it = metadata_.find(key);
  if (it == metadata_.end()) {
    throw InputError(cat(path().string(), ": metadata \"", printable(key), "\" is missing, expected ", expected));
  }
  if (it->second.is_array != is_array) wrong_type(*this, key, it->second, expected);
  return it->second;
}

int64_t GgufFile::integer(const std::string& key) const {
  const GgufValue& found = value(key, false, "an integer");
  if (!is_integer(found.type)) wrong_type(*this, key, found, "an integer");
  return load_integer(found.type, found.bytes.data());
}

double GgufFile::number(const std::string& key) const {
  const GgufValue& found = value(key, false, "a number");
  if (found.type == GgufType::f32) return load<float>(found.bytes.data());
  if (found.type == GgufType::f64) return load<double>(found.bytes.data());
  return static_cast<double>(integer(key));
}

bool GgufFile::boolean(const std::string& key) const {
  const GgufValue& found = value(key, false, "a bool");
  if (found.type != GgufType::boolean) wrong_type(*this, key, found, "a bool");
  return load<uint8_t>(found.bytes.data()) != 0;
}

std::string GgufFile::text(const std::string& key) const {
  const GgufValue& found = value(key, false, "a string");
  if (found.type != GgufType::text) wrong_type(*this, key, found, "a string");
  return std::string(text_at(found.bytes.data()));
}

std::string GgufFile::text_or(const std::string& key, const std::string& fallback) const {
  return has(key) ? text(key) : fallback;
}

std::vector<std::string_view> GgufFile::texts(const std::string& key) const {
  const GgufValue& found = value(key, true, "an array of strings");
  if (found.type != GgufType::text) wrong_type(*this, key, found, "an array of strings");
  std::vector<std::string_view> texts;
  texts.reserve(found.count);
  for (const std::byte* at = found.bytes.data(); texts.size() < found.count;) {
    texts.push_back(text_at(at));
    at += sizeof(uint64_t) + texts.back().size();
  }
  return texts;
}

std::vector<int64_t> GgufFile::integers(const std::string& key) const {
  const GgufValue& found = value(key, true, "an array of integers");
  if (!is_integer(found.type)) wrong_type(*this, key, found, "an array of integers");
  std::vector<int64_t> integers(found.count);
  for (size_t i = 0; i < integers.size(); ++i) {
    integers[i] = load_integer(found.type, found.bytes.data() + i * gguf_type_bytes(found.type));
  }
  return integers;
}

bool is_gguf(const std::filesystem::path& path) {
  return path.extension() == ".gguf" && std::filesystem::is_regular_file(path);
}

std::vector<int64_t> gguf_eos_ids(const GgufFile& file) {
  std::vector<int64_t> ids;
  for (const char* key :
       {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"}) {
    if (file.has(key)) ids.push_back(file.integer(key));
  }
  return ids;
}

}  // namespace r1v
