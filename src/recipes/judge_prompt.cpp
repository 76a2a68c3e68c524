// The judge's task in words.
#include "recipes/judge_prompt.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "verify/verify.h"

namespace r1v {
namespace {

constexpr const char* kCriteria =
    "What counts, in this order: the final result is right; everything said about the pictures is true; the "
    "reasoning is sound and leads to the result; it is short and does not repeat itself.";

std::string without_markers(std::string text) {
  const std::string marker = "<image>";
  for (size_t at = text.find(marker); at != std::string::npos; at = text.find(marker, at))
    text.erase(at, marker.size());
  return text.substr(std::min(text.find_first_not_of('\n'), text.size()));
}

/// Pictures first, then the conversation as text; roles are named when there is more than a question.
Json question_parts(const PairsLine& line, std::string& text) {
  const Json& messages = line.parsed.request["messages"];
  Json parts = Json::array();
  for (const Json& message : messages) {
    if (messages.size() > 1) text += json_string(message, "role", line.where) + ": ";
    const Json& content = json_at(message, "content", line.where);
    for (const Json& part : content.is_array() ? content : Json::array({Json{{"type", "text"}, {"text", content}}})) {
      if (!part.is_object()) throw InputError(cat(line.where, ": a part of the question is no object"));
      if (json_string(part, "type", line.where) == "text") {
        text += without_markers(json_string(part, "text", line.where));
      } else {
        parts.push_back(part);
      }
    }
    text += "\n";
  }
  return parts;
}

Json one_message(Json parts, const std::string& text) {
  parts.push_back({{"type", "text"}, {"text", text}});
  return Json::array({Json{{"role", "user"}, {"content", std::move(parts)}}});
}

std::string reference(const PairsLine& line) {
  return line.parsed.answer.empty() ? "" : cat("\n[The right final result]\n", line.parsed.answer, "\n");
}

}  // namespace

Json verdict_messages(const Match& match) {
  std::string question;
  const Json parts = question_parts(*match.line, question);
  return one_message(parts, cat("Compare two answers to a question.\n\n[Question]\n", question, reference(*match.line),
                                "\n[Answer 1]\n", without_markers(match.first), "\n\n[Answer 2]\n",
                                without_markers(match.second), "\n\n[Task]\nWhich answer is better? ", kCriteria,
                                " The order of the answers means nothing. End with \\boxed{1} or \\boxed{2}, or with "
                                "\\boxed{equal} when neither is clearly better."));
}

Json rewrite_messages(const PairsLine& line) {
  std::string question;
  const Json parts = question_parts(line, question);
  const bool thinks = line.parsed.chosen.starts_with("<think>");
  return one_message(
      parts, cat("Write a better answer to a question than the one given.\n\n[Question]\n", question, reference(line),
                 "\n[Answer]\n", without_markers(line.parsed.chosen), "\n\n[Task]\n", kCriteria,
                 " Reply with the better answer alone, in the form of the one given",
                 thinks ? ": reasoning between <think> and </think>, then the final result in \\boxed{}." : "."));
}

Better parse_verdict(const std::string& reply) {
  std::string word = extract_answer(reply);
  if (word.size() > 40) {  // no box: the words behind the last "verdict"
    const size_t at = reply.rfind("erdict");
    word = at == std::string::npos ? "" : reply.substr(at + 6, 20);
  }
  std::string kept;
  for (const unsigned char c : word) {
    if (std::isalnum(c)) kept += static_cast<char>(std::tolower(c));
  }
  for (const char* prefix : {"text", "answer"}) {
    if (kept.starts_with(prefix)) kept.erase(0, std::string(prefix).size());
  }
  if (kept == "1") return Better::first;
  if (kept == "2") return Better::second;
  return kept == "equal" || kept == "tie" || kept == "same" ? Better::equal : Better::unknown;
}

std::string parse_rewrite(const std::string& reply, const std::string& chosen) {
  const size_t end = reply.find("</think>");
  std::string answer = reply;
  if (end != std::string::npos && !chosen.starts_with("<think>")) answer = reply.substr(end + 8);
  if (end != std::string::npos && chosen.starts_with("<think>") && !reply.starts_with("<think>")) {
    answer = "<think>\n" + reply;
  }
  const size_t first = answer.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  return answer.substr(first, answer.find_last_not_of(" \t\r\n") + 1 - first);
}

}  // namespace r1v
