// Reading line by line; a line ends with \n or \r\n, the last one may lack it.
#include "io/jsonl.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <istream>
#include <ostream>

#include "base/error.h"

namespace r1v {
namespace {

bool is_blank(const std::string& line) { return line.find_first_not_of(" \t\r") == std::string::npos; }

}  // namespace

void for_each_json_line(const std::filesystem::path& path, const std::function<void(const Json&, int64_t)>& visit) {
  if (std::filesystem::is_directory(path))
    throw InputError(cat(path.string(), ": found a folder, expected JSON lines"));
  std::ifstream in(path, std::ios::binary);
  if (!in) throw InputError(cat(path.string(), ": cannot open: ", std::strerror(errno)));
  std::string text;
  for (int64_t line = 1; std::getline(in, text); ++line) {
    if (!is_blank(text)) visit(parse_json(text, cat(path.string(), " line ", line)), line);
  }
  if (in.bad()) throw InputError(cat(path.string(), ": cannot read: ", std::strerror(errno)));
}

int answer_json_lines(std::istream& in, std::ostream& out, const std::function<Json(const Json&)>& answer) {
  int status = 0;
  std::string text;
  for (int64_t line = 1; std::getline(in, text); ++line) {
    if (is_blank(text)) continue;
    Json reply;
    Json asked;
    try {
      asked = parse_json(text, cat("line ", line));
      reply = answer(asked);
    } catch (const InputError& error) {
      reply = Json::object();
      if (asked.is_object() && asked.contains("id")) reply["id"] = asked["id"];
      reply["error"] = error.what();
      status = 2;
    }
    out << dump_json(reply) << "\n" << std::flush;  // a reader at the other end of a pipe waits for each line
  }
  return status;
}

}  // namespace r1v
