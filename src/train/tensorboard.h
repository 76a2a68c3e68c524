// TensorBoard's event file: scalars only, written without protobuf.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace r1v {

/// CRC-32C (Castagnoli, reflected 0x82F63B78) of the bytes.
uint32_t crc32c(std::string_view bytes);

/// One TFRecord: length, masked CRC of the length, bytes, masked CRC of the bytes; little endian.
/// source: tensorflow core/lib/io/record_writer.h.
std::string tf_record(std::string_view bytes);

/// tensorflow.Event messages. source: tensorflow core/util/event.proto, core/framework/summary.proto.
std::string version_event(double wall_time_s);
std::string scalar_event(double wall_time_s, int64_t step, const std::vector<std::pair<std::string, float>>& scalars);

/// Appends to events.out.tfevents.<unix seconds>.r1v in `folder`.
class EventWriter final {
 public:
  /// throws InputError when the file cannot be opened.
  explicit EventWriter(const std::filesystem::path& folder);
  void write(int64_t step, const std::vector<std::pair<std::string, float>>& scalars);

 private:
  std::ofstream out_;
};

}  // namespace r1v
