// Walks over a GGUF header once. Little endian: "GGUF", u32 version, u64 tensors, u64 keys; each key is a text, a u32
// type and a value; each tensor a text, u32 dimensions, u64 sizes (fastest first), u32 type, u64 offset; then the data.
#include "io/gguf_header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/error.h"

namespace r1v {
namespace {

constexpr std::string_view kMagic = "GGUF";
constexpr const char* kAlignmentKey = "general.alignment";
constexpr uint64_t kDefaultAlignment = 32;
constexpr uint64_t kMaxNameBytes = 65535;  // of the format
constexpr uint32_t kMaxDimensions = 4;     // of the format
constexpr uint64_t kMaxElements = uint64_t{1} << 48;

struct NamedType {
  const char* name;
  size_t bytes;
};
constexpr std::array<NamedType, 13> kTypes = {{{"uint8", 1},
                                               {"int8", 1},
                                               {"uint16", 2},
                                               {"int16", 2},
                                               {"uint32", 4},
                                               {"int32", 4},
                                               {"float32", 4},
                                               {"bool", 1},
                                               {"string", 0},
                                               {"array", 0},
                                               {"uint64", 8},
                                               {"int64", 8},
                                               {"float64", 8}}};

// Takes bytes from the front; every length is compared with what is left before it is believed.
class Cursor {
 public:
  Cursor(std::span<const std::byte> file, const std::string& where) : file_(file), where_(where) {}

  size_t position() const { return position_; }
  uint64_t left() const { return file_.size() - position_; }
  const std::string& where() const { return where_; }

  std::span<const std::byte> take(uint64_t size, const char* what) {
    if (size > left()) {
      throw InputError(cat(where_, ": ", what, " at byte ", position_, " needs ", size, " bytes but only ", left(),
                           " follow; the file is truncated or not GGUF"));
    }
    const auto bytes = file_.subspan(position_, size);
    position_ += size;
    return bytes;
  }
  template <typename Number>
  Number number(const char* what) {
    Number value;
    std::memcpy(&value, take(sizeof value, what).data(), sizeof value);
    return value;
  }
  std::string_view text(const char* what) {
    const auto bytes = take(number<uint64_t>(what), what);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::string name(const char* what) {
    const std::string_view text = this->text(what);
    if (text.empty() || text.size() > kMaxNameBytes) {
      throw InputError(cat(where_, ": ", what, " before byte ", position_, " has ", text.size(),
                           " bytes, expected 1 to ", kMaxNameBytes));
    }
    return std::string(text);
  }
  std::span<const std::byte> since(size_t begin) const { return file_.subspan(begin, position_ - begin); }

 private:
  std::span<const std::byte> file_;
  const std::string& where_;
  size_t position_ = 0;
};

GgufType read_type(Cursor& cursor, const std::string& key) {
  const auto number = cursor.number<uint32_t>("a metadata type");
  if (number >= kTypes.size()) {
    throw InputError(cat(cursor.where(), ": metadata \"", printable(key), "\" has the type ", number,
                         ", expected 0 to ", kTypes.size() - 1));
  }
  return static_cast<GgufType>(number);
}

// A list of lists is nothing that any writer of the format makes.
GgufValue read_value(Cursor& cursor, const std::string& key) {
  GgufValue value;
  value.type = read_type(cursor, key);
  if (value.type == GgufType::array) {
    value.is_array = true;
    value.type = read_type(cursor, key);
    value.count = cursor.number<uint64_t>("an array's length");
  }
  if (value.type == GgufType::array) {
    throw InputError(cat(cursor.where(), ": metadata \"", printable(key), "\" is an array of arrays, expected numbers ",
                         "or strings"));
  }
  const size_t begin = cursor.position();
  const size_t width = value.type == GgufType::text ? sizeof(uint64_t) : gguf_type_bytes(value.type);
  if (value.count > cursor.left() / width) {
    throw InputError(cat(cursor.where(), ": metadata \"", printable(key), "\" claims ", value.count,
                         " values but only ", cursor.left(), " bytes follow; the file is truncated or not GGUF"));
  }
  if (value.type == GgufType::text) {
    for (uint64_t i = 0; i < value.count; ++i) cursor.text("a string");
  } else {
    cursor.take(value.count * width, "a value");
  }
  value.bytes = cursor.since(begin);
  return value;
}

uint64_t alignment_of(const GgufHeader& header, const std::string& where) {
  const auto it = header.metadata.find(kAlignmentKey);
  if (it == header.metadata.end()) return kDefaultAlignment;
  uint32_t alignment = 0;
  if (it->second.type == GgufType::u32 && !it->second.is_array) {
    std::memcpy(&alignment, it->second.bytes.data(), sizeof alignment);
  }
  if (!std::has_single_bit(alignment) || alignment > (1U << 20)) {
    throw InputError(cat(where, ": ", kAlignmentKey, " is ", alignment, ", expected a uint32 power of two up to 2^20"));
  }
  return alignment;
}

struct Placed {
  std::string name;
  GgufTensor tensor;
  uint64_t offset = 0;  // from the start of the data section
  uint64_t size = 0;
};

// Bytes of all rows, after the shape was found sound.
uint64_t tensor_bytes(const GgufTensor& tensor, const std::string& title) {
  uint64_t elements = 1;
  for (const int64_t size : tensor.shape) {
    if (size <= 0 || static_cast<uint64_t>(size) > kMaxElements / elements) {
      throw InputError(cat(title, " has a dimension of ", size, ", expected 1 or more and at most 2^48 elements"));
    }
    elements *= static_cast<uint64_t>(size);
  }
  const GgmlLayout& layout = ggml_layout(tensor.type);
  if (tensor.shape.back() % layout.elements != 0) {
    throw InputError(cat(title, " has rows of ", tensor.shape.back(), " values, expected a multiple of ",
                         layout.elements, " for ", layout.name));
  }
  return elements / static_cast<uint64_t>(layout.elements) * static_cast<uint64_t>(layout.bytes);
}

Placed read_tensor(Cursor& cursor) {
  Placed placed;
  placed.name = cursor.name("a tensor's name");
  const std::string title = cat(cursor.where(), ": tensor \"", printable(placed.name), "\"");
  const auto dimensions = cursor.number<uint32_t>("a tensor's number of dimensions");
  if (dimensions == 0 || dimensions > kMaxDimensions) {
    throw InputError(cat(title, " has ", dimensions, " dimensions, expected 1 to ", kMaxDimensions));
  }
  for (uint32_t i = 0; i < dimensions; ++i) placed.tensor.shape.push_back(cursor.number<int64_t>("a dimension"));
  std::ranges::reverse(placed.tensor.shape);
  placed.tensor.type = ggml_type(cursor.number<uint32_t>("a tensor's type"), title);
  placed.offset = cursor.number<uint64_t>("a tensor's offset");
  placed.size = tensor_bytes(placed.tensor, title);
  return placed;
}

// Gives every tensor its bytes; the data section starts at the next multiple of the alignment.
void place_tensors(std::vector<Placed>& placed, std::span<const std::byte> file, size_t header_bytes,
                   uint64_t alignment, const std::string& where, GgufHeader& header) {
  std::ranges::sort(placed, {}, &Placed::offset);
  const uint64_t data_begin = (header_bytes + alignment - 1) / alignment * alignment;
  const uint64_t data_bytes = file.size() - std::min<uint64_t>(file.size(), data_begin);
  uint64_t reached = 0;
  for (Placed& entry : placed) {
    const std::string title = cat(where, ": tensor \"", printable(entry.name), "\"");
    if (entry.offset % alignment != 0 || entry.offset < reached) {
      throw InputError(cat(title, " starts at byte ", entry.offset, " of the data, expected a multiple of ", alignment,
                           " from ", reached, " on; it overlaps another or is misplaced"));
    }
    if (entry.offset > data_bytes || entry.size > data_bytes - entry.offset) {
      throw InputError(cat(title, " needs ", entry.size, " bytes from byte ", entry.offset,
                           " of the data but the file holds ", data_bytes, "; the file is truncated"));
    }
    reached = entry.offset + entry.size;
    entry.tensor.bytes = file.subspan(data_begin + entry.offset, entry.size);
    if (!header.tensors.emplace(entry.name, std::move(entry.tensor)).second) {
      throw InputError(cat(title, " is there twice"));
    }
  }
}

}  // namespace

size_t gguf_type_bytes(GgufType type) { return kTypes[static_cast<size_t>(type)].bytes; }
const char* gguf_type_name(GgufType type) { return kTypes[static_cast<size_t>(type)].name; }

GgufHeader parse_gguf_header(std::span<const std::byte> file, const std::string& where) {
  Cursor cursor(file, where);
  const auto magic = cursor.take(kMagic.size(), "the file's mark");
  if (std::memcmp(magic.data(), kMagic.data(), kMagic.size()) != 0) {
    throw InputError(cat(where, ": the file does not start with \"GGUF\"; expected a GGUF file"));
  }
  const auto version = cursor.number<uint32_t>("the version");
  if (version != 2 && version != 3) {
    throw InputError(cat(where, ": GGUF version ", version, ", expected 2 or 3, little endian"));
  }
  const auto num_tensors = cursor.number<uint64_t>("the number of tensors");
  const auto num_keys = cursor.number<uint64_t>("the number of keys");
  GgufHeader header;
  for (uint64_t i = 0; i < num_keys; ++i) {
    const std::string key = cursor.name("a metadata key");
    if (!header.metadata.emplace(key, read_value(cursor, key)).second) {
      throw InputError(cat(where, ": metadata \"", printable(key), "\" is there twice"));
    }
  }
  std::vector<Placed> placed;
  for (uint64_t i = 0; i < num_tensors; ++i) placed.push_back(read_tensor(cursor));
  place_tensors(placed, file, cursor.position(), alignment_of(header, where), where, header);
  return header;
}

}  // namespace r1v
