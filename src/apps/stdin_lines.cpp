// poll and read on file descriptor 0; std::cin could not tell whether a line is there.
#include "apps/stdin_lines.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "apps/interrupt.h"
#include "base/error.h"

namespace r1v {

std::optional<std::string> StdinLines::cut(size_t end, size_t skip) {
  std::string line = buffer_.substr(taken_, end - taken_);
  taken_ = searched_ = end + skip;
  if (taken_ > buffer_.size() / 2) {
    buffer_.erase(0, taken_);
    taken_ = searched_ = 0;
  }
  return line;
}

bool StdinLines::readable(bool wait) const {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return ::poll(&input, 1, wait ? -1 : 0) > 0;  // a signal ends the waiting
}

std::optional<std::string> StdinLines::next(bool wait) {
  while (true) {
    if (const size_t end = buffer_.find('\n', searched_); end != std::string::npos) return cut(end, 1);
    searched_ = buffer_.size();
    if (closed_) return taken_ < buffer_.size() ? cut(buffer_.size(), 0) : std::nullopt;
    if (interrupt_flag() || (!readable(wait) && !wait)) return std::nullopt;
    std::array<char, 1 << 16> bytes;
    const ssize_t count = interrupt_flag() ? -1 : ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count > 0) buffer_.append(bytes.data(), static_cast<size_t>(count));
    if (count == 0) closed_ = true;
    if (count < 0 && !interrupt_flag() && errno != EINTR) throw InputError(cat("standard input: ", std::strerror(errno)));
  }
}

}  // namespace r1v
