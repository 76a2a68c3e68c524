// Scores that are ended before they are there: by the client, by DELETE, by the clock, by the end of the server.
#include <gmock/gmock.h>

#include "base/json.h"
#include "serve/fakes_test.h"

namespace r1v {
namespace {

constexpr const char* kScore = "/v1/score";
constexpr const char* kAnswers = R"({"question":"q","answers":["a","bb"]})";
constexpr const char* kBestOf = R"({"best_of":2,"temperature":1,"messages":[{"role":"user","content":"q"}]})";

class ScoreRoute : public ServeFixture {
 public:
  ScoreRoute() { add_models(); }

  static Json error_in(const FakeExchange& exchange) { return parse_json(exchange.body, "reply").at("error"); }
  void wait_until_asked() const {
    const double end = monotonic_s() + 10;
    while (!scorer.is_asked && monotonic_s() < end) std::this_thread::yield();
    ASSERT_TRUE(scorer.is_asked);
  }
  /// A best_of whose answers are there; the judge reads them.
  std::shared_ptr<FakeExchange> judged() {
    scorer.waits = true;
    generator.script = [](AnswerListener& listener, size_t) {
      GenerateResult result;
      result.completions = {completion("", "first"), completion("", "second")};
      listener.on_end(std::move(result));
    };
    auto exchange = send("POST", "/v1/chat/completions", kBestOf);
    wait_until_asked();
    return exchange;
  }
};

TEST_F(ScoreRoute, WhoeverGoesEndsTheScoring) {
  scorer.waits = true;
  const auto exchange = send("POST", kScore, kAnswers);
  EXPECT_FALSE(scorer.ticket->is_cancelled);
  exchange->gone();
  EXPECT_TRUE(scorer.ticket->is_cancelled);
}

TEST_F(ScoreRoute, DeleteEndsTheScoringAndItsRequestIsToldSo) {
  scorer.waits = true;
  const auto exchange = send("POST", kScore, kAnswers);
  EXPECT_EQ(send("DELETE", "/v1/requests/score-req1")->status, 200);
  EXPECT_TRUE(scorer.ticket->is_cancelled);
  scorer.fail(NoScores::cancelled, "cancelled");
  EXPECT_EQ(exchange->status, 409);
  EXPECT_EQ(error_in(*exchange).at("code"), "request_cancelled");
  EXPECT_EQ(send("DELETE", "/v1/requests/req1")->status, 404);  // over
}

TEST_F(ScoreRoute, AScoringHasItsTime) {
  options.limits.max_seconds = 0.05;
  scorer.waits = true;
  const auto exchange = send("POST", kScore, kAnswers);
  const double end = monotonic_s() + 10;
  while (!scorer.ticket->is_cancelled && monotonic_s() < end) std::this_thread::yield();
  scorer.fail(NoScores::cancelled, "cancelled");
  EXPECT_EQ(exchange->status, 503);
  EXPECT_EQ(error_in(*exchange).at("code"), "timeout");
}

TEST_F(ScoreRoute, TheEndOfTheServerIsNoFailure) {
  scorer.waits = true;
  const auto ended = send("POST", kScore, kAnswers);
  scorer.fail(NoScores::closing, "closing");
  EXPECT_EQ(ended->status, 503);
  EXPECT_EQ(error_in(*ended).at("code"), "shutting_down");
  const auto failed = send("POST", kScore, kAnswers);
  scorer.fail(NoScores::failed, "not finite");
  EXPECT_EQ(failed->status, 500);
}

TEST_F(ScoreRoute, ABestOfThatIsEndedWhileItIsJudgedGivesItsFirstAnswerWithoutScores) {
  const auto exchange = judged();
  EXPECT_EQ(send("DELETE", "/v1/requests/req1")->status, 200);
  EXPECT_TRUE(scorer.ticket->is_cancelled);
  scorer.fail(NoScores::cancelled, "cancelled");
  exchange->wait();
  ASSERT_EQ(exchange->status, 200) << exchange->body;
  const Json reply = parse_json(exchange->body, "reply");
  EXPECT_EQ(reply["choices"][0]["message"]["content"], "first");
  EXPECT_EQ(reply["best_of"]["chosen"], 0);
  for (const Json& candidate : reply["best_of"]["candidates"]) EXPECT_TRUE(candidate.at("score").is_null());
}

TEST_F(ScoreRoute, ABestOfWhoseServerEndsWhileItIsJudgedIsToldSo) {
  const auto exchange = judged();
  scorer.fail(NoScores::closing, "closing");
  exchange->wait();
  EXPECT_EQ(exchange->status, 503);
}

}  // namespace
}  // namespace r1v
