// cpp-httplib, wrapped: no exceptions for what a network does all day.
#include "io/http_client.h"

#include <httplib.h>

#include <cmath>
#include <cstdlib>

#include "base/error.h"

namespace r1v {
namespace {

constexpr size_t kMaxReplyBytes = size_t{16} << 20;  // unpacked

struct Url {
  std::string origin, path;  // "http://host:port", "/v1" without a slash at the end
};

Url parse_url(const std::string& text) {
  const bool known = text.starts_with("http://") || text.starts_with("https://");
  const size_t host = known ? text.find("://") + 3 : 0;
  const size_t slash = text.find('/', host);
  const std::string authority = text.substr(host, slash == std::string::npos ? slash : slash - host);
  if (!known || authority.empty() || authority.find_first_of(" \t@?#") != std::string::npos) {
    throw InputError(
        cat("\"", printable(text), "\" is no address of a server; expected http://host:port/v1 or https://..."));
  }
  Url url{.origin = text.substr(0, slash), .path = slash == std::string::npos ? "" : text.substr(slash)};
  while (url.path.ends_with('/')) url.path.pop_back();
  return url;
}

std::string describe(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
      return "no connection; is the server running there?";
    case httplib::Error::Read:
      return "no reply within the time allowed, or the connection broke";
    case httplib::Error::Write:
      return "the connection broke while asking";
    case httplib::Error::SSLConnection:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return "the encrypted connection failed; is the certificate valid?";
    default:
      return httplib::to_string(error);
  }
}

}  // namespace

struct HttpClient::Impl {
  httplib::Client client;
  std::string path;

  HttpAnswer send(httplib::Request& request);
};

HttpClient::HttpClient(const std::string& base_url, double timeout_s, const std::string& bearer) {
  if (!(timeout_s > 0) || timeout_s > 86400) {
    throw InputError(cat("a time limit of ", timeout_s, " s; expected more than 0 and at most a day"));
  }
  const Url url = parse_url(base_url);
  impl_ = std::make_unique<Impl>(httplib::Client(url.origin), url.path);
  const auto seconds = static_cast<time_t>(timeout_s);
  const auto microseconds = static_cast<time_t>((timeout_s - std::floor(timeout_s)) * 1e6);
  impl_->client.set_connection_timeout(seconds, microseconds);
  impl_->client.set_read_timeout(seconds, microseconds);
  impl_->client.set_write_timeout(seconds, microseconds);
  impl_->client.set_keep_alive(true);
  if (!bearer.empty()) impl_->client.set_bearer_token_auth(bearer);
}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::Impl::send(httplib::Request& request) {
  std::string received;
  request.content_receiver = [&received](const char* bytes, size_t count, uint64_t, uint64_t) {
    if (received.size() + count > kMaxReplyBytes) return false;
    received.append(bytes, count);
    return true;
  };
  const httplib::Result result = client.send(request);
  if (!result && result.error() == httplib::Error::Canceled) {
    return {.error = cat("a reply of more than ", kMaxReplyBytes >> 20,
                         " MiB, which no answer needs; is this the "
                         "right address?")};
  }
  if (!result) return {.error = describe(result.error())};
  const double retry_after = std::strtod(result->get_header_value("Retry-After").c_str(), nullptr);
  return {.status = result->status,
          .body = std::move(received),
          .retry_after_s = std::isfinite(retry_after) && retry_after > 0 ? retry_after : 0};
}

HttpAnswer HttpClient::post_json(const std::string& path, const std::string& body) {
  httplib::Request request;
  request.method = "POST";
  request.path = impl_->path + path;
  request.set_header("Content-Type", "application/json");
  request.body = body;
  return impl_->send(request);
}

HttpAnswer HttpClient::get(const std::string& path) {
  httplib::Request request;
  request.method = "GET";
  request.path = impl_->path + path;
  return impl_->send(request);
}

}  // namespace r1v
