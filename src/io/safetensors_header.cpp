// Reads a safetensors header field by field; nothing is kept of what was not asked for.
#include "io/safetensors_header.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"
#include "base/json_reader.h"
#include "tensor/shape.h"

namespace r1v {
namespace {

constexpr std::array<std::pair<const char*, at::ScalarType>, 10> kDtypes = {{
    {"F64", at::kDouble},
    {"F32", at::kFloat},
    {"F16", at::kHalf},
    {"BF16", at::kBFloat16},
    {"I64", at::kLong},
    {"I32", at::kInt},
    {"I16", at::kShort},
    {"I8", at::kChar},
    {"U8", at::kByte},
    {"BOOL", at::kBool},
}};
constexpr size_t kMaxDimensions = 64;  // what ATen's iterators take
constexpr const char* kMetadata = "__metadata__";

// Reads the JSON of one header; `where_` and the tensor's name go into every message.
class HeaderReader {
 public:
  HeaderReader(std::string_view text, const std::string& where)
      : reader_(text, cat(where, ": header")), where_(where) {}

  SafetensorsHeader read() {
    SafetensorsHeader header;
    std::set<std::string> names;
    reader_.enter_object();
    for (std::string_view key; reader_.next_key(key);) {
      name_ = key;
      if (!names.insert(name_).second) throw InputError(cat(where_, ": \"", printable(name_), "\" is there twice"));
      if (name_ == kMetadata) {
        header.metadata = metadata();
      } else {
        header.tensors.emplace(name_, tensor());
      }
    }
    reader_.end();
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& found) const {
    throw InputError(cat(where_, ": tensor \"", printable(name_), "\" has ", found,
                         "; expected \"dtype\", \"shape\" and \"data_offsets\", each once"));
  }

  std::map<std::string, std::string> metadata() {
    std::map<std::string, std::string> texts;
    reader_.enter_object();
    for (std::string_view key; reader_.next_key(key);) {
      const std::string word(key);
      if (!texts.emplace(word, reader_.string()).second) {
        throw InputError(cat(where_, ": metadata \"", printable(word), "\" is there twice"));
      }
    }
    return texts;
  }

  TensorInfo tensor() {
    TensorInfo info;
    std::set<std::string> fields;
    reader_.enter_object();
    for (std::string_view key; reader_.next_key(key);) {
      const std::string field(key);
      if (!fields.insert(field).second) fail(cat("\"", printable(field), "\" twice"));
      if (field == "dtype") {
        info.dtype = dtype(reader_.string());
      } else if (field == "shape") {
        info.shape = sizes(kMaxDimensions, field);
      } else if (field == "data_offsets") {
        const std::vector<int64_t> offsets = sizes(2, field);
        if (offsets.size() != 2 || offsets[0] > offsets[1])
          fail("data_offsets that are not [begin, end], begin <= end");
        info.begin = static_cast<size_t>(offsets[0]);
        info.end = static_cast<size_t>(offsets[1]);
      } else {
        fail(cat("the unknown field \"", printable(field), "\""));
      }
    }
    if (fields.size() != 3) fail(cat(fields.size(), " of 3 fields"));
    check_size(info);
    return info;
  }

  std::vector<int64_t> sizes(size_t limit, const std::string& field) {
    std::vector<int64_t> numbers;
    reader_.enter_array();
    while (reader_.next_element()) {
      numbers.push_back(reader_.integer());
      if (numbers.back() < 0) fail(cat("the negative number ", numbers.back(), " in ", field));
      if (numbers.size() > limit) fail(cat("more than ", limit, " numbers in ", field));
    }
    return numbers;
  }

  at::ScalarType dtype(std::string_view text) const {
    for (const auto& [name, type] : kDtypes) {
      if (text == name) return type;
    }
    throw InputError(cat(where_, ": tensor \"", printable(name_), "\" has dtype \"", printable(text),
                         "\"; F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL can be read"));
  }

  void check_size(const TensorInfo& info) const {
    // Zeros count as ones in the overflow check: the strides of [0, 2^62, 8] must fit as well.
    auto bytes = static_cast<int64_t>(at::elementSize(info.dtype));
    bool is_empty = false;
    for (const int64_t size : info.shape) {
      is_empty = is_empty || size == 0;
      if (__builtin_mul_overflow(bytes, std::max<int64_t>(size, 1), &bytes)) fail("a shape that overflows 64 bits");
    }
    if (is_empty) bytes = 0;
    if (static_cast<size_t>(bytes) == info.end - info.begin) return;
    throw InputError(cat(where_, ": tensor \"", printable(name_), "\" of shape ", shape_text(info.shape), " needs ",
                         bytes, " bytes but its data_offsets span ", info.end - info.begin));
  }

  JsonReader reader_;
  const std::string& where_;
  std::string name_;  // of the tensor being read
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, const std::string& where) {
  return HeaderReader(text, where).read();
}

const char* safetensors_dtype_name(at::ScalarType dtype) {
  for (const auto& [name, type] : kDtypes) {
    if (dtype == type) return name;
  }
  R1V_CHECK(false, "dtype ", at::toString(dtype), " has no safetensors name");
  return nullptr;
}

}  // namespace r1v
