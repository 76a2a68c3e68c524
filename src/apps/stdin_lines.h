// Lines of standard input as they come: a client may wait for one answer before it writes the next question.
#pragma once

#include <optional>
#include <string>

namespace r1v {

class StdinLines final {
 public:
  /// The next line without its end; none at the end of input, on Ctrl-C, or, unless `wait`, while no whole line is there.
  /// throws InputError when reading fails.
  std::optional<std::string> next(bool wait);

 private:
  std::optional<std::string> cut(size_t end, size_t skip);
  bool readable(bool wait) const;

  std::string buffer_;
  size_t taken_ = 0;     // bytes of it already handed out
  size_t searched_ = 0;  // bytes of it known to hold no further line end
  bool closed_ = false;
};

}  // namespace r1v
