// Everything that is decided about a request from its head alone: host, origin, key, path, method, size of the body.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/exchange.h"
#include "http/head.h"
#include "http/keys.h"
#include "http/router.h"
#include "http/target.h"

namespace r1v {

struct GateRules {
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;  // "*" = all
  std::string own_host;                      // the name that the server was told to listen on
};

struct Admission {
  std::optional<HttpReply> reply;  // set: this is the whole answer, no handler sees the request
  const HttpRoute* route = nullptr;
  RequestTarget target;
  std::map<std::string, std::string> parameters;
  std::string key_name;
  std::shared_ptr<void> lease;                               // holds a place among the key's requests at work
  std::vector<std::pair<std::string, std::string>> headers;  // of the reply, whichever it is (CORS)
};

class Gate {
 public:
  /// keys  null: every route is open, and only requests to this machine's own names are answered.
  Gate(GateRules rules, std::vector<HttpRoute> routes, std::shared_ptr<const KeyRing> keys);

  /// One check for every request, on the decoded path and before any routing: whatever is not exactly the path of an
  /// open route needs a key.
  Admission admit(const HttpHead& head) const;

 private:
  void admit_or_throw(const HttpHead& head, Admission& admission) const;
  void check_host(const HttpHead& head) const;
  bool is_allowed_origin(const std::string& origin) const;
  bool check_origin(const HttpHead& head, Admission& admission) const;
  const ApiKey& check_key(const HttpHead& head) const;
  std::shared_ptr<void> take_lease(const ApiKey& key) const;

  GateRules rules_;
  Router router_;
  std::shared_ptr<const KeyRing> keys_;
  std::string machine_name_;
  std::map<const ApiKey*, std::shared_ptr<std::atomic<int64_t>>> at_work_;
};

}  // namespace r1v
