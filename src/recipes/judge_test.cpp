// What judges are asked, how they are understood, and a server that misbehaves.
#include "recipes/judge.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/error.h"
#include "io/http_testing.h"
#include "recipes/judge_prompt.h"
#include "recipes/pairs_judge.h"
#include "recipes/pairs_testing.h"

namespace r1v {
namespace {

PairsLine line_of(const Json& json, const std::filesystem::path& root = ".") {
  return {
      .json = json, .parsed = parse_preference_line(json, "p.jsonl line 1"), .root = root, .where = "p.jsonl line 1"};
}

Better gym_verdict(const Json& json) {
  const PairsLine line = line_of(json);
  const std::vector<Match> matches = {{&line, line.parsed.chosen, line.parsed.rejected}};
  return make_gym_judge()->verdicts(matches).at(0).better;
}

Json gym_line(const std::string& chosen, const std::string& rejected) {
  Json json = pair_of("How many red things?", chosen, rejected);
  json["answer"] = "2";
  json["kind"] = "number";
  json["transcript"] = "red star; red moon, blue star";
  return json;
}

TEST(GymJudge, RightThenTrueThenShort) {
  const std::string good = "<think>\nI see red star; red moon, blue star. So 2.\n</think>\n\n\\boxed{2}";
  const std::string blind = "<think>\nI see red star; red moon, pink star. So 2.\n</think>\n\n\\boxed{2}";
  const std::string exchanged = "<think>\nI see blue star; red moon, red star. So 2.\n</think>\n\n\\boxed{2}";
  const std::string wordy =
      "<think>\nI see red star; red moon, blue star. So 2. So 2. So 2. So 2. So 2. So 2. So 2.\n</think>\n\n\\boxed{2}";
  EXPECT_EQ(gym_verdict(gym_line(good, "\\boxed{3}")), Better::first);
  EXPECT_EQ(gym_verdict(gym_line("\\boxed{3}", good)), Better::second);
  EXPECT_EQ(gym_verdict(gym_line("\\boxed{3}", "\\boxed{4}")), Better::equal);
  EXPECT_EQ(gym_verdict(gym_line(blind, good)), Better::second);
  EXPECT_EQ(gym_verdict(gym_line(good, exchanged)), Better::first);
  EXPECT_EQ(gym_verdict(gym_line(good, wordy)), Better::first);
  EXPECT_EQ(gym_verdict(gym_line(good, good)), Better::equal);
  EXPECT_EQ(gym_verdict(pair_of("Why?", "a", "b")), Better::unknown);
}

TEST(GymJudge, WritesWhatItKnows) {
  const PairsLine line = line_of(gym_line("a", "b"));
  const std::vector<const PairsLine*> lines = {&line};
  EXPECT_EQ(make_gym_judge()->rewrites(lines).at(0).answer,
            "<think>\nI see red star; red moon, blue star.\n</think>\n\n\\boxed{2}");
}

Rating gym_rating(const Json& json, Criterion criterion) {
  const PairsLine line = line_of(json);
  const std::vector<const PairsLine*> lines = {&line};
  return make_gym_judge()->ratings(lines, criterion).at(0);
}

TEST(GymJudge, RatesByTheLevelAndNeverBelieves) {
  Json json = gym_line("\\boxed{2}", "\\boxed{3}");
  json["level"] = 4;
  EXPECT_EQ(gym_rating(json, Criterion::sample).value, 4);
  EXPECT_EQ(gym_rating(json, Criterion::difficulty).value, 8);
  EXPECT_EQ(gym_rating(json, Criterion::necessity).value, 10);
  json["chosen"] = "\\boxed{3}";
  EXPECT_EQ(gym_rating(json, Criterion::sample).value, 0);
  json.erase("level");
  EXPECT_FALSE(gym_rating(json, Criterion::sample).value.has_value());
  EXPECT_NE(gym_rating(json, Criterion::sample).error.find("level"), std::string::npos);
  EXPECT_NE(gym_rating(json, Criterion::integration).error, "");
}

TEST(JudgePrompt, RatingsAreNumbersOnTheScale) {
  const auto rating = [](const std::string& reply) { return parse_rating(reply, Criterion::sample); };
  EXPECT_EQ(rating("<think>5? No.</think>Sound. \\boxed{4}"), 4);
  EXPECT_EQ(rating("\\boxed{4.5}"), 4.5);
  EXPECT_EQ(rating("\\boxed{4/5}"), 4);
  EXPECT_EQ(rating("\\boxed{\\text{3 out of 5}}"), 3);
  EXPECT_EQ(rating("This is a long judgement of a line that ends like so. Rating: 2"), 2);
  EXPECT_EQ(rating("\\boxed{0}"), 0);
  for (const char* lie :
       {"\\boxed{6}", "\\boxed{-1}", "\\boxed{good}", "\\boxed{3 or 4}", "\\boxed{}", "", "\\boxed{4/10}"}) {
    EXPECT_FALSE(rating(lie).has_value()) << lie;
  }
  EXPECT_EQ(parse_rating("\\boxed{10}", Criterion::difficulty), 10);
}

TEST(JudgePrompt, VerdictsAreReadBehindTheThinking) {
  EXPECT_EQ(parse_verdict("<think>first \\boxed{1}?</think>Answer 2 is right. \\boxed{2}"), Better::second);
  EXPECT_EQ(parse_verdict("\\boxed{1}"), Better::first);
  EXPECT_EQ(parse_verdict("\\boxed{\\text{Equal}}"), Better::equal);
  EXPECT_EQ(parse_verdict("\\boxed{Answer 1}"), Better::first);
  EXPECT_EQ(parse_verdict("A long comparison of both answers that ends so. Verdict: 2"), Better::second);
  EXPECT_EQ(parse_verdict("I cannot say which of the two answers to this question is the better one"), Better::unknown);
  EXPECT_EQ(parse_verdict("\\boxed{3}"), Better::unknown);
}

TEST(JudgePrompt, ShowsPicturesQuestionAndBothAnswers) {
  Json json = gym_line("yes", "no");
  json["messages"] = asked("<image>\nHow many?");
  json["images"] = {"a.png"};
  const PairsLine line = line_of(json);
  const Json content = verdict_messages({&line, "no", "yes"})[0]["content"];
  ASSERT_EQ(content.size(), 2u);
  EXPECT_EQ(content[0]["path"], "a.png");
  const std::string text = content[1]["text"];
  EXPECT_EQ(text.find("<image>"), std::string::npos);
  EXPECT_LT(text.find("How many?"), text.find("[Answer 1]\nno"));
  EXPECT_LT(text.find("[Answer 1]\nno"), text.find("[Answer 2]\nyes"));
}

TEST(JudgePrompt, RewritesTakeTheFormOfTheChosenAnswer) {
  EXPECT_EQ(parse_rewrite("hm</think>\n\n\\boxed{2}\n", "<think>a</think>b"), "<think>\nhm</think>\n\n\\boxed{2}");
  EXPECT_EQ(parse_rewrite("<think>hm</think>\n\n\\boxed{2}\n", "plain"), "\\boxed{2}");
  EXPECT_EQ(parse_rewrite(" \n", "plain"), "");
}

std::string completion(const std::string& text) {
  return TestServer::http(200, dump_json({{"choices", {{{"message", {{"role", "assistant"}, {"content", text}}}}}}}));
}

struct Asked {
  JudgedMatch judged;
  std::vector<std::string> requests;
};

/// Gives these replies in turn, the last one again and again; what asks whether a server is there is told so.
std::function<std::string(const std::string&)> in_turn(std::deque<std::string> replies) {
  return [replies](const std::string& request) mutable {
    if (request.starts_with("GET /v1/models ")) return TestServer::http(200, "{}");
    const std::string reply = replies.front();
    if (replies.size() > 1) replies.pop_front();
    return reply;
  };
}

/// The address of a server that has gone.
std::string closed_url() { return TestServer(in_turn({""})).url(); }

/// One match against a server.
Asked ask_server(std::deque<std::string> replies, const PairsLine& line, double timeout_s = 5) {
  TestServer server(in_turn(std::move(replies)));
  const auto judge = make_endpoint_judge(
      {.url = server.url(), .model = "judge-1", .timeout_s = timeout_s, .attempts = 3, .first_pause_s = 0.001});
  const std::vector<Match> matches = {{&line, line.parsed.chosen, line.parsed.rejected}};
  const JudgedMatch judged = judge->verdicts(matches).at(0);
  std::vector<std::string> requests = server.requests();
  std::erase_if(requests, [](const std::string& request) { return request.starts_with("GET "); });
  return {judged, requests};
}

TEST(EndpointJudge, AsksWithPicturesAndUnderstandsTheReply) {
  const LinesFolder folder;
  write_file_atomic(folder / "a.png", "\x89PNG");
  Json json = gym_line("yes", "no");
  json["messages"] = asked("<image>\nHow many?");
  json["images"] = {"a.png"};
  const Asked asked_once = ask_server({completion("\\boxed{1}")}, line_of(json, folder / ""));
  EXPECT_EQ(asked_once.judged.error, "");
  EXPECT_EQ(asked_once.judged.better, Better::first);
  ASSERT_EQ(asked_once.requests.size(), 1u);
  const std::string& request = asked_once.requests[0];
  EXPECT_TRUE(request.starts_with("POST /v1/chat/completions ")) << request;
  const Json body = parse_json(request.substr(request.find("\r\n\r\n") + 4), "request");
  EXPECT_EQ(body["model"], "judge-1");
  EXPECT_EQ(body["messages"][0]["content"][0]["image_url"]["url"], "data:image/png;base64,iVBORw==");
}

TEST(EndpointJudge, TriesAgainWhatMayPass) {
  const PairsLine line = line_of(gym_line("yes", "no"));
  const Asked after_500 = ask_server({TestServer::http(500, "oops"), completion("\\boxed{2}")}, line);
  EXPECT_EQ(after_500.judged.better, Better::second);
  EXPECT_EQ(after_500.requests.size(), 2u);
  const Asked after_garbage = ask_server({TestServer::http(200, "{garbage"), completion("\\boxed{2}")}, line);
  EXPECT_EQ(after_garbage.judged.better, Better::second);
  EXPECT_EQ(after_garbage.requests.size(), 2u);
}

TEST(EndpointJudge, SaysWhyThereIsNoVerdict) {
  const PairsLine line = line_of(gym_line("yes", "no"));
  const Asked garbage = ask_server({TestServer::http(200, "{garbage")}, line);
  EXPECT_NE(garbage.judged.error.find("failed 3 time(s)"), std::string::npos) << garbage.judged.error;
  EXPECT_EQ(garbage.requests.size(), 3u);
  const Asked no_choice = ask_server({TestServer::http(200, "{\"choices\": []}")}, line);
  EXPECT_NE(no_choice.judged.error.find("choices"), std::string::npos) << no_choice.judged.error;
  const Asked refused = ask_server({TestServer::http(401, "wrong key")}, line);
  EXPECT_NE(refused.judged.error.find("status 401: wrong key"), std::string::npos) << refused.judged.error;
  EXPECT_EQ(refused.requests.size(), 1u);  // asking again would not help
  const Asked silent = ask_server({""}, line, 0.1);
  EXPECT_NE(silent.judged.error.find("no reply within the time"), std::string::npos) << silent.judged.error;
  const Asked undecided = ask_server({completion("Hard to say.")}, line);
  EXPECT_EQ(undecided.judged.error, "");
  EXPECT_EQ(undecided.judged.better, Better::unknown);
  EXPECT_EQ(undecided.requests.size(), 3u);
  const Asked at_last = ask_server({completion("Hard to say."), completion("\\boxed{2}")}, line);
  EXPECT_EQ(at_last.judged.better, Better::second);
}

TEST(EndpointJudge, AsksAgainForARatingThatIsNoneAndThenSaysSo) {
  const PairsLine line = line_of(gym_line("yes", "no"));
  const std::vector<const PairsLine*> lines = {&line};
  const auto rate = [&](std::deque<std::string> replies) {
    TestServer server(in_turn(std::move(replies)));
    const auto judge = make_endpoint_judge({.url = server.url(), .model = "m", .attempts = 3, .first_pause_s = 0.001});
    return judge->ratings(lines, Criterion::sample).at(0);
  };
  EXPECT_EQ(rate({completion("Great!"), completion("\\boxed{9}"), completion("\\boxed{5}")}).value, 5);
  const Rating lied = rate({completion("\\boxed{9}")});
  EXPECT_FALSE(lied.value.has_value());  // and no zero either
  EXPECT_NE(lied.error.find("no number from 0 to 5"), std::string::npos) << lied.error;
}

/// What it throws; "" if nothing.
std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(EndpointJudge, AServerThatIsNotThereIsNoFaultOfTheLines) {
  const LinesFolder folder;
  const std::vector<Json> pairs(64, gym_line("yes", "no"));
  const PairsJudgeOptions options{
      .files = {.data = {folder.write("in.jsonl", pairs)}, .out = folder / "out.jsonl", .skip_bad = true}};
  testing::internal::CaptureStderr();
  const auto judge = make_endpoint_judge({.url = closed_url(), .model = "m", .attempts = 3, .first_pause_s = 0.001});
  const std::string error = refusal([&] { judge_pairs(options, *judge); });
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(error.find("gave no reply to 3 requests in a row, each sent 3 time(s)"), std::string::npos) << error;
  EXPECT_NE(error.find("no connection"), std::string::npos) << error;
  EXPECT_FALSE(std::filesystem::exists(folder / "out.jsonl"));
  EXPECT_NE(said.find("is not there yet: no connection"), std::string::npos) << said;
  EXPECT_EQ(said.find("asking the judge"), said.rfind("asking the judge")) << said;  // once, not 9 times
  EXPECT_NE(said.find("asking the judge"), std::string::npos) << said;
  const PairsLine line = line_of(gym_line("yes", "no"));
  const std::vector<const PairsLine*> lines = {&line};
  EXPECT_EQ(refusal([&] { judge->ratings(lines, Criterion::sample); }), error);  // at once
}

TEST(EndpointJudge, OneReplyShowsThatTheServerIsThere) {
  TestServer server([count = 0](const std::string& request) mutable {
    if (request.starts_with("GET ")) return TestServer::http(404, "");
    return ++count % 3 == 0 ? completion("\\boxed{1}") : std::string("no HTTP\r\n\r\n");
  });
  testing::internal::CaptureStderr();
  const auto judge = make_endpoint_judge({.url = server.url(), .model = "m", .attempts = 1, .concurrency = 1});
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");  // it answers, if only that it lists no models
  const PairsLine line = line_of(gym_line("yes", "no"));
  const std::vector<Match> matches(9, {&line, line.parsed.chosen, line.parsed.rejected});
  const std::vector<JudgedMatch> judged = judge->verdicts(matches);
  EXPECT_NE(judged[1].error, "");
  EXPECT_EQ(judged[8].better, Better::first);
}

TEST(EndpointJudge, OptionsAreChecked) {
  EXPECT_THROW(make_endpoint_judge({.url = "localhost", .model = "m"}), InputError);
  EXPECT_THROW(make_endpoint_judge({.url = "http://localhost", .model = ""}), InputError);
}

}  // namespace
}  // namespace r1v
