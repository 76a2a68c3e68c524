// Boost.Asio with a deadline over everything: connecting, TLS, sending, and each piece that comes back.
#include "http/fetch_hop.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <functional>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "http/body_reader.h"
#include "http/error.h"
#include "http/head.h"

namespace r1v {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr size_t kMaxHead = 16 << 10;
constexpr double kMaxConnectS = 5;  // then the next address has its turn

// One message for all that can go wrong on the way, so that a client learns nothing about networks from it.
HttpError failure() {
  return {400, "image_fetch_failed", "the picture could not be fetched: its host gave no whole reply with it in time"};
}

class Line {
 public:
  explicit Line(const FetchHop& hop) : hop_(hop), tls_context_(asio::ssl::context::tls_client) {
    if (!hop_.url.is_https) return;
    SSL_CTX_set_min_proto_version(tls_context_.native_handle(), TLS1_2_VERSION);
    error_code error;
    if (hop_.ca_file.empty()) {
      tls_context_.set_default_verify_paths(error);
    } else {
      tls_context_.load_verify_file(hop_.ca_file, error);
    }
    if (error) {
      log_warning(cat("certificates of authorities cannot be read: ", error.message()));
      throw failure();
    }
    tls_context_.set_verify_mode(asio::ssl::verify_peer);
  }

  void open() {
    for (const std::string& address : hop_.addresses) {
      error_code error;
      const Tcp::endpoint endpoint(asio::ip::make_address(address, error), hop_.url.port);
      if (error) continue;
      socket_ = Tcp::socket(io_);
      const double until_s = std::min(hop_.deadline_s, monotonic_s() + kMaxConnectS);
      if (wait(until_s, [&](auto done) { socket_.async_connect(endpoint, [done](error_code e) { done(e, 0); }); })) {
        if (hop_.url.is_https) start_tls();
        return;
      }
    }
    throw failure();
  }

  void send(const std::string& bytes) {
    const bool is_sent = wait(hop_.deadline_s, [&](auto done) {
      if (tls_) {
        asio::async_write(*tls_, asio::buffer(bytes), done);
      } else {
        asio::async_write(socket_, asio::buffer(bytes), done);
      }
    });
    if (!is_sent) throw failure();
  }

  /// "" at the end, where the other side has ended in order. throws where it has not.
  std::string_view receive() {
    const bool is_ok = wait(hop_.deadline_s, [&](auto done) {
      if (tls_) {
        tls_->async_read_some(asio::buffer(chunk_), done);
      } else {
        socket_.async_read_some(asio::buffer(chunk_), done);
      }
    });
    if (is_ok) return {chunk_.data(), count_};
    if (error_ == asio::error::eof) return {};
    throw failure();
  }

 private:
  using Done = std::function<void(error_code, size_t)>;

  // Starts something and runs until it is over; false: it failed, or the time is up and the socket closed.
  bool wait(double until_s, const std::function<void(Done)>& start) {
    bool is_done = false;
    start([&](error_code error, size_t count) {
      is_done = true;
      error_ = error;
      count_ = count;
    });
    io_.restart();
    io_.run_for(std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::duration<double>(std::max(0.0, until_s - monotonic_s()))));
    if (is_done) return !error_;
    error_code ignored;
    socket_.close(ignored);
    io_.restart();
    io_.run();
    error_ = asio::error::timed_out;
    return false;
  }

  void start_tls() {
    tls_.emplace(socket_, tls_context_);
    tls_->set_verify_callback(asio::ssl::host_name_verification(hop_.url.host));
    if (!hop_.url.is_address) SSL_set_tlsext_host_name(tls_->native_handle(), hop_.url.host.c_str());
    const bool is_trusted = wait(hop_.deadline_s, [&](auto done) {
      tls_->async_handshake(asio::ssl::stream_base::client, [done](error_code error) { done(error, 0); });
    });
    if (!is_trusted) throw failure();
  }

  const FetchHop& hop_;
  asio::io_context io_{1};
  asio::ssl::context tls_context_;
  Tcp::socket socket_{io_};
  std::optional<asio::ssl::stream<Tcp::socket&>> tls_;
  std::array<char, 16384> chunk_;
  error_code error_;
  size_t count_ = 0;
};

std::string request_bytes(const WebUrl& url) {
  return cat("GET ", url.target, " HTTP/1.1\r\nHost: ", url.authority(),
             "\r\nUser-Agent: r1v\r\nAccept: image/*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n");
}

// What came behind the head stays in `bytes`.
HttpHead read_head(Line& line, std::string& bytes) {
  for (;;) {
    const size_t size = http_head_size(bytes);
    if (size > kMaxHead || (size == 0 && bytes.size() > kMaxHead)) throw failure();
    if (size == 0) {
      const std::string_view more = line.receive();
      if (more.empty()) throw failure();
      bytes += more;
      continue;
    }
    HttpHead head = parse_reply_head(std::string_view(bytes).substr(0, size));
    bytes.erase(0, size);
    if (head.status >= 200) return head;
  }
}

std::string read_body(Line& line, HttpHead head, std::string bytes, size_t max_bytes) {
  const bool ends_with_connection = !head.is_chunked && !head.content_length;
  if (ends_with_connection) head.content_length = max_bytes + 1;
  BodyReader reader(head, ends_with_connection ? max_bytes + 1 : max_bytes);
  std::string_view more = bytes;
  for (;;) {
    reader.take(more);
    if (reader.body().size() > max_bytes) throw HttpError(413, "", "");
    if (reader.is_done()) return std::move(reader.body());
    more = line.receive();
    if (more.empty() && ends_with_connection) return std::move(reader.body());
    if (more.empty()) throw failure();
  }
}

}  // namespace

FetchHopReply fetch_hop(const FetchHop& hop) {
  Line line(hop);
  line.open();
  line.send(request_bytes(hop.url));
  try {
    std::string bytes;
    HttpHead head = read_head(line, bytes);
    FetchHopReply reply{.status = head.status, .location = head.header("location")};
    const bool is_plain = head.header("content-encoding").empty() || head.header("content-encoding") == "identity";
    if (head.status == 200 && !is_plain) throw failure();
    if (head.status == 200) reply.body = read_body(line, std::move(head), std::move(bytes), hop.max_bytes);
    return reply;
  } catch (const HttpError& error) {
    if (error.status != 413) throw failure();
    throw HttpError(400, "image_too_large", cat("the picture at this URL is larger than ", hop.max_bytes, " bytes"));
  }
}

}  // namespace r1v
