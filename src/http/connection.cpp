// A request's life: head, gate, body, worker, reply; then the next, or a linger so that the reply survives our closing.
#include "http/connection.h"

#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/hex.h"
#include "http/error.h"
#include "http/run_handler.h"

namespace r1v {
namespace {

constexpr double kLingerS = 2;
constexpr int kRetryAfterS = 1;
constexpr int kRetryAfterDrainS = 5;

std::string request_id(const std::string& from_client) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  const bool is_well_formed =
      !from_client.empty() && from_client.size() <= 128 && from_client.find_first_not_of(kAllowed) == std::string::npos;
  if (is_well_formed) return from_client;
  std::array<unsigned char, 12> bytes{};
  R1V_CHECK(::RAND_bytes(bytes.data(), bytes.size()) == 1, "no random bytes");
  return "req_" + hex_text(bytes);
}

HttpError overloaded(int status, const std::string& code, const std::string& message, int retry_after_s) {
  HttpError error(status, code, message);
  error.retry_after_s = retry_after_s;
  return error;
}

}  // namespace

Connection::Connection(std::unique_ptr<Socket> socket, ServerShared& server)
    : socket_(std::move(socket)),
      server_(server),
      writer_(*socket_, server.is_draining, server.num_streams, [this](bool is_whole) { on_reply_end(is_whole); }) {}

void Connection::start() {
  writer_.set_owner(weak_from_this());
  enter(State::kHandshake);
  socket_->handshake([this, self = shared_from_this()](bool is_ok) {
    if (state_ == State::kClosed) return;
    if (!is_ok) {
      linger();
      return;
    }
    enter(State::kHead);
    read_more();
  });
}

void Connection::enter(State state) {
  state_ = state;
  state_since_s_ = monotonic_s();
}

void Connection::check_time(double now_s) {
  const HttpServerOptions& options = server_.options;
  const double waited_s = now_s - state_since_s_;
  if (state_ == State::kHandshake && waited_s > options.header_timeout_s) {
    close();
  } else if (state_ == State::kHead && !in_.empty()) {
    if (now_s - request_since_s_ <= options.header_timeout_s) return;
    refuse(HttpError(408, "request_timeout", "the head of the request took too long"));
  } else if (state_ == State::kHead) {
    if (waited_s > (is_first_request_ ? options.header_timeout_s : options.idle_timeout_s)) close();
  } else if (state_ == State::kBody && waited_s > options.body_timeout_s) {
    refuse(HttpError(408, "request_timeout", "the body of the request took too long"));
  } else if (state_ == State::kReply) {
    if (writer_.is_stuck(now_s, options.write_timeout_s)) {
      close();
    } else if (now_s - writer_.last_progress_s() > options.keep_alive_comment_s) {
      writer_.send_keep_alive();
    }
  } else if (state_ == State::kLinger && waited_s > kLingerS) {
    close();
  }
}

void Connection::close() {
  if (state_ == State::kClosed) return;
  const std::shared_ptr<Connection> self = shared_from_this();
  enter(State::kClosed);
  writer_.drop();
  if (is_request_open_) finish_request(true);
  socket_->close();
  server_.on_closed(self);
}

void Connection::read_more() {
  // Pipelined requests wait in the kernel once a head of them is here.
  const bool has_enough = state_ == State::kReply && in_.size() >= server_.options.max_header_bytes;
  if (is_reading_ || state_ == State::kClosed || has_enough) return;
  is_reading_ = true;
  socket_->read_some(chunk_.data(), chunk_.size(), [this, self = shared_from_this()](bool is_ok, size_t bytes) {
    is_reading_ = false;
    if (state_ != State::kClosed) on_read(is_ok, bytes);
  });
}

void Connection::on_read(bool is_ok, size_t bytes) {
  if (!is_ok) {
    close();
    return;
  }
  if (state_ != State::kLinger) {
    in_.append(chunk_.data(), bytes);
    advance();
  }
  read_more();
}

void Connection::advance() {
  if (state_ == State::kHead) read_head();
  if (state_ == State::kBody) read_body();
}

void Connection::read_head() {
  if (in_.starts_with("\r\n")) in_.erase(0, 2);  // some send one behind the body before
  if (in_.empty()) return;
  if (request_since_s_ == 0) request_since_s_ = monotonic_s();
  const size_t limit = server_.options.max_header_bytes;
  try {
    if (!may_be_request(std::string_view(in_).substr(0, 32)))
      throw HttpError(400, "malformed_request", "this is no HTTP request");
    const size_t size = http_head_size(in_, seen_);
    seen_ = in_.size();
    if (size > limit || (size == 0 && in_.size() > limit)) {
      throw HttpError(431, "header_too_large", cat("the head of the request is longer than ", limit, " bytes"));
    }
    if (size == 0) return;
    const HttpHead head = parse_request_head(std::string_view(in_).substr(0, size));
    in_.erase(0, size);
    seen_ = 0;
    open_request();
    log_.request_bytes = size;
    admit(head);
  } catch (const HttpError& error) {
    refuse(error);
  }
}

void Connection::open_request() {
  const int64_t number = ++server_.num_requests;
  is_request_open_ = true;
  is_first_request_ = false;
  facts_ = {};
  admission_ = {};
  request_ = {};
  writer_.forget_record();
  log_ = {.number = number, .address = socket_->address()};
}

void Connection::admit(const HttpHead& head) {
  facts_.is_http_10 = head.is_http_10;
  facts_.is_head_only = head.method == "HEAD";
  facts_.request_id = request_id(head.header("x-request-id"));
  log_.method = head.method;
  log_.id = facts_.request_id;
  // A body that nobody reads would be taken for the next request.
  facts_.closes = true;
  if (server_.is_draining) {
    throw overloaded(503, "shutting_down", "the server is going down; ask again in a while", kRetryAfterDrainS);
  }
  admission_ = server_.gate.admit(head);
  facts_.headers = admission_.headers;
  log_.path = admission_.target.path;
  log_.key_name = admission_.key_name;
  if (admission_.reply) {
    answer(std::move(*admission_.reply), head.wants_close || head.has_body());
    return;
  }
  log_.route = admission_.route->pattern;
  body_.emplace(head, admission_.route->max_body_bytes);
  share_ = std::make_shared<BodyMemory::Share>(server_.body_memory);
  facts_.closes = head.wants_close;
  request_ = {.method = head.method,
              .path = admission_.target.path,
              .query = std::move(admission_.target.query),
              .parameters = std::move(admission_.parameters),
              .headers = head.headers,
              .id = facts_.request_id,
              .number = log_.number,
              .key_name = admission_.key_name,
              .address = socket_->address()};
  enter(State::kBody);
  if (body_->is_done()) {
    dispatch();
  } else if (head.expects_continue && in_.empty()) {
    writer_.send_continue();
  }
}

void Connection::read_body() {
  try {
    const size_t taken = body_->take(in_);
    in_.erase(0, taken);
    log_.request_bytes += taken;
    if (!share_->grow_to(body_->body().size())) {
      throw overloaded(429, "overloaded", "the server holds as many bytes of requests as it may; ask again in a while",
                       kRetryAfterS);
    }
  } catch (const HttpError& error) {
    refuse(error);
    return;
  }
  if (body_->is_done()) dispatch();
}

void Connection::dispatch() {
  request_.body = std::move(body_->body());
  const std::shared_ptr<Outgoing> outgoing = start_reply(std::move(admission_.lease));
  auto exchange = std::make_shared<ServerExchange>(std::move(request_), outgoing, std::move(share_));
  body_.reset();
  const HttpRoute& route = *admission_.route;
  const bool is_taken = server_.workers->put(route.is_work ? Work::heavy : Work::quick,
                                             [&route, exchange] { run_handler(route, exchange); });
  if (is_taken) return;
  exchange->reply(
      error_reply(overloaded(429, "overloaded", "too many requests are waiting; ask again in a while", kRetryAfterS)));
}

std::shared_ptr<Outgoing> Connection::start_reply(std::shared_ptr<void> lease) {
  enter(State::kReply);
  auto outgoing = std::make_shared<Outgoing>(server_.mailbox, server_.options.max_unsent_bytes, std::move(lease));
  writer_.start(outgoing, std::move(facts_));
  return outgoing;
}

void Connection::answer(HttpReply reply, bool closes) {
  facts_.closes = closes;
  start_reply(nullptr)->reply(std::move(reply));
}

// The rest of the request is not read, so that no other can follow.
void Connection::refuse(const HttpError& error) {
  if (!is_request_open_) {
    open_request();
    facts_.request_id = log_.id = request_id("");
  }
  body_.reset();
  share_.reset();
  admission_.lease.reset();
  answer(error_reply(error), true);
}

void Connection::on_reply_end(bool is_whole) {
  if (!is_whole) {
    close();
    return;
  }
  finish_request(false);
  if (writer_.closes()) {
    linger();
    return;
  }
  enter(State::kHead);
  request_since_s_ = 0;
  advance();
  read_more();
}

void Connection::finish_request(bool is_gone) {
  is_request_open_ = false;
  const ReplyRecord& record = writer_.record();
  log_.status = record.status;
  log_.reply_bytes = record.bytes;
  log_.seconds = monotonic_s() - request_since_s_;
  if (record.first_byte_s > 0) log_.first_byte_s = record.first_byte_s - request_since_s_;
  log_.client_gone = is_gone;
  if (record.is_stream) --server_.num_streams;
  if (log_.status == 503 || (log_.status >= 400 && log_.status < 500)) ++server_.num_refused;
  if (log_.status >= 500 && log_.status != 503) ++server_.num_failed;
  if (server_.on_finished) server_.on_finished(log_);
}

void Connection::linger() {
  enter(State::kLinger);
  in_.clear();
  socket_->end_sending([self = shared_from_this()] {});
  read_more();
}

}  // namespace r1v
