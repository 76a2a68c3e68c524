// r1v verify: is an answer right? Gold and answer in, verdict with its reason out.
#include "verify/verify.h"

#include <iostream>

#include "apps/commands.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "io/jsonl.h"

namespace r1v {
namespace {

struct VerifyOptions {
  std::string gold;
  std::string answer = "-";
  std::string kind = "any";
  bool json = false;
  bool json_lines = false;
  void fields(auto& field) {
    field("gold", gold, "the right answer: a number, LaTeX, an option's letter, a word");
    field("answer", answer, "a whole model output or a bare answer; - reads it from stdin");
    field("kind", kind, "number, choice, word, text, expression or any");
    field("json", json, "one JSON document on stdout");
    field("json-lines", json_lines, "many pairs on stdin, one {\"gold\":..,\"answer\":..,\"kind\":..?} a line");
  }
};

Json verdict_json(const Verdict& verdict) {
  return {{"correct", verdict.correct ? Json(*verdict.correct) : Json()},
          {"extracted", verdict.extracted},
          {"reason", verdict.reason}};
}

Json judged(const Json& pair, const VerifyOptions& options) {
  const std::string where = "request";
  const AnswerKind kind = answer_kind(json_string_or(pair, "kind", options.kind, where));
  return verdict_json(verify_answer(json_string(pair, "gold", where), json_string(pair, "answer", where), kind));
}

}  // namespace

int run_verify(Args args) {
  const auto options = parse_options<VerifyOptions>("verify", "is an answer right?", args);
  if (options.json_lines) {
    return answer_json_lines(std::cin, std::cout, [&](const Json& pair) { return judged(pair, options); });
  }
  if (options.gold.empty()) throw InputError("no gold answer; give --gold TEXT, or --json-lines and pairs on stdin");
  const AnswerKind kind = answer_kind(options.kind);
  const Verdict verdict = verify_answer(options.gold, options.answer == "-" ? read_stdin() : options.answer, kind);
  if (options.json) {
    std::cout << dump_json(verdict_json(verdict)) << '\n';
    return 0;
  }
  const char* word = !verdict.correct ? "undecided" : *verdict.correct ? "right" : "wrong";
  std::cout << word << ": " << verdict.reason << '\n';
  return 0;
}

}  // namespace r1v
