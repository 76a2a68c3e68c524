// A JSON event handler for the three levels of a safetensors header: file, tensor, list of numbers.
#include "io/safetensors_header.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"
#include "base/json.h"
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

class HeaderEvents final : public Json::json_sax_t {
 public:
  HeaderEvents(SafetensorsHeader& header, const std::string& where) : header_(header), where_(where) {}

  bool start_object(std::size_t) override {
    if (depth_ == 2) fail("an object");
    ++depth_;
    return true;
  }

  bool key(std::string& word) override {
    if (depth_ == 1) {
      name_ = word;
      if (!names_.insert(word).second) throw InputError(cat(where_, ": the name \"", printable(word), "\" is there twice"));
      info_ = {};
      fields_.clear();
      return true;
    }
    field_ = word;
    if (in_metadata() ? header_.metadata.contains(word) : !fields_.insert(word).second) fail("a field given twice");
    return true;
  }

  bool end_object() override {
    --depth_;
    if (depth_ == 1 && !in_metadata()) finish_tensor();
    field_.clear();
    return true;
  }

  bool start_array(std::size_t) override {
    if (depth_ != 2 || in_metadata() || in_list_ || (field_ != "shape" && field_ != "data_offsets")) fail("a list");
    in_list_ = true;
    list_.clear();
    return true;
  }

  bool end_array() override {
    in_list_ = false;
    if (field_ == "shape") {
      info_.shape = list_;
    } else {
      if (list_.size() != 2 || list_[0] > list_[1]) fail("data_offsets that are not [begin, end] with begin <= end");
      info_.begin = static_cast<size_t>(list_[0]);
      info_.end = static_cast<size_t>(list_[1]);
    }
    return true;
  }

  bool string(std::string& text) override {
    if (depth_ == 2 && in_metadata()) {
      header_.metadata[field_] = text;
    } else if (depth_ == 2 && field_ == "dtype") {
      info_.dtype = dtype(text);
    } else {
      fail("a string");
    }
    return true;
  }

  bool number_unsigned(std::uint64_t number) override {
    if (!in_list_) fail("a number");
    if (number > static_cast<uint64_t>(INT64_MAX)) fail("a number above 2^63 - 1");
    list_.push_back(static_cast<int64_t>(number));
    return true;
  }

  bool number_integer(std::int64_t) override { return fail("a negative number"); }
  bool number_float(double, const std::string&) override { return fail("a number that is not a 64-bit integer"); }
  bool null() override { return fail("null"); }
  bool boolean(bool) override { return fail("true or false"); }
  bool binary(binary_t&) override { return fail("binary data"); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    throw InputError(cat(where_, ": the header is not valid JSON near byte ", position));
  }

 private:
  bool in_metadata() const { return name_ == kMetadata; }

  [[noreturn]] bool fail(const char* found) const {
    throw InputError(cat(where_, ": the header holds ", found, depth_ > 1 && !field_.empty() ? cat(" in \"", printable(field_), "\"") : "",
                         " of \"", printable(name_), "\"; expected {\"dtype\": text, \"shape\": [integers], ",
                         "\"data_offsets\": [begin, end]} or metadata texts"));
  }

  at::ScalarType dtype(const std::string& text) const {
    for (const auto& [name, type] : kDtypes) {
      if (text == name) return type;
    }
    throw InputError(cat(where_, ": tensor \"", printable(name_), "\" has dtype \"", printable(text),
                         "\"; F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL can be read"));
  }

  void finish_tensor() {
    if (fields_ != std::set<std::string>{"data_offsets", "dtype", "shape"}) fail("missing or surplus fields");
    if (info_.shape.size() > kMaxDimensions) fail("a shape of more than 64 dimensions");
    // Zeros count as ones in the overflow check: the strides of [0, 2^62, 8] must fit as well.
    auto bytes = static_cast<int64_t>(at::elementSize(info_.dtype));
    bool empty = false;
    for (const int64_t size : info_.shape) {
      empty = empty || size == 0;
      if (__builtin_mul_overflow(bytes, std::max<int64_t>(size, 1), &bytes)) fail("a shape that overflows 64 bits");
    }
    if (empty) bytes = 0;
    if (static_cast<size_t>(bytes) != info_.end - info_.begin) {
      throw InputError(cat(where_, ": tensor \"", printable(name_), "\" of shape ", shape_text(info_.shape), " needs ",
                           bytes, " bytes but its data_offsets span ", info_.end - info_.begin));
    }
    header_.tensors.emplace(name_, info_);
  }

  SafetensorsHeader& header_;
  const std::string& where_;
  int depth_ = 0;
  bool in_list_ = false;
  std::string name_;   // key of level 1: a tensor or the metadata
  std::string field_;  // key of level 2
  std::set<std::string> names_;
  std::set<std::string> fields_;
  std::vector<int64_t> list_;
  TensorInfo info_;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, const std::string& where) {
  SafetensorsHeader header;
  HeaderEvents events(header, where);
  Json::sax_parse(text.begin(), text.end(), &events);
  return header;
}

const char* safetensors_dtype_name(at::ScalarType dtype) {
  for (const auto& [name, type] : kDtypes) {
    if (dtype == type) return name;
  }
  R1V_CHECK(false, "dtype ", at::toString(dtype), " has no safetensors name");
  return nullptr;
}

}  // namespace r1v
