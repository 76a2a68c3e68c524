// A model's side of the compute thread. Torch-free.
#pragma once

#include <string>
#include <string_view>

namespace r1v {

/// What torch throws goes on with the whole call stack.
inline std::string first_line(std::string_view message) { return std::string(message.substr(0, message.find('\n'))); }

class ModelHost {
 public:
  virtual ~ModelHost() = default;

  // Of the compute thread:

  /// One pass, or nothing where nobody asks. Whether it did something. Throws nothing.
  virtual bool turn() = 0;
  /// Everybody under way or in line is told that it ends here.
  virtual void end_all() = 0;

  // Of any thread:

  /// Takes nothing new.
  virtual void close() = 0;
  /// Nobody is under way or in line.
  virtual bool is_idle() const = 0;
};

}  // namespace r1v
