// A model of this program as the judge.
#include <map>

#include "base/error.h"
#include "engine/engine.h"
#include "prompt/render.h"
#include "recipes/judge_prompt.h"

namespace r1v {
namespace {

struct Said {
  std::string text, error;
};

class ModelJudge final : public Judge {
 public:
  ModelJudge(const R1vModel& model, const Renderer& renderer, const SamplingParams& sampling)
      : renderer_(renderer), engine_(model, renderer), sampling_(sampling) {}

  std::vector<JudgedMatch> verdicts(std::span<const Match> matches) override {
    std::vector<Said> said(matches.size());
    for (size_t i = 0; i < matches.size(); ++i) {
      add(i, *matches[i].line, said, [&] { return verdict_messages(matches[i]); });
    }
    run(said);
    std::vector<JudgedMatch> judged;
    for (const Said& one : said) {
      judged.push_back({one.error.empty() ? parse_verdict(one.text) : Better::unknown, one.error});
    }
    return judged;
  }

  std::vector<Rating> ratings(std::span<const PairsLine* const> lines, Criterion criterion) override {
    std::vector<Said> said(lines.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      add(i, *lines[i], said, [&] { return rating_messages(*lines[i], criterion); });
    }
    run(said);
    std::vector<Rating> rated;
    for (const Said& one : said) {
      rated.push_back(one.error.empty() ? rating_of(one.text, criterion) : Rating{std::nullopt, one.error});
    }
    return rated;
  }

  std::vector<Rewrite> rewrites(std::span<const PairsLine* const> lines) override {
    std::vector<Said> said(lines.size());
    for (size_t i = 0; i < lines.size(); ++i) add(i, *lines[i], said, [&] { return rewrite_messages(*lines[i]); });
    run(said);
    std::vector<Rewrite> rewritten;
    for (size_t i = 0; i < lines.size(); ++i) {
      const std::string answer = parse_rewrite(said[i].text, lines[i]->parsed.chosen);
      rewritten.push_back({answer.empty() ? std::nullopt : std::optional(answer), said[i].error});
    }
    return rewritten;
  }

 private:
  /// Renders and hands over; what cannot be asked is said with its line and leaves the others alone.
  template <typename Messages>
  void add(size_t i, const PairsLine& line, std::vector<Said>& said, const Messages& messages) {
    try {
      const PictureAccess access{.root = line.root.string(), .restrict_to_root = true};
      auto prompt = std::make_unique<Prompt>(
          renderer_.render(parse_conversation(Json{{"messages", messages()}}, access, line.where)));
      const size_t number = engine_.add({.prompt = prompt.get(), .sampling = sampling_});
      asked_[number] = {i, std::move(prompt)};
    } catch (const InputError& error) {
      said[i].error = error.what();
    }
  }

  void run(std::vector<Said>& said) {
    for (bool working = true; working;) {
      working = engine_.step();
      while (auto done = engine_.take_finished()) {
        const size_t i = asked_.extract(done->first).mapped().first;
        said[i].text = done->second.completions.front().text;
      }
    }
    R1V_CHECK(asked_.empty(), "the engine stopped before all questions were answered");
  }

  const Renderer& renderer_;
  Engine engine_;
  SamplingParams sampling_;
  std::map<size_t, std::pair<size_t, std::unique_ptr<Prompt>>> asked_;  // by the engine's number
};

}  // namespace

std::unique_ptr<Judge> make_model_judge(const R1vModel& model, const Renderer& renderer,
                                        const SamplingParams& sampling) {
  return std::make_unique<ModelJudge>(model, renderer, sampling);
}

}  // namespace r1v
