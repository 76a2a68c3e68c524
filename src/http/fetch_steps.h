// Fetching with the steps that tests replace.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/fetch.h"

namespace r1v {

/// Addresses of a host as text, before a deadline of monotonic_s.
using ResolveHost = std::function<std::vector<std::string>(const std::string& host, double deadline_s)>;

std::string fetch_with(const std::string& url, const FetchPolicy& policy, const ResolveHost& resolve);

}  // namespace r1v
