// Fetches a picture from elsewhere for a client, without becoming the client's way into our network.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace r1v {

struct FetchPolicy {
  std::vector<std::string> allowed_hosts;  // exact names, or "*.example.org"; empty = nothing is fetched
  bool allows_http = false;                // else https alone
  int64_t max_redirects = 3;               // each hop is checked as the first
  int64_t max_bytes = 20'000'000;
  double timeout_s = 15;                  // the whole fetch
  bool allows_private_addresses = false;  // for tests: this machine's own addresses
  std::string ca_file;                    // "" = the system's
};

/// The body of a 200. The name is resolved once and that very address is connected to; it must be public.
/// throws HttpError 400: not a URL that may be fetched, and why; 502-like causes are 400 too, with no detail of theirs.
std::string fetch(const std::string& url, const FetchPolicy& policy);

}  // namespace r1v
