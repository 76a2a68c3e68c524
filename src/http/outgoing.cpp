// One lock a reply; nothing of anybody else runs while it is held.
#include "http/outgoing.h"

#include <utility>

#include "base/error.h"
#include "http/error.h"
#include "http/reply_head.h"

namespace r1v {

void Mailbox::put(std::shared_ptr<Outgoing> outgoing) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return;
  waiting_.push_back(std::move(outgoing));
  if (waiting_.size() == 1) wake_();
}

std::vector<std::shared_ptr<Outgoing>> Mailbox::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

void Mailbox::put_for_tick(std::shared_ptr<Outgoing> outgoing) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return;
  waiting_for_tick_.push_back(std::move(outgoing));
  if (!std::exchange(is_ticking_, true)) start_tick_();
}

std::vector<std::shared_ptr<Outgoing>> Mailbox::take_for_tick() {
  const std::lock_guard lock(mutex_);
  is_ticking_ = !waiting_for_tick_.empty();
  return std::exchange(waiting_for_tick_, {});
}

void Mailbox::close() {
  std::vector<std::shared_ptr<Outgoing>> dropped, dropped_too;  // after the lock
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  dropped.swap(waiting_);
  dropped_too.swap(waiting_for_tick_);
}

void Outgoing::notify(std::unique_lock<std::mutex> lock) {
  if (std::exchange(is_queued_, true)) return;
  lock.unlock();
  mailbox_->put(shared_from_this());
}

void Outgoing::reply(HttpReply reply) {
  check_reply_headers(reply);
  R1V_CHECK(reply_unless_begun(std::move(reply)), "a second reply to one request");
}

bool Outgoing::reply_unless_begun(HttpReply reply) {
  std::shared_ptr<void> lease;  // let go after the lock
  std::shared_ptr<std::function<void()>> drained, gone;
  std::unique_lock lock(mutex_);
  if (is_begun_) return false;
  is_begun_ = is_ended_ = true;
  lease.swap(lease_);
  drained.swap(drained_);
  gone.swap(gone_);
  if (is_gone_) return true;
  head_ = std::move(reply);
  notify(std::move(lock));
  return true;
}

void Outgoing::begin(HttpReply head, std::string keep_alive) {
  check_reply_headers(head);
  std::unique_lock lock(mutex_);
  R1V_CHECK(!is_begun_, "a second reply to one request");
  is_begun_ = is_stream_ = true;
  if (is_gone_) return;
  waiting_ = std::move(head.body);
  head.body.clear();
  unsent_bytes_ += waiting_.size();
  head_ = std::move(head);
  keep_alive_ = std::move(keep_alive);
  notify(std::move(lock));
}

void Outgoing::add(std::string bytes, std::unique_lock<std::mutex>& lock) {
  unsent_bytes_ += bytes.size();
  if (waiting_.empty()) {
    // An empty string that has room already saves an allocation for each small piece.
    if (waiting_.capacity() > bytes.size()) {
      waiting_.append(bytes);
    } else {
      waiting_ = std::move(bytes);
    }
  } else {
    waiting_.append(bytes);
  }
  if (unsent_bytes_ > max_unsent_bytes_) {
    is_cut_ = true;
    std::string().swap(waiting_);
    unsent_bytes_ = in_flight_;
  }
  notify(std::move(lock));
}

void Outgoing::send(std::string bytes) {
  std::unique_lock lock(mutex_);
  R1V_CHECK(is_stream_ && !is_ended_, "bytes of a reply before its begin or after its end");
  if (is_gone_ || is_cut_ || bytes.empty()) return;
  add(std::move(bytes), lock);
}

void Outgoing::send_keep_alive() {
  std::unique_lock lock(mutex_);
  const bool is_quiet = is_stream_ && !is_ended_ && !is_gone_ && !is_cut_ && unsent_bytes_ == 0;
  if (is_quiet && !keep_alive_.empty()) add(keep_alive_, lock);
}

void Outgoing::end() {
  std::shared_ptr<void> lease;
  std::shared_ptr<std::function<void()>> drained, gone;  // what they hold may hold us
  std::unique_lock lock(mutex_);
  R1V_CHECK(is_stream_ && !is_ended_, "the end of a reply before its begin or after its end");
  is_ended_ = true;
  lease.swap(lease_);
  drained.swap(drained_);
  gone.swap(gone_);
  if (is_gone_ || is_cut_) return;
  notify(std::move(lock));
}

void Outgoing::abandon() {
  const HttpError lost(500, "internal_error", "the server lost this request; this is a fault of the server");
  if (!is_ended() && reply_unless_begun(error_reply(lost))) return;
  std::shared_ptr<void> lease;
  std::unique_lock lock(mutex_);
  lease.swap(lease_);
  if (is_ended_ || is_gone_) return;
  is_cut_ = is_ended_ = true;
  notify(std::move(lock));
}

void Outgoing::on_drained(std::function<void()> callback) {
  auto shared = std::make_shared<std::function<void()>>(std::move(callback));
  const std::lock_guard lock(mutex_);
  if (!is_ended_ && !is_gone_) drained_.swap(shared);
}

void Outgoing::call_drained_soon() {
  if (!waits_for_tick_.exchange(true)) mailbox_->put_for_tick(shared_from_this());
}

void Outgoing::call_drained() {
  waits_for_tick_ = false;  // first: who asks meanwhile is called again
  std::shared_ptr<std::function<void()>> drained;
  {
    const std::lock_guard lock(mutex_);
    if (unsent_bytes_ == 0 && !is_ended_ && !is_gone_) drained = drained_;
  }
  if (drained) (*drained)();
}

void Outgoing::on_gone(std::function<void()> callback) {
  {
    const std::lock_guard lock(mutex_);
    if (is_ended_) return;
    if (!is_gone_) {
      gone_ = std::make_shared<std::function<void()>>(std::move(callback));
      return;
    }
  }
  callback();
}

bool Outgoing::is_ended() const {
  const std::lock_guard lock(mutex_);
  return is_ended_;
}

bool Outgoing::is_gone() const {
  const std::lock_guard lock(mutex_);
  return is_gone_ || is_cut_;
}

void Outgoing::wake_reader() {
  {
    const std::lock_guard lock(mutex_);
    is_queued_ = false;
  }
  if (reader_ != nullptr) reader_->on_outgoing();
}

bool Outgoing::take(Piece& piece) {
  const std::lock_guard lock(mutex_);
  const bool is_end_new = is_ended_ && !is_end_taken_;
  if (!head_ && waiting_.empty() && !is_end_new && !is_cut_) return false;
  piece.head = std::exchange(head_, std::nullopt);
  piece.bytes.clear();
  piece.bytes.swap(waiting_);
  piece.is_stream = is_stream_;
  piece.is_last = is_ended_;
  piece.is_cut = is_cut_;
  is_end_taken_ = is_ended_;
  in_flight_ = piece.bytes.size();
  return true;
}

void Outgoing::set_taken() {
  std::shared_ptr<std::function<void()>> drained;
  {
    const std::lock_guard lock(mutex_);
    unsent_bytes_ -= in_flight_;
    const bool is_empty_now = std::exchange(in_flight_, 0) > 0 && waiting_.empty();
    if (is_empty_now && !is_ended_ && !is_gone_) drained = drained_;
  }
  if (drained) (*drained)();
}

void Outgoing::set_gone() {
  std::shared_ptr<std::function<void()>> drained, gone;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_gone_, true)) return;
    std::string().swap(waiting_);
    head_.reset();
    unsent_bytes_ = in_flight_ = 0;
    drained.swap(drained_);
    gone.swap(gone_);
  }
  if (gone) (*gone)();
}

}  // namespace r1v
