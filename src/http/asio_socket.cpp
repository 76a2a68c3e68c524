// Plain or TLS, told apart at each call: three calls are not worth two classes.
#include "http/asio_socket.h"

#include <linux/sockios.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <optional>
#include <utility>

namespace r1v {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

// Room that the kernel keeps for a client who does not read; left to itself it grows to megabytes.
constexpr int kSendBufferBytes = 128 << 10;

constexpr std::string_view kSpeakTls =
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 34\r\n\r\n"
    "this port speaks HTTPS, not HTTP.\n";

class AsioSocket final : public Socket {
 public:
  AsioSocket(Tcp::socket socket, asio::ssl::context* tls) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.set_option(Tcp::no_delay(true), ignored);
    socket_.set_option(asio::socket_base::send_buffer_size(kSendBufferBytes), ignored);
    const Tcp::endpoint client = socket_.remote_endpoint(ignored);
    const asio::ip::address address = client.address();
    const bool is_mapped = address.is_v6() && address.to_v6().is_v4_mapped();
    address_ =
        is_mapped ? asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string() : address.to_string();
    if (tls != nullptr) tls_.emplace(socket_, *tls);
  }

  void handshake(std::function<void(bool)> done) override {
    if (!tls_) {
      done(true);
      return;
    }
    tls_->async_handshake(asio::ssl::stream_base::server, [this, done = std::move(done)](error_code error) {
      if (error && is_plain_http(error)) {
        tls_.reset();
        error_code ignored;
        socket_.non_blocking(true, ignored);
        socket_.write_some(asio::buffer(kSpeakTls), ignored);
      }
      done(!error);
    });
  }

  void read_some(char* into, size_t size, Done done) override {
    auto on_read = [done = std::move(done)](error_code error, size_t bytes) { done(!error, bytes); };
    if (tls_) {
      tls_->async_read_some(asio::buffer(into, size), std::move(on_read));
    } else {
      socket_.async_read_some(asio::buffer(into, size), std::move(on_read));
    }
  }

  void write_some(const Parts& parts, Done done) override {
    std::array<asio::const_buffer, std::tuple_size_v<Parts>> buffers;
    for (size_t i = 0; i < parts.size(); ++i) buffers[i] = asio::buffer(parts[i].data(), parts[i].size());
    auto on_write = [done = std::move(done)](error_code error, size_t bytes) { done(!error, bytes); };
    if (tls_) {
      tls_->async_write_some(buffers, std::move(on_write));
    } else {
      socket_.async_write_some(buffers, std::move(on_write));
    }
  }

  void end_sending(std::function<void()> done) override {
    if (tls_ && SSL_is_init_finished(tls_->native_handle())) {
      tls_->async_shutdown([done = std::move(done)](error_code) { done(); });
      return;
    }
    error_code ignored;
    socket_.shutdown(Tcp::socket::shutdown_send, ignored);
    done();
  }

  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

  size_t unacknowledged_bytes() override {
    int bytes = 0;
    return ::ioctl(socket_.native_handle(), SIOCOUTQ, &bytes) == 0 ? static_cast<size_t>(bytes) : 0;
  }

  const std::string& address() const override { return address_; }

 private:
  static bool is_plain_http(error_code error) {
    return error.category() == asio::error::get_ssl_category() &&
           ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_HTTP_REQUEST;
  }

  Tcp::socket socket_;
  std::optional<asio::ssl::stream<Tcp::socket&>> tls_;
  std::string address_;
};

}  // namespace

std::unique_ptr<Socket> make_socket(Tcp::socket socket, asio::ssl::context* tls) {
  return std::make_unique<AsioSocket>(std::move(socket), tls);
}

}  // namespace r1v
