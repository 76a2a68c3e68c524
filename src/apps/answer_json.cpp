// Keys in the order of the contract.
#include "apps/answer_json.h"

#include "verify/extract.h"

namespace r1v {
namespace {

Json boxed(const std::string& answer) {
  const Extraction found = find_answer(answer);
  return found.source == Extraction::Source::boxed ? Json(found.text) : Json();
}

Json candidate(const Completion& completion) {
  return {{"text", completion.text},
          {"answer", completion.answer},
          {"boxed", boxed(completion.answer)},
          {"finish_reason", finish_reason_name(completion.finish)}};
}

}  // namespace

Json answer_json(const GenerateResult& result, uint64_t seed, double load_s, const Election& election) {
  const Completion& first = result.completions[election.chosen];
  const Timing& timing = result.timing;
  const double tokens = static_cast<double>(result.usage.completion_tokens);
  Json candidates = Json::array();
  for (size_t i = 0; i < result.completions.size(); ++i) {
    candidates.push_back(candidate(result.completions[i]));
    if (i < election.candidates.size() && election.candidates[i].score) {
      candidates.back()["score"] = *election.candidates[i].score;
    }
  }
  Json json = {{"thinking", first.thinking},
               {"answer", first.answer},
               {"text", first.text},
               {"boxed", boxed(first.answer)},
               {"finish_reason", finish_reason_name(first.finish)},
               {"usage",
                {{"prompt_tokens", result.usage.prompt_tokens},
                 {"image_tokens", result.usage.image_tokens},
                 {"cached_tokens", result.usage.cached_tokens},
                 {"completion_tokens", result.usage.completion_tokens},
                 {"thinking_tokens", result.usage.thinking_tokens}}},
               {"timing",
                {{"load_s", load_s},
                 {"vision_s", timing.vision_s},
                 {"prefill_s", timing.prefill_s},
                 {"decode_s", timing.decode_s},
                 {"tokens_per_s", timing.decode_s > 0.0 ? tokens / timing.decode_s : 0.0}}},
               {"seed", seed},
               {"candidates", std::move(candidates)}};
  if (!election.candidates.empty()) json["chosen"] = election.chosen;
  return json;
}

}  // namespace r1v
