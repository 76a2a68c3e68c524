// The order matters: host (DNS rebinding), origin (other people's pages), key, and only then what was asked for.
#include "http/gate.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "http/address.h"
#include "http/error.h"

namespace r1v {
namespace {

constexpr int kRetryAfterS = 1;

std::string name_of_this_machine() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "";
  return lower_case(name.data());
}

// "[::1]:8000" -> "::1", "localhost:8000" -> "localhost"
std::string without_port(const std::string& host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') == std::string::npos ? 0 : host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool contains(const std::vector<std::string>& list, const std::string& lower) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& item) { return lower_case(item) == lower; });
}

bool is_header_list(const std::string& text) {
  return text.size() <= 1024 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_, ") ==
             std::string::npos;
}

HttpReply preflight_reply(const HttpHead& head) {
  HttpReply reply{.status = 204, .content_type = ""};
  const std::string& wanted = head.header("access-control-request-headers");
  reply.headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE");
  if (!wanted.empty() && is_header_list(wanted)) reply.headers.emplace_back("Access-Control-Allow-Headers", wanted);
  reply.headers.emplace_back("Access-Control-Max-Age", "600");
  return reply;
}

std::string key_of(const HttpHead& head) {
  const std::string& authorization = head.header("authorization");
  if (authorization.empty()) return head.header("x-api-key");
  constexpr std::string_view kScheme = "bearer ";
  if (lower_case(authorization.substr(0, kScheme.size())) != kScheme) return "";
  const size_t begin = authorization.find_first_not_of(' ', kScheme.size());
  return begin == std::string::npos ? "" : authorization.substr(begin);
}

}  // namespace

Gate::Gate(GateRules rules, std::vector<HttpRoute> routes, std::shared_ptr<const KeyRing> keys)
    : rules_(std::move(rules)),
      router_(std::move(routes)),
      keys_(std::move(keys)),
      machine_name_(name_of_this_machine()) {
  rules_.own_host = lower_case(rules_.own_host);
  if (keys_ == nullptr) return;
  for (const ApiKey& key : keys_->keys()) at_work_[&key] = std::make_shared<std::atomic<int64_t>>(0);
}

Admission Gate::admit(const HttpHead& head) const {
  Admission admission;
  try {
    admit_or_throw(head, admission);
  } catch (const HttpError& error) {
    HttpReply reply = error_reply(error);
    if (error.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    admission.reply = std::move(reply);
  }
  return admission;
}

void Gate::admit_or_throw(const HttpHead& head, Admission& admission) const {
  check_host(head);
  const bool is_allowed_origin = check_origin(head, admission);
  if (is_allowed_origin && head.method == "OPTIONS" && head.headers.contains("access-control-request-method")) {
    admission.reply = preflight_reply(head);
    return;
  }
  std::optional<HttpError> path_error;
  RouteMatch match;
  try {
    admission.target = parse_target(head.target);
    match = router_.match(head.method, admission.target.path);
  } catch (const HttpError& error) {
    path_error = error;
  }
  const bool is_open = match.route != nullptr && !match.route->needs_key;
  const ApiKey* key = keys_ == nullptr || is_open ? nullptr : &check_key(head);
  if (path_error) throw *path_error;
  if (match.route == nullptr && match.allow.empty()) {
    throw HttpError(404, "not_found", cat("there is nothing at ", printable(admission.target.path)));
  }
  if (match.route == nullptr) {
    admission.reply = error_reply(HttpError(
        405, "method_not_allowed", cat(printable(head.method), " is not for this path; ", match.allow, " is")));
    admission.reply->headers.emplace_back("Allow", match.allow);
    return;
  }
  if (head.headers.contains("content-encoding") && lower_case(head.header("content-encoding")) != "identity") {
    throw HttpError(415, "unsupported_encoding", "send the body of the request without Content-Encoding");
  }
  if (key != nullptr && match.route->is_work) admission.lease = take_lease(*key);
  if (key != nullptr) admission.key_name = key->name;
  admission.route = match.route;
  admission.parameters = std::move(match.parameters);
}

void Gate::check_host(const HttpHead& head) const {
  const std::string host = lower_case(head.header("host"));
  const std::string name = without_port(host);
  bool is_ours = false;
  if (!rules_.allowed_hosts.empty()) {
    is_ours = contains(rules_.allowed_hosts, host) || contains(rules_.allowed_hosts, name);
  } else if (keys_ != nullptr || !head.headers.contains("host")) {
    is_ours = true;  // a browser always sends Host; HTTP/1.0 programs need not
  } else {
    // A page that points its own name at this machine comes with that name, never with a bare address.
    is_ours = is_ipv4_address(name) || is_ipv6_address(name) || name == "localhost" ||
              (!name.empty() && (name == machine_name_ || name == rules_.own_host));
  }
  if (!is_ours) {
    throw HttpError(403, "host_not_allowed",
                    cat("this server is not known as '", printable(host), "'; its owner can allow it"));
  }
}

bool Gate::is_allowed_origin(const std::string& origin) const {
  return contains(rules_.allowed_origins, "*") || contains(rules_.allowed_origins, lower_case(origin));
}

// Whether the request comes from a page that the owner named; its replies may then be read there.
bool Gate::check_origin(const HttpHead& head, Admission& admission) const {
  if (!rules_.allowed_origins.empty()) admission.headers.emplace_back("Vary", "Origin");
  const std::string& origin = head.header("origin");
  if (origin.empty()) return false;
  if (is_allowed_origin(origin)) {
    admission.headers.emplace_back("Access-Control-Allow-Origin", origin);
    admission.headers.emplace_back("Access-Control-Expose-Headers", "X-Request-Id, Retry-After");
    return true;
  }
  const size_t scheme = origin.find("://");
  const std::string from = scheme == std::string::npos ? origin : origin.substr(scheme + 3);
  const bool is_own_page = lower_case(from) == lower_case(head.header("host"));
  // Without keys a browser would do this for any page that the user has open.
  if (keys_ == nullptr && !is_own_page && head.method != "GET" && head.method != "HEAD") {
    throw HttpError(403, "origin_not_allowed",
                    cat("pages of '", printable(origin), "' may not use this server; its owner can allow it"));
  }
  return false;
}

const ApiKey& Gate::check_key(const HttpHead& head) const {
  const std::string text = key_of(head);
  const ApiKey* key = keys_->find(text);
  if (key == nullptr) {
    throw HttpError(
        401, "invalid_api_key",
        text.empty() ? "no API key was sent; send it as 'Authorization: Bearer KEY'" : "the API key is not known");
  }
  return *key;
}

std::shared_ptr<void> Gate::take_lease(const ApiKey& key) const {
  const std::shared_ptr<std::atomic<int64_t>>& count = at_work_.at(&key);
  if (key.max_concurrency > 0 && count->load() >= key.max_concurrency) {
    HttpError error(
        429, "rate_limit_exceeded",
        cat("this key has ", key.max_concurrency, " requests at work, as many as it may; ask again when one is done"));
    error.retry_after_s = kRetryAfterS;
    throw error;
  }
  count->fetch_add(1);
  return {nullptr, [count](void*) { count->fetch_sub(1); }};
}

}  // namespace r1v
