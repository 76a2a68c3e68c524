// Boost.Asio, run by one thread, so that nothing here needs a lock.
#include "http/io_loop.h"

#include <openssl/ssl.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "http/asio_socket.h"

namespace r1v {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr std::chrono::milliseconds kTick(100);

// HTTP/1.1 or nothing: a client that offers other protocols alone gets no connection.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size,
                    void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int result = SSL_select_next_proto(&chosen, out_size, kOurs, sizeof(kOurs) - 1, in, in_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

struct IoLoop::Impl {
  asio::io_context io{1};
  std::optional<asio::ssl::context> tls;
  Tcp::acceptor acceptor{io};
  asio::steady_timer tick{io};
  asio::steady_timer accept_pause{io};
  asio::steady_timer later{io};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
  std::function<void(std::unique_ptr<Socket>)> on_accept;
  std::function<void()> on_tick;
  bool is_stopping = false;
  std::thread thread;

  void accept() {
    acceptor.async_accept([this](error_code error, Tcp::socket socket) {
      if (!acceptor.is_open()) return;
      if (error) {
        // Out of file descriptors, most likely; asking again at once would only burn time.
        log_warning(cat("no connection could be accepted: ", error.message()));
        accept_pause.expires_after(kTick);
        accept_pause.async_wait([this](error_code) {
          if (acceptor.is_open()) accept();
        });
        return;
      }
      on_accept(make_socket(std::move(socket), tls ? &*tls : nullptr));
      accept();
    });
  }

  // What one connection throws (no memory, most likely) must not end the others.
  void run() {
    for (bool is_over = false; !is_over;) {
      try {
        io.run();
        is_over = true;
      } catch (const std::exception& error) {
        log_warning(cat("on the I/O thread: ", printable(error.what(), 1000)));
      }
    }
  }

  void wait_for_tick() {
    tick.expires_after(kTick);
    tick.async_wait([this](error_code error) {
      if (error || is_stopping) return;
      on_tick();
      wait_for_tick();
    });
  }
};

IoLoop::IoLoop() : impl_(std::make_unique<Impl>()) {}

IoLoop::~IoLoop() {
  stop([] {});
}

void IoLoop::use_tls(const std::filesystem::path& certificate, const std::filesystem::path& key) {
  asio::ssl::context& context = impl_->tls.emplace(asio::ssl::context::tls_server);
  SSL_CTX* native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
  // An encrypted key would ask on the terminal, which a server has not.
  SSL_CTX_set_default_passwd_cb(native, [](char*, int, int, void*) { return 0; });
  error_code error;
  context.use_certificate_chain_file(certificate.string(), error);
  if (error) {
    throw InputError(
        cat(certificate.string(), " is no certificate that can be used: ", error.message(), "; expected PEM"));
  }
  context.use_private_key_file(key.string(), asio::ssl::context::pem, error);
  if (error) {
    throw InputError(cat(key.string(), " is no private key for ", certificate.string(), ": ", error.message(),
                         "; expected PEM without a password"));
  }
  if (SSL_CTX_check_private_key(native) != 1) {
    throw InputError(cat(key.string(), " is not the key of ", certificate.string()));
  }
}

void IoLoop::listen(const std::string& host, uint16_t port) {
  error_code error;
  Tcp::resolver resolver(impl_->io);
  const auto found = resolver.resolve(host, std::to_string(port), Tcp::resolver::passive, error);
  if (error || found.empty())
    throw InputError(cat("'", printable(host), "' is no address to listen on: ", error.message()));
  const Tcp::endpoint endpoint = found.begin()->endpoint();
  impl_->acceptor.open(endpoint.protocol(), error);
  if (!error) impl_->acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) impl_->acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) impl_->acceptor.bind(endpoint, error);
  if (!error) impl_->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) return;
  error_code ignored;
  impl_->acceptor.close(ignored);
  throw InputError(
      cat("cannot listen on ", host, " port ", port, ": ", error.message(), "; choose another port or address"));
}

uint16_t IoLoop::port() const {
  error_code error;
  const Tcp::endpoint endpoint = impl_->acceptor.local_endpoint(error);
  return error ? 0 : endpoint.port();
}

void IoLoop::start(std::function<void(std::unique_ptr<Socket>)> on_accept, std::function<void()> on_tick) {
  impl_->on_accept = std::move(on_accept);
  impl_->on_tick = std::move(on_tick);
  impl_->work.emplace(impl_->io.get_executor());
  impl_->accept();
  impl_->wait_for_tick();
  impl_->thread = std::thread([this] { impl_->run(); });
}

void IoLoop::post(std::function<void()> task) { asio::post(impl_->io, std::move(task)); }

void IoLoop::after(double seconds, std::function<void()> task) {
  impl_->later.expires_after(std::chrono::microseconds(static_cast<int64_t>(seconds * 1e6)));
  impl_->later.async_wait([task = std::move(task)](error_code error) {
    if (!error) task();
  });
}

void IoLoop::stop_accepting() {
  error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->accept_pause.cancel();
}

void IoLoop::stop(std::function<void()> last) {
  if (!impl_->thread.joinable()) return;
  post([this, last = std::move(last)] {
    stop_accepting();
    impl_->is_stopping = true;
    impl_->tick.cancel();
    impl_->later.cancel();
    last();
    impl_->work.reset();
  });
  impl_->thread.join();
}

}  // namespace r1v
