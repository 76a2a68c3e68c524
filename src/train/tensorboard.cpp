// A dozen lines of protobuf encoding, a checksum and the record frame.
#include "train/tensorboard.h"

#include <array>
#include <bit>
#include <cstring>

#include "base/clock.h"
#include "base/error.h"

namespace r1v {
namespace {

constexpr std::array<uint32_t, 256> crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82F63B78U : 0U);
    table[i] = value;
  }
  return table;
}

uint32_t masked_crc(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xA282EAD8U; }

template <typename T>  // one little-endian writer for the fixed-width types of the wire format
void put_fixed(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

void put_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

enum class Wire : uint64_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

void put_key(std::string& out, uint64_t field, Wire wire) { put_varint(out, field << 3 | static_cast<uint64_t>(wire)); }

void put_bytes(std::string& out, uint64_t field, std::string_view bytes) {
  put_key(out, field, Wire::bytes);
  put_varint(out, bytes.size());
  out.append(bytes);
}

std::string event(double wall_time_s) {
  std::string out;
  put_key(out, 1, Wire::fixed64);  // Event.wall_time
  put_fixed(out, wall_time_s);
  return out;
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = crc_table();
  uint32_t crc = ~0U;
  for (const char c : bytes) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

std::string tf_record(std::string_view bytes) {
  std::string out;
  put_fixed(out, static_cast<uint64_t>(bytes.size()));
  put_fixed(out, masked_crc(out));
  out.append(bytes);
  put_fixed(out, masked_crc(bytes));
  return out;
}

std::string version_event(double wall_time_s) {
  std::string out = event(wall_time_s);
  put_bytes(out, 3, "brain.Event:2");  // Event.file_version
  return out;
}

std::string scalar_event(double wall_time_s, int64_t step, const std::vector<std::pair<std::string, float>>& scalars) {
  std::string summary;
  for (const auto& [tag, number] : scalars) {
    std::string value;
    put_bytes(value, 1, tag);          // Summary.Value.tag
    put_key(value, 2, Wire::fixed32);  // Summary.Value.simple_value
    put_fixed(value, number);
    put_bytes(summary, 1, value);  // Summary.value
  }
  std::string out = event(wall_time_s);
  put_key(out, 2, Wire::varint);  // Event.step
  put_varint(out, static_cast<uint64_t>(step));
  put_bytes(out, 5, summary);  // Event.summary
  return out;
}

EventWriter::EventWriter(const std::filesystem::path& folder) {
  const double now_s = unix_time_s();
  const auto path = folder / cat("events.out.tfevents.", static_cast<int64_t>(now_s), ".r1v");
  out_.open(path, std::ios::binary | std::ios::app);
  if (!out_) throw InputError(cat(path.string(), ": cannot write; is the run folder writable?"));
  out_ << tf_record(version_event(now_s)) << std::flush;
}

void EventWriter::write(int64_t step, const std::vector<std::pair<std::string, float>>& scalars) {
  out_ << tf_record(scalar_event(unix_time_s(), step, scalars)) << std::flush;
}

}  // namespace r1v
