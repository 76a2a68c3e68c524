// Writes one reply after the other to a socket: what has gathered since the last write goes out as one.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/outgoing.h"
#include "http/socket.h"

namespace r1v {

struct ReplyFacts {
  bool is_http_10 = false;
  bool is_head_only = false;  // HEAD
  bool closes = false;
  std::string request_id;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// What became of a reply.
struct ReplyRecord {
  int status = 0;
  size_t bytes = 0;  // heads, bodies and what frames them
  double first_byte_s = 0;
  bool is_stream = false;
};

/// For the I/O thread alone.
class ReplyWriter final : private OutgoingReader {
 public:
  /// on_end  called when a reply is out (true) or the connection is of no use any more (false).
  /// is_draining  replies that begin now close their connection. num_streams  counts those that began.
  ReplyWriter(Socket& socket, const bool& is_draining, std::atomic<int64_t>& num_streams,
              std::function<void(bool is_whole)> on_end)
      : socket_(socket), is_draining_(is_draining), num_streams_(num_streams), on_end_(std::move(on_end)) {}

  /// owner  kept alive while a write is under way.
  void set_owner(std::weak_ptr<void> owner) { owner_ = std::move(owner); }
  /// "100 Continue": the body may come.
  void send_continue();
  void start(std::shared_ptr<Outgoing> outgoing, ReplyFacts facts);
  /// The client has gone; whoever makes the reply is told.
  void drop();
  void send_keep_alive();

  /// Whether the client takes nothing for `timeout_s`, or takes the end of a reply drop by drop.
  bool is_stuck(double now_s, double timeout_s);
  bool closes() const { return facts_.closes; }
  double last_progress_s() const { return last_progress_s_; }
  const ReplyRecord& record() const { return record_; }
  void forget_record() { record_ = {}; }

 private:
  void on_outgoing() override;
  void pump();
  void frame(Outgoing::Piece& piece);
  void frame_head(HttpReply& head);
  void frame_chunk();
  void write();
  void write_left();
  void on_written(bool is_ok, size_t bytes);

  Socket& socket_;
  const bool& is_draining_;
  std::atomic<int64_t>& num_streams_;
  const std::function<void(bool)> on_end_;
  std::weak_ptr<void> owner_;
  std::shared_ptr<Outgoing> outgoing_;
  ReplyFacts facts_;
  ReplyRecord record_;
  Outgoing::Piece piece_;
  std::string interim_;  // goes before the next frame
  std::string prefix_;   // of the frame: head, size of the chunk
  std::string body_;
  Socket::Parts parts_;  // of the frame, not yet written
  bool is_writing_ = false, is_last_frame_ = false, is_chunked_ = false, has_body_ = true, is_interim_frame_ = false;
  double last_progress_s_ = 0;
  double frame_since_s_ = 0;
  size_t unacknowledged_bytes_ = 0;
};

}  // namespace r1v
