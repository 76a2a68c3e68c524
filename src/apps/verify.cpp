// r1v verify: is an answer right? Gold and answer in, verdict with its reason out.
#include "verify/verify.h"

#include <iostream>

#include "apps/commands.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

namespace r1v {
namespace {

struct VerifyOptions {
  std::string gold;
  std::string answer;
  std::string kind = "any";
  bool json = false;
  bool json_lines = false;
  void fields(auto& field) {
    field("gold", gold, "the right answer: a number, LaTeX, an option's letter, a word");
    field("answer", answer, "a whole model output or a bare answer; read from stdin when not given");
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

int judge_lines(const VerifyOptions& options) {
  int status = 0;
  int64_t number = 0;
  for (std::string line; std::getline(std::cin, line);) {
    const std::string where = cat("stdin line ", ++number);
    try {
      const Json pair = parse_json(line, where);
      const AnswerKind kind = answer_kind(json_string_or(pair, "kind", options.kind, where));
      const std::string gold = json_string(pair, "gold", where), answer = json_string(pair, "answer", where);
      std::cout << dump_json(verdict_json(verify_answer(gold, answer, kind))) << '\n';
    } catch (const InputError& error) {
      std::cout << dump_json({{"error", error.what()}}) << '\n';
      status = 2;
    }
  }
  return status;
}

}  // namespace

int run_verify(Args args) {
  const auto options = parse_options<VerifyOptions>("verify", "is an answer right?", args);
  if (options.json_lines) return judge_lines(options);
  if (options.gold.empty()) throw InputError("no gold answer; give --gold TEXT, or --json-lines and pairs on stdin");
  const AnswerKind kind = answer_kind(options.kind);
  const Verdict verdict = verify_answer(options.gold, options.answer.empty() ? read_stdin() : options.answer, kind);
  if (options.json) {
    std::cout << dump_json(verdict_json(verdict)) << '\n';
    return 0;
  }
  const char* word = !verdict.correct ? "undecided" : *verdict.correct ? "right" : "wrong";
  std::cout << word << ": " << verdict.reason << '\n';
  return 0;
}

}  // namespace r1v
