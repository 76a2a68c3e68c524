// Internet addresses and which of them belong to the public Internet.
#pragma once

#include <string>
#include <vector>

namespace r1v {

/// Addresses in their usual form: "127.0.0.1", "::1" (no brackets, no zone).
bool is_ipv4_address(const std::string& text);
bool is_ipv6_address(const std::string& text);

/// "93.184.216.34" or "2606:2800::1". False for every range with a special meaning: this machine, private and shared
/// networks, link-local, multicast, documentation, and all that carry an IPv4 address inside an IPv6 one; also for what
/// is no address.
bool is_public_address(const std::string& address);

/// Addresses of a name, as text, in the order in which they should be tried; empty: it has none, or not before the
/// deadline (of monotonic_s).
std::vector<std::string> resolve_host(const std::string& host, double deadline_s);

}  // namespace r1v
