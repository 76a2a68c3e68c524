// A request and the way its reply goes out: what handlers see of the HTTP server.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace r1v {

struct HttpRequest {
  std::string method;                             // "GET"
  std::string path;                               // decoded and checked: no "..", no "//", no encoded slash
  std::map<std::string, std::string> query;       // decoded
  std::map<std::string, std::string> parameters;  // {name} parts of the route's pattern
  std::map<std::string, std::string> headers;     // names in lower case
  std::string body;                               // whole, within the route's limit
  std::string id;        // the client's X-Request-Id where it is well formed, else made; in the reply too
  int64_t number = 0;    // of this request alone, since the server started: clients may use an id twice
  std::string key_name;  // whose API key it came with; "" where the server asks for none
  std::string address;   // of the client
};

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // besides those that the server sets
};

/// So often a reply in pieces that come fast is worth a write: no reader can tell it from more often, and each costs
/// two system calls, here and at the client.
inline constexpr double kGatherS = 0.010;

/// One request on its way to its reply. All methods may be called from any thread and return at once; what is sent to a
/// client that has gone is dropped. Letting go of the last reference without a reply sends a 500.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  virtual const HttpRequest& request() const = 0;

  /// The whole reply. Exactly one of reply and begin is called, once.
  virtual void reply(HttpReply reply) = 0;

  /// A reply in pieces: head and first bytes now. Where nothing has been sent for a while, keep_alive goes out by
  /// itself.
  virtual void begin(HttpReply head, std::string keep_alive = "") = 0;
  virtual void send(std::string bytes) = 0;
  virtual void end() = 0;
  /// Given to send and not yet taken by the connection.
  virtual size_t unsent_bytes() const = 0;
  /// Called from an I/O thread when everything sent so far has been taken; once for each time it becomes empty.
  virtual void on_drained(std::function<void()> callback) = 0;
  /// Calls it within kGatherS, too, unless something is unsent then. One wake-up of the I/O thread serves all replies
  /// that ask.
  virtual void call_drained_soon() = 0;
  /// Called once, from an I/O thread, when the client goes (or is too slow) before the end; at once if it has gone.
  virtual void on_gone(std::function<void()> callback) = 0;
  virtual bool is_gone() const = 0;
};

/// Runs on a worker thread. InputError becomes a 400, HttpError its status, anything else a logged 500 without details.
using HttpHandler = std::function<void(std::shared_ptr<HttpExchange>)>;

struct HttpRoute {
  std::string method;
  std::string pattern;  // "/v1/requests/{id}/end_thinking"
  HttpHandler handler;
  bool needs_key = true;
  bool is_work = false;       // counts against the key's concurrency
  size_t max_body_bytes = 0;  // 0: the request has no body
};

class HttpError;
/// The reply that a refusal becomes: {"error": {...}} and Retry-After.
HttpReply error_reply(const HttpError& error);

}  // namespace r1v
