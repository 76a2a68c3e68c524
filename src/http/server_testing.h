// For tests: a server on a free port with a few routes, and a client that sends exactly the bytes it is told to.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "http/body_reader.h"
#include "http/head.h"
#include "http/server.h"

namespace r1v {

struct RawReply {
  HttpHead head;
  std::string body;
  int status() const { return head.status; }
};

class RawClient {
 public:
  explicit RawClient(uint16_t port, int receive_buffer = 0) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(); }

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  /// The other side hears of it as a broken connection, not as an orderly end.
  void reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close();
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }
  bool is_connected() const { return is_connected_; }
  int socket() const { return socket_; }

  /// As much as the other side takes; false: it has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }

  /// Adds what comes within the time to what was read; false: nothing came, or the end.
  bool receive(double seconds) {
    pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, static_cast<int>(seconds * 1000)) != 1) return false;
    char bytes[65536];
    const ssize_t count = ::recv(socket_, bytes, sizeof(bytes), 0);
    if (count <= 0) is_ended_ = true;
    if (count > 0) read_.append(bytes, static_cast<size_t>(count));
    return count > 0;
  }

  /// Whether the other side closes within the time; what it sends before is kept.
  bool is_closed_within(double seconds) {
    const double end_s = monotonic_s() + seconds;
    while (!is_ended_ && monotonic_s() < end_s) receive(0.05);
    return is_ended_;
  }

  /// The next whole reply, 100 Continue among them; none within the time, or broken: nothing.
  std::optional<RawReply> reply(double seconds = 5, bool is_to_head = false) {
    const double end_s = monotonic_s() + seconds;
    while (http_head_size(read_) == 0) {
      if (is_ended_ || monotonic_s() > end_s) return std::nullopt;
      receive(0.05);
    }
    const size_t size = http_head_size(read_);
    RawReply reply{parse_reply_head(std::string_view(read_).substr(0, size)), ""};
    read_.erase(0, size);
    if (is_to_head) return reply;
    BodyReader reader(reply.head, size_t{1} << 30);
    for (;;) {
      read_.erase(0, reader.take(read_));
      if (reader.is_done()) break;
      if (is_ended_ || monotonic_s() > end_s) return std::nullopt;
      receive(0.05);
    }
    reply.body = reader.body();
    return reply;
  }
  std::optional<RawReply> ask(std::string_view bytes) {
    send(bytes);
    return reply();
  }
  int status(std::string_view bytes) {
    const std::optional<RawReply> answer = ask(bytes);
    return answer ? answer->status() : 0;
  }
  std::string& read() { return read_; }

 private:
  int socket_;
  bool is_connected_ = false, is_ended_ = false;
  std::string read_;
};

/// Values that one thread leaves for another.
template <typename Value>
class Slot {
 public:
  void put(Value value) {
    {
      const std::lock_guard lock(mutex_);
      values_.push_back(std::move(value));
    }
    wake_.notify_all();
  }
  /// The next one; none within the time: nothing.
  std::optional<Value> take(double seconds = 5) {
    std::unique_lock lock(mutex_);
    const bool is_there =
        wake_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return !values_.empty(); });
    if (!is_there) return std::nullopt;
    Value value = std::move(values_.front());
    values_.erase(values_.begin());
    return value;
  }
  size_t size() const {
    const std::lock_guard lock(mutex_);
    return values_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Value> values_;
};

using Exchange = std::shared_ptr<HttpExchange>;

/// Routes: GET /health (open), POST /v1/echo (work, 1 MB), GET /v1/items/{name}, GET /v1/hold (the exchange is handed
/// to the test), GET /v1/fail.
class TestHttpServer {
 public:
  Slot<Exchange> held;
  Slot<HttpLogEntry> log;
  std::atomic<int> num_handled = 0;

  explicit TestHttpServer(HttpServerOptions options = {}, std::shared_ptr<const KeyRing> keys = nullptr,
                          std::vector<HttpRoute> more = {}) {
    options.port = 0;
    std::vector<HttpRoute> routes = this->routes();
    for (HttpRoute& route : more) routes.push_back(std::move(route));
    server_ = std::make_unique<HttpServer>(std::move(options), std::move(routes), std::move(keys),
                                           [this](const HttpLogEntry& entry) { log.put(entry); });
    server_->start();
  }
  HttpServer& operator*() { return *server_; }
  HttpServer* operator->() { return server_.get(); }
  uint16_t port() const { return server_->port(); }

 private:
  std::vector<HttpRoute> routes() {
    const auto counted = [this](HttpHandler handler) {
      return [this, handler](const Exchange& exchange) {
        ++num_handled;
        handler(exchange);
      };
    };
    return {
        {"GET", "/health", counted([](const Exchange& exchange) { exchange->reply({.body = "{}"}); }), false},
        {"POST", "/v1/echo",
         counted([](const Exchange& exchange) { exchange->reply({.body = exchange->request().body}); }), true, true,
         1 << 20},
        {"GET", "/v1/items/{name}", counted([](const Exchange& exchange) {
           exchange->reply({.body = exchange->request().parameters.at("name")});
         })},
        {"GET", "/v1/hold", counted([this](const Exchange& exchange) { held.put(exchange); }), true, true},
        {"GET", "/v1/fail", counted([](const Exchange&) { throw std::runtime_error("secret detail"); })},
        {"GET", "/v1/bad", counted([](const Exchange&) { throw InputError("that is wrong"); })},
        {"GET", "/v1/forget", counted([](const Exchange&) {})},
    };
  }

  std::unique_ptr<HttpServer> server_;
};

inline std::string get(const std::string& target, const std::string& more = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

inline std::string post(const std::string& target, const std::string& body, const std::string& more = "") {
  return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         more + "\r\n" + body;
}

/// One key, "sesame".
inline std::shared_ptr<const KeyRing> sesame(int64_t max_concurrency = 0) {
  return std::make_shared<const KeyRing>(
      std::vector<ApiKey>{{.name = "ali", .sha256 = key_hash("sesame"), .max_concurrency = max_concurrency}});
}

}  // namespace r1v
