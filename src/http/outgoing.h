// The way of one reply out: filled by handlers from any thread, emptied by the I/O thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/exchange.h"

namespace r1v {

class Outgoing;

/// Replies that have something for the I/O thread. Many of them in a short time wake it once. Those that want to be
/// asked again soon wait for a tick, which goes on as long as there are any.
class Mailbox {
 public:
  Mailbox(std::function<void()> wake, std::function<void()> start_tick)
      : wake_(std::move(wake)), start_tick_(std::move(start_tick)) {}
  void put(std::shared_ptr<Outgoing> outgoing);
  std::vector<std::shared_ptr<Outgoing>> take();
  void put_for_tick(std::shared_ptr<Outgoing> outgoing);
  /// At a tick; with none left no other follows until start_tick is called again.
  std::vector<std::shared_ptr<Outgoing>> take_for_tick();
  /// Nothing is taken or woken from here on.
  void close();

 private:
  std::mutex mutex_;
  bool is_closed_ = false, is_ticking_ = false;
  std::function<void()> wake_, start_tick_;
  std::vector<std::shared_ptr<Outgoing>> waiting_, waiting_for_tick_;
};

/// Who empties it; called on the I/O thread.
class OutgoingReader {
 public:
  virtual ~OutgoingReader() = default;
  virtual void on_outgoing() = 0;
};

class Outgoing : public std::enable_shared_from_this<Outgoing> {
 public:
  /// lease  let go when the reply is whole or nobody works on it any more.
  Outgoing(std::shared_ptr<Mailbox> mailbox, size_t max_unsent_bytes, std::shared_ptr<void> lease)
      : mailbox_(std::move(mailbox)), max_unsent_bytes_(max_unsent_bytes), lease_(std::move(lease)) {}

  // From any thread; see HttpExchange.
  void reply(HttpReply reply);
  /// false: a reply has begun already, this one is not sent.
  bool reply_unless_begun(HttpReply reply);
  void begin(HttpReply head, std::string keep_alive);
  void send(std::string bytes);
  void end();
  size_t unsent_bytes() const { return unsent_bytes_.load(); }
  void on_drained(std::function<void()> callback);
  void call_drained_soon();
  void on_gone(std::function<void()> callback);
  bool is_gone() const;
  /// The handler let go: a 500 where nothing was said, a cut stream where it was not ended.
  void abandon();

  // On the I/O thread.
  struct Piece {
    std::optional<HttpReply> head;
    std::string bytes;       // besides the head's own body
    bool is_stream = false;  // bytes may follow
    bool is_last = false;
    bool is_cut = false;  // the reply cannot be brought to its end
  };
  void set_reader(OutgoingReader* reader) { reader_ = reader; }
  void wake_reader();
  /// call_drained_soon's call.
  void call_drained();
  /// Swaps out what is there; false: nothing new.
  bool take(Piece& piece);
  /// The last piece is out.
  void set_taken();
  void set_gone();
  /// For a stream that has nothing to say.
  void send_keep_alive();

 private:
  bool is_ended() const;
  void notify(std::unique_lock<std::mutex> lock);
  void add(std::string bytes, std::unique_lock<std::mutex>& lock);

  const std::shared_ptr<Mailbox> mailbox_;
  const size_t max_unsent_bytes_;
  OutgoingReader* reader_ = nullptr;
  std::atomic<size_t> unsent_bytes_ = 0;  // waiting and in flight
  std::atomic<bool> waits_for_tick_ = false;

  mutable std::mutex mutex_;
  std::shared_ptr<void> lease_;
  std::optional<HttpReply> head_;
  std::string waiting_, keep_alive_;
  size_t in_flight_ = 0;
  bool is_begun_ = false, is_stream_ = false, is_ended_ = false, is_end_taken_ = false;
  bool is_cut_ = false, is_gone_ = false, is_queued_ = false;
  std::shared_ptr<std::function<void()>> drained_, gone_;
};

/// What a handler holds of a request and its reply.
class ServerExchange final : public HttpExchange {
 public:
  ServerExchange(HttpRequest request, std::shared_ptr<Outgoing> outgoing, std::shared_ptr<void> body_memory)
      : body_memory_(std::move(body_memory)), request_(std::move(request)), outgoing_(std::move(outgoing)) {}
  ~ServerExchange() override { outgoing_->abandon(); }

  const HttpRequest& request() const override { return request_; }
  void reply(HttpReply reply) override { outgoing_->reply(std::move(reply)); }
  void begin(HttpReply head, std::string keep_alive) override {
    outgoing_->begin(std::move(head), std::move(keep_alive));
  }
  void send(std::string bytes) override { outgoing_->send(std::move(bytes)); }
  void end() override { outgoing_->end(); }
  size_t unsent_bytes() const override { return outgoing_->unsent_bytes(); }
  void on_drained(std::function<void()> callback) override { outgoing_->on_drained(std::move(callback)); }
  void call_drained_soon() override { outgoing_->call_drained_soon(); }
  void on_gone(std::function<void()> callback) override { outgoing_->on_gone(std::move(callback)); }
  bool is_gone() const override { return outgoing_->is_gone(); }
  void reply_unless_begun(HttpReply reply) { outgoing_->reply_unless_begun(std::move(reply)); }

 private:
  const std::shared_ptr<void> body_memory_;  // goes after the request, whose body it accounts for
  const HttpRequest request_;
  const std::shared_ptr<Outgoing> outgoing_;
};

}  // namespace r1v
