// Chunked framing is not parsed: sizes stand on lines of their own between events, which begin with "data: ".
#include "sse_stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

namespace r1v {

SseStream::SseStream(const std::string& host, int64_t port, const std::string& request, bool is_slow)
    : file_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), is_slow_(is_slow), asked_(monotonic_s()) {
  const int small = 4096;
  if (is_slow) ::setsockopt(file_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  if (::connect(file_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(file_);
    throw InputError(cat("nobody listens on ", host, ":", port));
  }
  if (::send(file_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    end("the request could not be sent");
  }
}

SseStream::~SseStream() { ::close(file_); }

size_t SseStream::read() {
  std::array<char, 16384> bytes;
  const ssize_t count = ::recv(file_, bytes.data(), is_slow_ ? 512 : bytes.size(), is_slow_ ? MSG_DONTWAIT : 0);
  if (count < 0 && is_slow_ && errno == EAGAIN) return 0;
  if (count <= 0) {
    end(is_done_ ? "" : "the connection ended before [DONE]");
    return 0;
  }
  pending_.append(bytes.data(), static_cast<size_t>(count));
  if (!has_head_) take_head();
  size_t events = 0, begin = 0;
  while (has_head_ && !is_over_) {
    const size_t line_end = pending_.find('\n', begin);
    if (line_end == std::string::npos) break;
    const std::string_view line = std::string_view(pending_).substr(begin, line_end - begin);
    begin = line_end + 1;
    if (!line.starts_with("data: ")) continue;
    take_event(line.substr(6));
    ++events;
  }
  pending_.erase(0, begin);
  return events;
}

void SseStream::take_head() {
  const size_t end_of_head = pending_.find("\r\n\r\n");
  if (end_of_head == std::string::npos) return;
  if (!pending_.starts_with("HTTP/1.1 200")) return end(pending_.substr(9, 3));
  pending_.erase(0, end_of_head + 4);
  has_head_ = true;
}

void SseStream::take_event(std::string_view event) {
  while (event.ends_with('\r')) event.remove_suffix(1);
  if (event == "[DONE]") {
    is_done_ = true;
    return end("");
  }
  const Json json = parse_json(event, "event");
  if (json.contains("error")) return end(dump_json(json.at("error")).substr(0, 120));
  if (json.contains("usage") && json.at("usage").is_object()) {
    tokens_ = json_int(json.at("usage"), "completion_tokens", "usage");
  }
  if (!json.contains("choices") || json.at("choices").empty()) return;
  const Json& delta = json.at("choices").at(0).at("delta");
  for (const char* key : {"reasoning_content", "content"}) {
    if (!delta.contains(key) || !delta.at(key).is_string()) continue;
    const std::string& text = delta.at(key).get_ref<const std::string&>();
    if (text.empty()) continue;
    if (first_s_ == 0) first_s_ = monotonic_s() - asked_;
    text_ += text;
  }
}

void SseStream::end(const std::string& error) {
  is_over_ = true;
  error_ = error;
  total_s_ = monotonic_s() - asked_;
}

}  // namespace r1v
