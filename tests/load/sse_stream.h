// One streamed chat answer over a plain socket.
#pragma once

#include <cstdint>
#include <string>

namespace r1v {

class SseStream {
 public:
  /// Connects and sends. A slow one has a small receive buffer and takes 512 bytes a read.
  SseStream(const std::string& host, int64_t port, const std::string& request, bool is_slow);
  ~SseStream();
  SseStream(const SseStream&) = delete;
  SseStream& operator=(const SseStream&) = delete;

  int file() const { return file_; }
  /// Takes what is there, waiting for something; how many events that completed.
  size_t read();
  /// The server has closed, or said [DONE].
  bool is_over() const { return is_over_; }

  const std::string& text() const { return text_; }    // thinking and answer
  const std::string& error() const { return error_; }  // "" = it ended well
  int64_t tokens() const { return tokens_; }           // of the answer, as the server counts them
  double first_s() const { return first_s_; }          // until the first text
  double total_s() const { return total_s_; }

 private:
  void take_head();
  void take_event(std::string_view event);
  void end(const std::string& error);

  int file_ = -1;
  bool is_slow_;
  double asked_ = 0, first_s_ = 0, total_s_ = 0;
  bool has_head_ = false, is_over_ = false, is_done_ = false;
  int64_t tokens_ = 0;
  std::string pending_, text_, error_;
};

}  // namespace r1v
