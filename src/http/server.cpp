// Puts loop, gate, workers and connections together.
#include "http/server.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "http/connection.h"
#include "http/io_loop.h"

namespace r1v {
namespace {

constexpr std::string_view kTooManyConnections =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";

void check(const HttpServerOptions& options) {
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    throw InputError("a TLS certificate and its key are needed together; one of them was given");
  }
  if (options.workers < 1) throw InputError(cat("found ", options.workers, " worker threads; expected at least 1"));
  for (const double seconds : {options.header_timeout_s, options.body_timeout_s, options.idle_timeout_s,
                               options.write_timeout_s, options.keep_alive_comment_s}) {
    if (!(seconds > 0)) throw InputError(cat("a timeout of ", seconds, " s; expected more than 0"));
  }
}

}  // namespace

struct HttpServer::Impl {
  ServerShared shared;
  std::unordered_set<std::shared_ptr<Connection>> connections;  // of the I/O thread
  std::mutex mutex;
  std::condition_variable drained;
  bool is_drained = false, is_stopped = false;  // under the mutex
  bool is_started = false;
  uint16_t port = 0;
  IoLoop loop;  // last: goes first

  Impl(HttpServerOptions options, std::vector<HttpRoute> routes, std::shared_ptr<const KeyRing> keys,
       std::function<void(const HttpLogEntry&)> on_finished)
      : shared{.options = options,
               .gate = Gate({options.allowed_hosts, options.allowed_origins, options.host}, std::move(routes), keys),
               .on_finished = std::move(on_finished)} {
    shared.mailbox = std::make_shared<Mailbox>([this] { loop.post([this] { open_mailbox(); }); },
                                               [this] { loop.post([this] { wait_to_gather(); }); });
    shared.body_memory = std::make_shared<BodyMemory>(options.max_held_body_bytes);
    shared.on_closed = [this](const std::shared_ptr<Connection>& connection) {
      connections.erase(connection);
      shared.num_connections = static_cast<int64_t>(connections.size());
    };
  }

  void open_mailbox() {
    for (const std::shared_ptr<Outgoing>& outgoing : shared.mailbox->take()) outgoing->wake_reader();
  }

  void wait_to_gather() {
    loop.after(kGatherS, [this] {
      const std::vector<std::shared_ptr<Outgoing>> all = shared.mailbox->take_for_tick();
      if (all.empty()) return;
      wait_to_gather();
      for (const std::shared_ptr<Outgoing>& outgoing : all) outgoing->call_drained();
    });
  }

  void on_accept(std::unique_ptr<Socket> socket) {
    if (connections.size() >= shared.options.max_connections) {
      refuse(std::move(socket));
      return;
    }
    const auto connection = std::make_shared<Connection>(std::move(socket), shared);
    connections.insert(connection);
    shared.num_connections = static_cast<int64_t>(connections.size());
    connection->start();
  }

  // Before TLS there is no way to say it.
  void refuse(std::unique_ptr<Socket> socket) {
    if (!shared.options.tls_certificate.empty()) return;
    const std::shared_ptr<Socket> kept = std::move(socket);
    kept->write_some({kTooManyConnections}, [kept](bool, size_t) { kept->close(); });
  }

  void on_tick() {
    const double now_s = monotonic_s();
    const std::vector<std::shared_ptr<Connection>> all(connections.begin(), connections.end());
    for (const auto& connection : all) connection->check_time(now_s);
    if (shared.is_draining) check_drained();
  }

  void check_drained() {
    for (const auto& connection : connections) {
      if (connection->is_busy()) return;
    }
    const std::lock_guard lock(mutex);
    is_drained = true;
    drained.notify_all();
  }

  void close_all() {
    const std::vector<std::shared_ptr<Connection>> all(connections.begin(), connections.end());
    for (const auto& connection : all) connection->close();
  }
};

HttpServer::HttpServer(HttpServerOptions options, std::vector<HttpRoute> routes, std::shared_ptr<const KeyRing> keys,
                       std::function<void(const HttpLogEntry&)> on_finished) {
  check(options);
  impl_ = std::make_unique<Impl>(std::move(options), std::move(routes), std::move(keys), std::move(on_finished));
  const HttpServerOptions& kept = impl_->shared.options;
  if (!kept.tls_certificate.empty()) impl_->loop.use_tls(kept.tls_certificate, kept.tls_key);
}

HttpServer::~HttpServer() { stop(); }

void HttpServer::start() {
  const HttpServerOptions& options = impl_->shared.options;
  R1V_CHECK(!impl_->is_started, "a server is started once");
  impl_->loop.listen(options.host, options.port);
  impl_->is_started = true;
  impl_->port = impl_->loop.port();
  impl_->shared.workers = std::make_unique<WorkerPool>(options.workers, options.max_waiting);
  impl_->loop.start([this](std::unique_ptr<Socket> socket) { impl_->on_accept(std::move(socket)); },
                    [this] { impl_->on_tick(); });
}

uint16_t HttpServer::port() const { return impl_->port; }

HttpCounts HttpServer::counts() const {
  const ServerShared& shared = impl_->shared;
  return {.connections = shared.num_connections,
          .requests = shared.num_requests,
          .refused = shared.num_refused,
          .failed = shared.num_failed,
          .streams = shared.num_streams};
}

bool HttpServer::drain(double seconds) {
  if (!impl_->is_started) return true;
  std::unique_lock lock(impl_->mutex);
  if (impl_->is_stopped) return true;
  impl_->loop.post([this] {
    impl_->shared.is_draining = true;
    impl_->loop.stop_accepting();
    impl_->check_drained();
  });
  impl_->drained.wait_for(lock, std::chrono::duration<double>(seconds),
                          [this] { return impl_->is_drained || impl_->is_stopped; });
  return impl_->is_drained;
}

void HttpServer::stop() {
  if (!impl_->is_started) return;
  {
    const std::lock_guard lock(impl_->mutex);
    if (std::exchange(impl_->is_stopped, true)) return;
  }
  impl_->drained.notify_all();  // who waits in drain waits no longer
  // Whoever makes a reply hears that its client has gone; only then can a handler that waits for one end.
  impl_->loop.stop([this] {
    impl_->shared.mailbox->close();
    impl_->close_all();
  });
  impl_->shared.workers->stop();
}

}  // namespace r1v
