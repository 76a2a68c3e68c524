// One accepted connection as bytes in and bytes out, with or without TLS; for the I/O thread alone.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace r1v {

class Socket {
 public:
  /// is_ok false: the other side has closed, or the connection broke, or was closed here.
  using Done = std::function<void(bool is_ok, size_t bytes)>;
  using Parts = std::array<std::string_view, 3>;

  virtual ~Socket() = default;
  /// TLS, or nothing at all. A client that speaks HTTP without TLS is told so.
  virtual void handshake(std::function<void(bool is_ok)> done) = 0;
  /// At least one byte. One reading and one writing at a time; what is pointed at stays until done is called.
  virtual void read_some(char* into, size_t size, Done done) = 0;
  virtual void write_some(const Parts& parts, Done done) = 0;
  /// Says that nothing more comes; reading goes on.
  virtual void end_sending(std::function<void()> done) = 0;
  virtual void close() = 0;
  /// Written, and not yet acknowledged by the other side.
  virtual size_t unacknowledged_bytes() = 0;
  /// Of the client, without its port.
  virtual const std::string& address() const = 0;
};

}  // namespace r1v
