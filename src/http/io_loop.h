// The one I/O thread: a listening socket, a clock tick, and what other threads post to it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "http/socket.h"

namespace r1v {

class IoLoop {
 public:
  IoLoop();
  /// Stops it.
  ~IoLoop();

  /// PEM files. throws InputError: not readable, broken, no pair.
  void use_tls(const std::filesystem::path& certificate, const std::filesystem::path& key);
  /// throws InputError: the address is taken or not this machine's.
  void listen(const std::string& host, uint16_t port);
  uint16_t port() const;
  /// Starts the thread, on which both are called.
  void start(std::function<void(std::unique_ptr<Socket>)> on_accept, std::function<void()> on_tick);
  void post(std::function<void()> task);
  /// On the I/O thread; a task that waits already is not called.
  void after(double seconds, std::function<void()> task);
  /// On the I/O thread.
  void stop_accepting();
  /// Waits for the thread; whatever was started on its sockets must have been closed, on it, by `last`.
  void stop(std::function<void()> last);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace r1v
