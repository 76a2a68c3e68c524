// The judge's task in words.
#include "recipes/judge_prompt.h"

#include <algorithm>
#include <cctype>
#include <string>

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

/// The end of a reply, quoted: what a judge concludes stands there.
std::string shown_end(const std::string& reply) {
  return cat("\"", printable(reply.substr(reply.size() - std::min<size_t>(reply.size(), 100)), 120), "\"");
}

struct Rubric {
  int best;  // the scale goes from 0 to this
  const char* task;
};

Rubric rubric_of(Criterion criterion) {
  switch (criterion) {
    case Criterion::sample:
      return {
          5,
          "Rate this question with its answer as an example to learn from: 0 = wrong, incoherent or about something "
          "else; 1 = right by luck; 2 = right, hardly explained; 3 = sound; 4 = sound, clear and demanding; 5 = "
          "sound, clear, demanding, and nothing said about the pictures is untrue."};
    case Criterion::quality:
      return {10, "Rate how well the question is put: grammar, coherence, no ambiguity."};
    case Criterion::difficulty:
      return {10, "Rate how much knowledge of its field the question asks for: 0 = none, 10 = an expert's."};
    case Criterion::reasoning:
      return {10, "Rate how many steps of reasoning the question takes: 0 = none, 10 = many that build on each other."};
    case Criterion::necessity:
      return {10,
              "Rate how much the pictures are needed: 0 = the text alone is enough or the pictures have nothing to do "
              "with it, 10 = nobody could answer without them."};
    case Criterion::integration:
      return {10,
              "Rate how deeply text and pictures must be read together: high for why and how with presuppositions, for "
              "several objects and how they lie to each other, for technical terms that occur together; low for what "
              "and where about one thing that is simply there, and for text that hardly depends on the pictures."};
  }
  R1V_CHECK(false, "unknown criterion");
}

}  // namespace

Json rating_messages(const PairsLine& line, Criterion criterion) {
  const Rubric rubric = rubric_of(criterion);
  std::string text = "\n[Question]\n";
  const Json parts = question_parts(line, text);
  text += reference(line);
  if (criterion == Criterion::sample) text += cat("\n[Answer]\n", without_markers(line.parsed.chosen), "\n");
  return one_message(parts, cat("Rate a question on a scale from 0 to ", rubric.best, ".\n", text, "\n[Task]\n",
                                rubric.task, " End with \\boxed{N}, a number from 0 to ", rubric.best, "."));
}

std::optional<double> parse_rating(const std::string& reply, Criterion criterion) {
  std::string text = extract_answer(reply);
  if (text.size() > 40) {  // no box: the words behind the last "rating"
    const size_t at = reply.rfind("ating");
    text = at == std::string::npos ? "" : reply.substr(at + 5, 20);
  }
  constexpr const char* kDigits = "0123456789";
  const size_t begin = text.find_first_of(kDigits);
  if (begin == std::string::npos || (begin > 0 && (text[begin - 1] == '-' || text[begin - 1] == '.'))) return {};
  const size_t whole = std::min(text.find_first_not_of(kDigits, begin), text.size());
  const bool has_fraction = whole + 1 < text.size() && text[whole] == '.' && std::isdigit(text[whole + 1]) != 0;
  const size_t end = has_fraction ? std::min(text.find_first_not_of(kDigits, whole + 1), text.size()) : whole;
  const int best = rubric_of(criterion).best;
  std::string rest = text.substr(end);  // nothing that makes another number of it, but "/5" and "out of 5"
  for (const std::string& scale : {cat("/", best), cat("/ ", best), cat("out of ", best)}) {
    const size_t at = rest.find(scale);
    if (at != std::string::npos) rest.erase(at, scale.size());
  }
  if (rest.find_first_of(kDigits) != std::string::npos || end - begin > 6) return {};
  const double value = std::stod(text.substr(begin, end - begin));
  return value <= best ? std::optional(value) : std::nullopt;
}

Rating rating_of(const std::string& reply, Criterion criterion) {
  if (const std::optional<double> value = parse_rating(reply, criterion)) return {.value = value, .error = ""};
  return {
      .value = std::nullopt,
      .error = cat("the judge's reply holds no number from 0 to ", rubric_of(criterion).best, ": ", shown_end(reply))};
}

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

std::string trouble_with_verdict(const std::string& reply) {
  if (parse_verdict(reply) != Better::unknown) return "";
  return cat("the judge's reply holds neither \\boxed{1} nor \\boxed{2} nor \\boxed{equal}: ", shown_end(reply));
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
