// Chunks by the letter of RFC 9112, 7.1; extensions and trailers are bounded and dropped.
#include "http/body_reader.h"

#include <algorithm>

#include "base/error.h"
#include "http/error.h"

namespace r1v {
namespace {

constexpr size_t kMaxChunkLine = 256;
constexpr size_t kMaxTrailer = 4096;

[[noreturn]] void refuse(const std::string& message) { throw HttpError(400, "malformed_request", message); }

[[noreturn]] void refuse_size(size_t max_bytes) {
  const std::string allowed =
      max_bytes == 0 ? "this request takes none" : cat("at most ", max_bytes, " bytes are taken");
  throw HttpError(413, "body_too_large", cat("the body of the request is too large: ", allowed));
}

}  // namespace

BodyReader::BodyReader(const HttpHead& head, size_t max_bytes) : max_bytes_(max_bytes) {
  if (head.is_chunked) {
    if (max_bytes == 0) refuse_size(max_bytes);
    state_ = State::kChunkLine;
  } else if (head.has_body()) {
    left_ = *head.content_length;
    if (left_ > max_bytes) refuse_size(max_bytes);
    body_.reserve(left_);
    state_ = State::kCounted;
  }
}

size_t BodyReader::take(std::string_view bytes) {
  size_t taken = 0;
  while (!is_done() && taken < bytes.size()) taken += take_some(bytes.substr(taken));
  return taken;
}

size_t BodyReader::take_some(std::string_view bytes) {
  switch (state_) {
    case State::kCounted:
      return take_data(bytes, State::kDone);
    case State::kChunkData:
      return take_data(bytes, State::kChunkEnd);
    default:
      return take_to_line_end(bytes);
  }
}

size_t BodyReader::take_data(std::string_view bytes, State next) {
  const size_t count = std::min<uint64_t>(left_, bytes.size());
  body_.append(bytes.substr(0, count));
  left_ -= count;
  if (left_ == 0) state_ = next;
  return count;
}

size_t BodyReader::take_to_line_end(std::string_view bytes) {
  const size_t end = bytes.find('\n');
  const size_t count = end == std::string_view::npos ? bytes.size() : end + 1;
  line_.append(bytes.substr(0, count));
  if (line_.size() > kMaxChunkLine && state_ != State::kTrailer) refuse("a chunk's size line is too long");
  if (trailer_bytes_ + line_.size() > kMaxTrailer) refuse("the trailer behind the chunks is too long");
  if (end == std::string_view::npos) return count;
  if (!line_.ends_with("\r\n")) refuse("a line between chunks does not end in CR LF");
  line_.resize(line_.size() - 2);
  on_line();
  line_.clear();
  return count;
}

void BodyReader::on_line() {
  if (state_ == State::kChunkLine) {
    start_chunk();
  } else if (state_ == State::kChunkEnd) {
    if (!line_.empty()) refuse("a chunk is longer than its size says");
    state_ = State::kChunkLine;
  } else if (line_.empty()) {
    state_ = State::kDone;
  } else {
    trailer_bytes_ += line_.size() + 2;
    if (!is_http_token(std::string_view(line_).substr(0, line_.find(':'))) || line_.find(':') == std::string::npos) {
      refuse("the trailer behind the chunks has a line that is no header field");
    }
  }
}

void BodyReader::start_chunk() {
  const size_t digits = std::min(line_.find_first_not_of("0123456789abcdefABCDEF"), line_.size());
  const bool ends_well = digits == line_.size() || line_[digits] == ';';
  if (digits == 0 || digits > 8 || !ends_well) refuse(cat("this is no size of a chunk: '", printable(line_), "'"));
  if (line_.find_first_of(std::string_view("\r\0", 2)) != std::string::npos) refuse("a chunk's size line is broken");
  left_ = std::stoull(line_.substr(0, digits), nullptr, 16);
  if (left_ > max_bytes_ - body_.size()) refuse_size(max_bytes_);
  state_ = left_ == 0 ? State::kTrailer : State::kChunkData;
}

}  // namespace r1v
