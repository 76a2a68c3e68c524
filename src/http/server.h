// An HTTP/1.1 server for few threads and many slow streams; TLS >= 1.2.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/exchange.h"
#include "http/keys.h"

namespace r1v {

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 8000;                            // 0: any free one
  int64_t workers = 2;                             // threads that run handlers, and one more for those that are no work
  std::filesystem::path tls_certificate, tls_key;  // PEM; both or none
  size_t max_connections = 1024;
  size_t max_header_bytes = 16 << 10;
  size_t max_waiting = 512;      // requests read and not yet taken by a worker: of work, and of all else
  double header_timeout_s = 10;  // until the head of a request is there
  double body_timeout_s = 60;    // until its body is
  double idle_timeout_s = 75;    // between requests of a connection
  double write_timeout_s = 30;   // a client that takes no byte for so long is gone
  double keep_alive_comment_s = 10;
  size_t max_unsent_bytes = 4 << 20;         // a stream that is so far behind is gone
  size_t max_held_body_bytes = 1 << 30;      // of all requests together; beyond: 429
  std::vector<std::string> allowed_origins;  // CORS; empty: none
  std::vector<std::string> allowed_hosts;    // values of Host; empty: any where keys are asked for, else this machine's
                                             // own names (DNS rebinding)
};

struct HttpCounts {
  int64_t connections = 0;  // now
  int64_t requests = 0, refused = 0, failed = 0;
  int64_t streams = 0;  // now
};

/// What there is to say of a request when it is over. path is decoded and without its query; what was no request has no
/// method. status 0: the client went before a reply began.
struct HttpLogEntry {
  int64_t number = 0;  // as HttpRequest's
  std::string id, method, path, route, key_name, address;
  int status = 0;
  double seconds = 0;
  double first_byte_s = 0;
  size_t request_bytes = 0, reply_bytes = 0;
  bool client_gone = false;
};

class HttpServer {
 public:
  /// keys  null: every route is open. on_finished  called once a request, on the I/O thread; may be null. throws
  /// InputError: bad options, a broken certificate.
  HttpServer(HttpServerOptions options, std::vector<HttpRoute> routes, std::shared_ptr<const KeyRing> keys,
             std::function<void(const HttpLogEntry&)> on_finished);
  ~HttpServer();

  /// Listens. throws InputError: the address is taken or not this machine's.
  void start();
  uint16_t port() const;
  HttpCounts counts() const;
  /// No new connections, and no new requests on open ones (503 with Retry-After); returns when the last reply is out or
  /// after so many seconds, with true or false.
  bool drain(double seconds);
  /// Ends everything at once, a drain() in another thread too.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace r1v
