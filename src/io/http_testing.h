// For tests: a server on a free port of this machine that gives prepared replies, one a request.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"

namespace r1v {

/// Answers every request with what `reply` makes of its whole text (head and body); an empty answer keeps the client
/// waiting until the end. Connections are closed after one reply.
class TestServer {
 public:
  explicit TestServer(std::function<std::string(const std::string&)> reply) : reply_(std::move(reply)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    R1V_CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
    R1V_CHECK(::listen(listener_, 16) == 0, "listen");
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer() {
    stopped_ = true;
    thread_.join();
    for (const int socket : waiting_) ::close(socket);
    ::close(listener_);
  }

  std::string url() const { return cat("http://127.0.0.1:", port_, "/v1"); }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  static std::string http(int status, const std::string& body, const std::string& headers = "") {
    return cat("HTTP/1.1 ", status, " X\r\nContent-Type: application/json\r\nConnection: close\r\n", headers,
               "Content-Length: ", body.size(), "\r\n\r\n", body);
  }

 private:
  void serve() {
    while (!stopped_) {
      pollfd ready{.fd = listener_, .events = POLLIN, .revents = 0};
      if (::poll(&ready, 1, 20) <= 0) continue;
      const int socket = ::accept(listener_, nullptr, nullptr);
      const std::string request = receive(socket);
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const std::string answer = reply_(request);
      if (answer.empty()) {
        waiting_.push_back(socket);
        continue;
      }
      for (size_t sent = 0; sent < answer.size();) {
        const ssize_t count = ::send(socket, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += static_cast<size_t>(count);
      }
      ::close(socket);
    }
  }

  static std::string receive(int socket) {
    std::string text;
    char buffer[4096];
    while (true) {
      const size_t head = text.find("\r\n\r\n");
      if (head != std::string::npos && text.starts_with("GET ")) return text;
      const size_t length = text.find("Content-Length: ");
      if (head != std::string::npos && length != std::string::npos &&
          text.size() >= head + 4 + std::stoul(text.substr(length + 16))) {
        return text;
      }
      const ssize_t count = ::recv(socket, buffer, sizeof buffer, 0);
      if (count <= 0) return text;
      text.append(buffer, static_cast<size_t>(count));
    }
  }

  std::function<std::string(const std::string&)> reply_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> stopped_ = false;
  std::vector<int> waiting_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace r1v
