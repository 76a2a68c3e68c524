// Asking a server over HTTP or HTTPS: the only file that includes cpp-httplib's client.
#pragma once

#include <memory>
#include <string>

namespace r1v {

/// status 0: there was no reply, `error` says why; otherwise what the server said, whatever its status.
struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string error;
  double retry_after_s = 0;  // what the server asked for; 0 = nothing
};

class HttpClient {
 public:
  /// base_url    "http://host:port/v1" or https; timeout_s  for connecting, and between two pieces of a reply.
  /// bearer      sent as "Authorization: Bearer ..." unless empty.
  /// throws InputError: not such a URL.
  HttpClient(const std::string& base_url, double timeout_s, const std::string& bearer = "");
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// POSTs JSON to base_url + path and waits for the reply, of which more than 16 MiB are an error. One thread at a
  /// time.
  HttpAnswer post_json(const std::string& path, const std::string& body);
  /// The same without a body.
  HttpAnswer get(const std::string& path);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace r1v
