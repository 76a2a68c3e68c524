// Two kinds of error: InputError (their file, flag or request) and R1V_CHECK (our bug).
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace r1v {

/// Something the user gave us is wrong. The message says what was found, what was expected, where, what to do next.
/// The program prints it on one or two lines and ends with status 2; a server answers 4xx.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A broken promise inside the program. Ends with status 1 and asks for a report.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Joins anything printable into one string.
template <typename... Parts>
std::string cat(const Parts&... parts) {
  std::ostringstream out;
  ((out << parts), ...);
  return out.str();
}

[[noreturn]] void check_failed(const char* condition, const char* file, int line, const std::string& message);

/// Bytes from outside made safe to print in a message: control characters and invalid UTF-8 escaped, cut at `limit`.
std::string printable(std::string_view bytes, size_t limit = 80);

}  // namespace r1v

/// Aborts the current operation with an InternalError when our own reasoning was wrong; not for user input.
#define R1V_CHECK(condition, ...)                                                   \
  do {                                                                              \
    if (!(condition)) {                                                             \
      ::r1v::check_failed(#condition, __FILE__, __LINE__, ::r1v::cat(__VA_ARGS__)); \
    }                                                                               \
  } while (false)
