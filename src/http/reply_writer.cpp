// A frame is what one piece becomes: head or size before it, line end or end mark behind it, three buffers at once.
#include "http/reply_writer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/clock.h"
#include "http/reply_head.h"

namespace r1v {
namespace {

// So many write timeouts a client has for the last frame, however it takes it.
constexpr double kLastFrameTimeouts = 10;

}  // namespace

void ReplyWriter::send_continue() {
  interim_ = "HTTP/1.1 100 Continue\r\n\r\n";
  pump();
}

void ReplyWriter::start(std::shared_ptr<Outgoing> outgoing, ReplyFacts facts) {
  outgoing_ = std::move(outgoing);
  facts_ = std::move(facts);
  is_last_frame_ = is_chunked_ = false;
  last_progress_s_ = monotonic_s();
  outgoing_->set_reader(this);
  pump();
}

void ReplyWriter::drop() {
  if (outgoing_ == nullptr) return;
  const std::shared_ptr<Outgoing> outgoing = std::move(outgoing_);
  outgoing_.reset();
  outgoing->set_reader(nullptr);
  outgoing->set_gone();
}

void ReplyWriter::send_keep_alive() {
  if (outgoing_ != nullptr && !is_writing_) outgoing_->send_keep_alive();
}

bool ReplyWriter::is_stuck(double now_s, double timeout_s) {
  if (!is_writing_) return false;
  // The kernel asks for more only when much of its room is free; what the client takes in between counts, too.
  const size_t bytes = socket_.unacknowledged_bytes();
  if (bytes < unacknowledged_bytes_) last_progress_s_ = now_s;
  unacknowledged_bytes_ = bytes;
  const bool is_endless = is_last_frame_ && now_s - frame_since_s_ > kLastFrameTimeouts * timeout_s;
  return is_endless || now_s - last_progress_s_ > timeout_s;
}

void ReplyWriter::on_outgoing() {
  const std::shared_ptr<void> owner = owner_.lock();  // the connection may close in here
  if (is_writing_ && outgoing_ != nullptr && outgoing_->is_gone()) {
    on_end_(false);  // too far behind: the write under way may take for ever
  } else {
    pump();
  }
}

void ReplyWriter::pump() {
  if (is_writing_) return;
  prefix_.clear();
  std::swap(prefix_, interim_);
  parts_ = {};
  is_interim_frame_ = true;
  if (outgoing_ != nullptr && outgoing_->take(piece_)) {
    is_interim_frame_ = false;
    if (piece_.is_cut) {
      on_end_(false);
      return;
    }
    frame(piece_);
  } else if (prefix_.empty()) {
    return;
  } else {
    parts_[0] = prefix_;
  }
  write();
}

void ReplyWriter::frame(Outgoing::Piece& piece) {
  if (piece.head) frame_head(*piece.head);
  is_last_frame_ = piece.is_last;
  // The strings change places, so that each keeps its room for the next piece.
  if (piece.is_stream) body_.swap(piece.bytes);
  if (!has_body_) body_.clear();
  const bool is_chunk = is_chunked_ && has_body_ && !body_.empty();
  if (is_chunk) frame_chunk();
  parts_[0] = prefix_;
  parts_[1] = body_;
  if (is_chunked_ && has_body_) {
    const std::string_view last = is_chunk ? "\r\n0\r\n\r\n" : "0\r\n\r\n";
    parts_[2] = is_last_frame_ ? last : is_chunk ? "\r\n" : "";
  }
}

void ReplyWriter::frame_head(HttpReply& head) {
  const bool is_stream = piece_.is_stream;
  facts_.closes = facts_.closes || is_draining_ || (is_stream && facts_.is_http_10);
  is_chunked_ = is_stream && !facts_.is_http_10;
  has_body_ = !facts_.is_head_only && has_reply_body(head.status);
  ReplyFrame frame{.is_chunked = is_chunked_,
                   .closes = facts_.closes,
                   .request_id = facts_.request_id,
                   .more_headers = &facts_.headers};
  if (!is_stream) frame.content_length = head.body.size();
  prefix_ += reply_head(head, frame);
  record_.status = head.status;
  record_.is_stream = is_stream;
  if (is_stream) ++num_streams_;
  if (!is_stream) body_ = std::move(head.body);
}

void ReplyWriter::frame_chunk() {
  std::array<char, 20> digits{};
  const std::to_chars_result result = std::to_chars(digits.begin(), digits.end(), body_.size(), 16);
  prefix_.append(digits.begin(), result.ptr).append("\r\n");
}

void ReplyWriter::write() {
  const bool is_empty = parts_[0].empty() && parts_[1].empty() && parts_[2].empty();
  is_writing_ = true;
  last_progress_s_ = frame_since_s_ = monotonic_s();
  unacknowledged_bytes_ = 0;
  if (is_empty) {
    on_written(true, 0);
    return;
  }
  write_left();
}

void ReplyWriter::write_left() {
  socket_.write_some(parts_, [this, owner = owner_.lock()](bool is_ok, size_t bytes) { on_written(is_ok, bytes); });
}

void ReplyWriter::on_written(bool is_ok, size_t bytes) {
  if (!is_ok) {
    is_writing_ = false;
    on_end_(false);
    return;
  }
  last_progress_s_ = monotonic_s();
  if (record_.first_byte_s == 0 && !is_interim_frame_) record_.first_byte_s = last_progress_s_;
  record_.bytes += bytes;
  bool is_left = false;
  for (std::string_view& part : parts_) {
    const size_t count = std::min(bytes, part.size());
    part.remove_prefix(count);
    bytes -= count;
    is_left = is_left || !part.empty();
  }
  if (is_left) {
    write_left();
    return;
  }
  is_writing_ = false;
  if (is_interim_frame_ || outgoing_ == nullptr) {
    pump();
    return;
  }
  const std::shared_ptr<Outgoing> outgoing = outgoing_;
  outgoing->set_taken();
  if (!is_last_frame_) {
    pump();
    return;
  }
  outgoing_.reset();
  outgoing->set_reader(nullptr);
  on_end_(true);
}

}  // namespace r1v
