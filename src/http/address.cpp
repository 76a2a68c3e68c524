// The registries of special addresses (RFC 6890 and after), and the system's resolver with a deadline.
#include "http/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <future>
#include <memory>
#include <thread>

#include "base/clock.h"

namespace r1v {
namespace {

struct Range {
  const char* first;
  int bits;
};

constexpr std::array<Range, 16> kSpecialIpv4 = {{
    {"0.0.0.0", 8},        // this network
    {"10.0.0.0", 8},       // private
    {"100.64.0.0", 10},    // shared by a carrier's customers
    {"127.0.0.0", 8},      // this machine
    {"169.254.0.0", 16},   // link-local, and where clouds keep their metadata
    {"172.16.0.0", 12},    // private
    {"192.0.0.0", 24},     // protocol assignments
    {"192.0.2.0", 24},     // documentation
    {"192.31.196.0", 24},  // AS112
    {"192.88.99.0", 24},   // 6to4 relays
    {"192.168.0.0", 16},   // private
    {"198.18.0.0", 15},    // benchmarks
    {"198.51.100.0", 24},  // documentation
    {"203.0.113.0", 24},   // documentation
    {"224.0.0.0", 4},      // multicast
    {"240.0.0.0", 4},      // reserved, broadcast
}};

// Inside 2000::/3, outside of which nothing is public.
constexpr std::array<Range, 4> kSpecialIpv6 = {{
    {"2001::", 23},      // protocol assignments, Teredo among them
    {"2001:db8::", 32},  // documentation
    {"2002::", 16},      // 6to4, an IPv4 address inside
    {"3fff::", 20},      // documentation
}};

using Bytes = std::array<uint8_t, 16>;

bool read_address(const std::string& text, int family, Bytes& bytes) {
  return ::inet_pton(family, text.c_str(), bytes.data()) == 1;
}

bool is_in(const Bytes& address, const Range& range, int family) {
  Bytes first{};
  read_address(range.first, family, first);
  for (int bit = 0; bit < range.bits; ++bit) {
    const int mask = 0x80 >> (bit % 8);
    if ((address[bit / 8] & mask) != (first[bit / 8] & mask)) return false;
  }
  return true;
}

std::vector<std::string> ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text.data());
    }
  }
  return addresses;
}

}  // namespace

bool is_ipv4_address(const std::string& text) {
  Bytes ignored;
  return read_address(text, AF_INET, ignored);
}

bool is_ipv6_address(const std::string& text) {
  Bytes ignored;
  return read_address(text, AF_INET6, ignored);
}

bool is_public_address(const std::string& address) {
  Bytes bytes{};
  if (read_address(address, AF_INET, bytes)) {
    return std::none_of(kSpecialIpv4.begin(), kSpecialIpv4.end(),
                        [&](const Range& range) { return is_in(bytes, range, AF_INET); });
  }
  if (!read_address(address, AF_INET6, bytes) || !is_in(bytes, {"2000::", 3}, AF_INET6)) return false;
  return std::none_of(kSpecialIpv6.begin(), kSpecialIpv6.end(),
                      [&](const Range& range) { return is_in(bytes, range, AF_INET6); });
}

std::vector<std::string> resolve_host(const std::string& host, double deadline_s) {
  if (monotonic_s() >= deadline_s) return {};
  // The system's resolver cannot be interrupted: past the deadline its thread is left to end by itself.
  auto answer = std::make_shared<std::promise<std::vector<std::string>>>();
  std::future<std::vector<std::string>> addresses = answer->get_future();
  std::thread([answer, host] { answer->set_value(ask_system(host)); }).detach();
  const std::chrono::duration<double> left(std::max(0.0, deadline_s - monotonic_s()));
  if (addresses.wait_for(left) != std::future_status::ready) return {};
  return addresses.get();
}

}  // namespace r1v
