// One line after the other; a line that does not parse is tried again with its NaN and Infinity as null.
#include "report/loose_lines.h"

#include <cctype>
#include <optional>

#include "base/error.h"

namespace r1v {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Bare NaN, Infinity, -Infinity outside of strings become null.
std::string without_bare_words(std::string_view line) {
  std::string out;
  bool in_string = false;
  for (size_t i = 0; i < line.size();) {
    const std::string_view rest = line.substr(i);
    if (!in_string && (i == 0 || !is_word(line[i - 1]))) {
      size_t length = 0;
      for (const std::string_view word : {"NaN", "nan", "Infinity", "-Infinity", "inf", "-inf"}) {
        if (rest.starts_with(word) && (rest.size() == word.size() || !is_word(rest[word.size()]))) length = word.size();
      }
      if (length > 0) {
        out += "null";
        i += length;
        continue;
      }
    }
    if (line[i] == '"') in_string = !in_string;
    if (line[i] == '\\' && i + 1 < line.size()) out += line[i++];
    out += line[i++];
  }
  return out;
}

std::optional<Json> parsed(std::string_view line, std::string& problem) {
  for (const bool is_retry : {false, true}) {
    try {
      Json value = is_retry ? parse_json(without_bare_words(line), "") : parse_json(line, "");
      if (value.is_object()) return value;
      problem = cat("found ", value.type_name(), ", expected an object");
      return std::nullopt;
    } catch (const InputError& error) {
      if (!is_retry) problem = std::string(error.what()).substr(2);  // without the ": " behind an empty place
    }
  }
  return std::nullopt;
}

}  // namespace

LooseLines read_loose_lines(std::string_view text) {
  LooseLines lines;
  int64_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin);
    const bool is_open = end == std::string_view::npos;
    const std::string_view line = text.substr(begin, is_open ? std::string_view::npos : end - begin);
    begin = is_open ? text.size() : end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    std::string problem;
    if (auto object = parsed(line, problem)) {
      lines.objects.push_back(std::move(*object));
    } else if (is_open) {
      lines.ends_in_a_part = true;
    } else if (++lines.num_unreadable == 1) {
      lines.first_problem = cat("line ", number, ": ", problem);
    }
  }
  return lines;
}

}  // namespace r1v
