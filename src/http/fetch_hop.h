// One request of a fetch: to one of the given addresses and nowhere else, within time and size.
#pragma once

#include <string>
#include <vector>

#include "http/url.h"

namespace r1v {

struct FetchHop {
  WebUrl url;
  std::vector<std::string> addresses;  // tried in turn
  std::string ca_file;                 // "" = the system's
  size_t max_bytes = 0;
  double deadline_s = 0;  // of monotonic_s
};

struct FetchHopReply {
  int status = 0;
  std::string location;
  std::string body;  // of a 200
};

/// throws HttpError 400: no whole reply, or a body that is too large.
FetchHopReply fetch_hop(const FetchHop& hop);

}  // namespace r1v
