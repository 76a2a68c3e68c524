// The body of an HTTP/1 message out of the bytes behind its head: counted or in chunks, never more than allowed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/head.h"

namespace r1v {

class BodyReader {
 public:
  /// throws HttpError 413: the head itself says that the body is longer.
  BodyReader(const HttpHead& head, size_t max_bytes);

  /// Takes what belongs to the body and returns how many bytes that were.
  /// throws HttpError 400: broken chunks; 413.
  size_t take(std::string_view bytes);
  bool is_done() const { return state_ == State::kDone; }
  std::string& body() { return body_; }

 private:
  enum class State { kCounted, kChunkLine, kChunkData, kChunkEnd, kTrailer, kDone };

  size_t take_some(std::string_view bytes);
  size_t take_data(std::string_view bytes, State next);
  size_t take_to_line_end(std::string_view bytes);
  void on_line();
  void start_chunk();

  State state_ = State::kDone;
  size_t max_bytes_;
  uint64_t left_ = 0;  // bytes of the body, or of this chunk
  std::string line_;
  size_t trailer_bytes_ = 0;
  std::string body_;
};

}  // namespace r1v
