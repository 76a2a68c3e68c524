// One client's connection: requests read one after the other, checked, handed to a worker, answered; all on the I/O
// thread.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/body_memory.h"
#include "http/body_reader.h"
#include "http/gate.h"
#include "http/reply_writer.h"
#include "http/server.h"
#include "http/worker_pool.h"

namespace r1v {

/// What the connections of a server share.
struct ServerShared {
  HttpServerOptions options;
  Gate gate;
  std::function<void(const HttpLogEntry&)> on_finished;
  std::unique_ptr<WorkerPool> workers;
  std::shared_ptr<Mailbox> mailbox;
  std::shared_ptr<BodyMemory> body_memory;
  bool is_draining = false;
  std::function<void(const std::shared_ptr<class Connection>&)> on_closed;
  std::atomic<int64_t> num_connections = 0, num_requests = 0, num_refused = 0, num_failed = 0, num_streams = 0;
};

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::unique_ptr<Socket> socket, ServerShared& server);
  void start();
  /// Several times a second: the only place where time runs out.
  void check_time(double now_s);
  void close();
  /// A request is being read or answered.
  bool is_busy() const { return state_ == State::kBody || state_ == State::kReply || !in_.empty(); }

 private:
  enum class State { kHandshake, kHead, kBody, kReply, kLinger, kClosed };

  void enter(State state);
  void read_more();
  void on_read(bool is_ok, size_t bytes);
  void advance();
  void read_head();
  void read_body();
  void admit(const HttpHead& head);
  void dispatch();
  void answer(HttpReply reply, bool closes);
  void refuse(const HttpError& error);
  std::shared_ptr<Outgoing> start_reply(std::shared_ptr<void> lease);
  void open_request();
  void on_reply_end(bool is_whole);
  void finish_request(bool is_gone);
  void linger();

  const std::unique_ptr<Socket> socket_;
  ServerShared& server_;
  ReplyWriter writer_;
  State state_ = State::kHandshake;
  double state_since_s_ = 0;
  bool is_reading_ = false, is_first_request_ = true, is_request_open_ = false;
  std::array<char, 16384> chunk_;
  std::string in_;   // read and not yet used
  size_t seen_ = 0;  // bytes of it in which no head ends
  double request_since_s_ = 0;

  // The request under way.
  HttpRequest request_;
  Admission admission_;
  ReplyFacts facts_;
  std::optional<BodyReader> body_;
  std::shared_ptr<BodyMemory::Share> share_;
  HttpLogEntry log_;
};

}  // namespace r1v
