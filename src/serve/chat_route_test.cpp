// The chat route with a scripted model: exact bytes, what is asked of the model, what is refused.
#include <gmock/gmock.h>

#include "serve/fakes_test.h"

namespace r1v {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ChatRoute : public ServeFixture {
 public:
  ChatRoute() { add_models(); }

  void answer_once() {
    generator.script = [](AnswerListener& listener, size_t) {
      listener.on_piece({.thinking = "one plus one", .tokens = 3, .thinking_tokens = 3});
      listener.on_piece({.answer = "It is \"2\"\n", .tokens = 5, .thinking_tokens = 3});
      GenerateResult result;
      result.completions = {completion("one plus one", "It is \"2\"\n")};
      result.usage = {
          .prompt_tokens = 12, .image_tokens = 0, .cached_tokens = 8, .completion_tokens = 6, .thinking_tokens = 3};
      listener.on_end(std::move(result));
    };
  }

  /// The number of seconds since 1970 is the only thing that differs from run to run.
  static std::string without_time(std::string text) {
    size_t at = 0;
    while ((at = text.find("\"created\":", at)) != std::string::npos) {
      at += 10;
      text.replace(at, text.find_first_not_of("0123456789", at) - at, "T");
    }
    return text;
  }
};

// The fields of OpenAI's chat completion object, and ours.
TEST_F(ChatRoute, AWholeAnswerHasTheFieldsThatClientsRead) {
  answer_once();
  const auto exchange =
      send("POST", "/v1/chat/completions", R"({"model":"mini","messages":[{"role":"user","content":"1+1?"}]})");
  exchange->wait();
  EXPECT_EQ(exchange->status, 200);
  EXPECT_EQ(without_time(exchange->body),
            R"({"id":"chatcmpl-req1","object":"chat.completion","created":T,"model":"mini","choices":[{"index":0,)"
            R"("message":{"role":"assistant","content":"It is \"2\"\n","refusal":null,)"
            R"("reasoning_content":"one plus one","reasoning":"one plus one"},"logprobs":null,"finish_reason":"stop",)"
            R"("finish_detail":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":6,"total_tokens":18,)"
            R"("prompt_tokens_details":{"cached_tokens":8,"image_tokens":0},)"
            R"("completion_tokens_details":{"reasoning_tokens":3}}})");
}

TEST_F(ChatRoute, AStreamIsChunksThenDone) {
  answer_once();
  const auto exchange = send(
      "POST", "/v1/chat/completions",
      R"({"model":"mini","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"1+1?"}]})");
  exchange->wait();
  EXPECT_EQ(exchange->content_type, "text/event-stream; charset=utf-8");
  EXPECT_EQ(exchange->keep_alive_bytes, ": keep-alive\n\n");
  const std::string front =
      R"(data: {"id":"chatcmpl-req1","object":"chat.completion.chunk","created":T,"model":"mini","choices":[)";
  const std::string delta = front + R"({"index":0,"delta":{)";
  const std::string back = R"(,"logprobs":null,"finish_reason":null}],"usage":null})"
                           "\n\n";
  EXPECT_EQ(without_time(exchange->body),
            delta + R"("role":"assistant","content":""})" + back +
                // Both pieces had come before the head was out.
                delta + R"("reasoning_content":"one plus one","reasoning":"one plus one","content":"It is \"2\"\n"})" +
                back + delta +
                R"(},"logprobs":null,"finish_reason":"stop","finish_detail":"stop"}],"usage":null})"
                "\n\n" +
                front +
                R"(],"usage":{"prompt_tokens":12,"completion_tokens":6,"total_tokens":18,)"
                R"("prompt_tokens_details":{"cached_tokens":8,"image_tokens":0},)"
                R"("completion_tokens_details":{"reasoning_tokens":3}}})"
                "\n\n" +
                "data: [DONE]\n\n");
}

TEST_F(ChatRoute, PiecesGoOutAtOnceTogetherWhereTheyComeFastAndLaterToASlowClient) {
  const auto exchange = send("POST", "/v1/chat/completions",
                             R"({"model":"mini","stream":true,"messages":[{"role":"user","content":"a"}]})");
  AnswerListener& listener = *generator.listeners.at(0);
  listener.on_piece({.answer = "a"});
  ASSERT_EQ(exchange->sends.size(), 2u);  // the role, "a"
  EXPECT_FALSE(exchange->is_soon);
  size_t pieces = 0;
  while (!exchange->is_soon && pieces < 1000) {  // a machine that stands still for a while sends one at once, too
    listener.on_piece({.answer = "b"});
    ++pieces;
  }
  EXPECT_EQ(exchange->sends.size(), 1 + pieces);
  listener.on_piece({.answer = "B"});
  EXPECT_EQ(exchange->sends.size(), 1 + pieces);
  exchange->drained();
  ASSERT_EQ(exchange->sends.size(), 2 + pieces);
  EXPECT_THAT(exchange->sends.back(), HasSubstr(R"("content":"bB")"));
  exchange->drained();
  const size_t sends = exchange->sends.size();
  EXPECT_EQ(sends, 2 + pieces) << "nothing more is there";
  exchange->unsent = 100;
  listener.on_piece({.answer = "c"});
  listener.on_piece({.answer = "d"});
  EXPECT_EQ(exchange->sends.size(), sends);
  exchange->unsent = 0;
  exchange->drained();
  ASSERT_EQ(exchange->sends.size(), sends + 1);
  EXPECT_THAT(exchange->sends.back(), HasSubstr(R"("content":"cd")"));
}

// The compute thread brings pieces while the connection's thread reports that it has taken what was sent.
TEST_F(ChatRoute, TextKeepsItsOrderHoweverThreadsMeet) {
  const auto exchange = send("POST", "/v1/chat/completions",
                             R"({"stream":true,"n":2,"temperature":1,"messages":[{"role":"user","content":"a"}]})");
  std::atomic<bool> is_done = false;
  std::thread connection([&] {
    while (!is_done) {
      exchange->unsent = 1;
      std::this_thread::yield();
      exchange->unsent = 0;
      exchange->drained();
    }
  });
  std::string expected;
  for (int i = 0; i < 5000; ++i) {
    expected += cat(i, " ");
    for (const size_t sample : {0u, 1u}) generator.listeners.at(0)->on_piece({.sample = sample, .answer = cat(i, " ")});
  }
  is_done = true;
  connection.join();
  GenerateResult result;
  result.completions = {completion("", expected), completion("", expected)};
  generator.listeners.at(0)->on_end(std::move(result));
  std::array<std::string, 2> said;
  size_t begin = 0;
  for (size_t end = exchange->body.find("\n\n"); end != std::string::npos; end = exchange->body.find("\n\n", begin)) {
    const std::string data = exchange->body.substr(begin + 6, end - begin - 6);
    begin = end + 2;
    if (data == "[DONE]") break;
    const Json choice = parse_json(data, "chunk").at("choices").at(0);
    said[choice.at("index").get<size_t>()] += choice.at("delta").value("content", "");
  }
  EXPECT_EQ(said[0], expected);
  EXPECT_EQ(said[1], expected);
}

TEST_F(ChatRoute, TheQuestionIsAskedAsTheRequestSays) {
  answer_once();
  send("POST", "/v1/chat/completions", R"({
    "model": "mini", "temperature": 0.5, "top_p": 0.9, "top_k": 40, "min_p": 0.1, "repetition_penalty": 1.1,
    "presence_penalty": 0.25, "frequency_penalty": -0.5, "seed": -7, "stop": ["a", "b"], "n": 2,
    "logit_bias": {"17": -100, "1000": 2.5}, "logprobs": true, "top_logprobs": 3, "max_completion_tokens": 100.0,
    "thinking": {"enabled": true, "budget_tokens": 20}, "max_tiles": 4, "user": "u", "metadata": {"a": "b"}, "store": false,
    "messages": [{"role": "developer", "content": "Be short."},
                 {"role": "user", "content": [{"type": "text", "text": "hello"}]},
                 {"role": "assistant", "content": "hi", "reasoning_content": "greet", "refusal": null, "tool_calls": null},
                 {"role": "user", "content": "<|im_end|>"}]})")
      ->wait();
  ASSERT_EQ(generator.questions.size(), 1u);
  const ModelQuestion& question = generator.questions[0];
  const SamplingParams& params = question.sampling;
  EXPECT_EQ(params.temperature, 0.5);
  EXPECT_EQ(params.top_p, 0.9);
  EXPECT_EQ(params.top_k, 40);
  EXPECT_EQ(params.min_p, 0.1);
  EXPECT_EQ(params.repetition_penalty, 1.1);
  EXPECT_EQ(params.presence_penalty, 0.25);
  EXPECT_EQ(params.frequency_penalty, -0.5);
  EXPECT_EQ(params.seed, static_cast<uint64_t>(-7));
  EXPECT_EQ(params.stop, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(params.n, 2);
  EXPECT_EQ(params.logit_bias, (std::vector<std::pair<int64_t, double>>{{17, -100.0}, {1000, 2.5}}));
  EXPECT_EQ(params.top_logprobs, 3);
  EXPECT_EQ(params.max_tokens, 100);
  EXPECT_EQ(params.thinking_budget, 20);
  EXPECT_EQ(question.max_tiles, 4);
  EXPECT_EQ(question.cache_salt, 0u);
  const auto& messages = question.conversation.messages;
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[0].role, "system");
  EXPECT_TRUE(messages[1].content_was_list);
  EXPECT_EQ(messages[2].extra.at("reasoning_content"), "greet");
  EXPECT_EQ(messages[3].parts.at(0).text, "<|im_end|>");  // rendered as text, whatever it spells
}

TEST_F(ChatRoute, TheLastChunkTellsTheExactReason) {
  const std::vector<std::tuple<FinishReason, std::string, std::string>> cases = {
      {FinishReason::stop, "stop", "stop"},
      {FinishReason::budget, "stop", "budget"},
      {FinishReason::length, "length", "length"},
      {FinishReason::loop, "length", "loop"}};
  for (const auto& [reason, openai, detail] : cases) {
    generator.script = [finish = reason](AnswerListener& listener, size_t) {
      GenerateResult result;
      result.completions = {completion("", "x", finish)};
      listener.on_end(std::move(result));
    };
    const auto exchange = send("POST", "/v1/chat/completions", R"({"messages":[{"role":"user","content":"a"}]})");
    EXPECT_THAT(exchange->body, HasSubstr(cat(R"("finish_reason":")", openai, R"(","finish_detail":")", detail, "\"")));
  }
}

TEST_F(ChatRoute, LogprobsAreOfTheContentAndThinkingHasItsOwn) {
  const int64_t a = small_tokenizer().find("a"), b = small_tokenizer().find("b"),
                end = small_tokenizer().find("<|im_end|>");
  ASSERT_GE(a, 0);
  ASSERT_GE(end, 0);
  generator.script = [=](AnswerListener& listener, size_t) {
    GenerateResult result;
    result.completions = {completion("a", "b")};
    result.completions[0].reports = {
        {.id = a, .logprob = -0.5, .is_thinking = true},
        {.id = b, .logprob = -0.25, .top = {{.id = b, .logprob = -0.25}, {.id = a, .logprob = -INFINITY}}},
        {.id = end, .logprob = -1}};
    listener.on_end(std::move(result));
  };
  const auto exchange = send("POST", "/v1/chat/completions",
                             R"({"logprobs":true,"top_logprobs":2,"messages":[{"role":"user","content":"a"}]})");
  exchange->wait();
  EXPECT_THAT(
      exchange->body,
      HasSubstr(
          R"("logprobs":{"content":[{"token":"b","logprob":-0.25,"bytes":[98],"top_logprobs":[)"
          R"({"token":"b","logprob":-0.25,"bytes":[98]},{"token":"a","logprob":-9999,"bytes":[97]}]}],)"
          R"("refusal":null,"reasoning_content":[{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[]}]})"));
}

TEST_F(ChatRoute, BestOfGivesTheBestJudgedAnswerAndAllCandidates) {
  generator.script = [](AnswerListener& listener, size_t) {
    GenerateResult result;
    result.completions = {completion("", "short"), completion("hm", "a longer answer"), completion("", " ")};
    listener.on_end(std::move(result));
  };
  const auto exchange = send("POST", "/v1/chat/completions",
                             R"({"best_of":3,"temperature":1,"messages":[{"role":"user","content":"q"}]})");
  exchange->wait();
  ASSERT_EQ(exchange->status, 200) << exchange->body;
  EXPECT_EQ(generator.questions[0].sampling.n, 3);
  const Json reply = parse_json(exchange->body, "reply");
  EXPECT_EQ(reply.at("choices").size(), 1u);
  EXPECT_EQ(reply["choices"][0]["message"]["content"], "a longer answer");
  const Json& best_of = reply.at("best_of");
  EXPECT_EQ(best_of.at("chosen"), 1);
  EXPECT_EQ(best_of.at("reward_model"), "judge");
  EXPECT_EQ(best_of.at("judged_tokens"), 14);  // two answers of 7 tokens each; the blank one is not judged
  // The judge reads whole outputs behind the prompt's opened tag: "<think>\nshort" has 13 characters.
  EXPECT_EQ(best_of["candidates"][0]["score"], 13.0);
  // "<think>\nhm\n</think>\n\na longer answer": 8 + 2 + 11 + 15
  EXPECT_EQ(best_of["candidates"][1]["score"], 36.0);
  EXPECT_EQ(best_of["candidates"][2]["score"], 12.0);  // the lowest less one
  EXPECT_EQ(scorer.asked.at(0).messages.size(), 2u);
}

TEST_F(ChatRoute, AStreamOfBestOfShowsCandidatesThenTheChosenAnswer) {
  const auto exchange =
      send("POST", "/v1/chat/completions",
           R"({"best_of":2,"temperature":1,"stream":true,"choose":"vote","messages":[{"role":"user","content":"q"}]})");
  AnswerListener& listener = *generator.listeners.at(0);
  listener.on_piece({.sample = 1, .answer = "4"});
  EXPECT_THAT(exchange->body, HasSubstr(R"("choices":[],"candidate":{"index":1,"content":"4"}})"));
  GenerateResult result;
  result.completions = {completion("", "\\boxed{5}"), completion("", "\\boxed{4}")};
  listener.on_end(std::move(result));
  exchange->wait();
  EXPECT_THAT(exchange->body, HasSubstr(R"("delta":{"content":"\\boxed{5}"})"));  // one voice each: the first
  EXPECT_THAT(exchange->body, HasSubstr(R"("best_of":{"chosen":0,"choose":"vote","reward_model":null,)"));
}

TEST_F(ChatRoute, ErrorsWithinAStreamAreEvents) {
  const auto exchange =
      send("POST", "/v1/chat/completions", R"({"stream":true,"messages":[{"role":"user","content":"q"}]})");
  generator.listeners.at(0)->on_error("secret details of the failure", false);
  EXPECT_TRUE(exchange->is_over);
  EXPECT_EQ(
      exchange->sends.back(),
      "data: {\"error\":{\"message\":\"the server failed to answer; its log tells more\",\"type\":\"server_error\","
      "\"param\":null,\"code\":\"internal_error\"}}\n\ndata: [DONE]\n\n");
}

TEST_F(ChatRoute, AFullQueueIs429WithRetryAfter) {
  generator.refuse = [] { throw OverloadedError("256 questions wait already", 2.5); };
  const auto exchange = send("POST", "/v1/chat/completions", R"({"messages":[{"role":"user","content":"q"}]})");
  EXPECT_EQ(exchange->status, 429);
  EXPECT_EQ(exchange->headers.at(0), (std::pair<std::string, std::string>{"Retry-After", "3"}));
  generator.refuse = [] { throw ClosingError("closing"); };
  EXPECT_EQ(send("POST", "/v1/chat/completions", R"({"messages":[{"role":"user","content":"q"}]})")->status, 503);
}

TEST_F(ChatRoute, AClientThatGoesCancels) {
  const auto exchange =
      send("POST", "/v1/chat/completions", R"({"stream":true,"messages":[{"role":"user","content":"q"}]})");
  EXPECT_FALSE(generator.tickets.at(0)->is_cancelled);
  exchange->gone();
  EXPECT_TRUE(generator.tickets.at(0)->is_cancelled);
}

TEST_F(ChatRoute, TimeEndsAnAnswerAsCutOff) {
  options.limits.max_seconds = 0.05;
  const auto exchange = send("POST", "/v1/chat/completions", R"({"messages":[{"role":"user","content":"q"}]})");
  const double end = monotonic_s() + 5;
  while (!generator.tickets.at(0)->is_cancelled && monotonic_s() < end) std::this_thread::yield();
  ASSERT_TRUE(generator.tickets.at(0)->is_cancelled);
  GenerateResult result;
  result.completions = {completion("", "so far", FinishReason::cancelled)};
  generator.listeners.at(0)->on_end(std::move(result));
  EXPECT_THAT(exchange->body, HasSubstr(R"("finish_reason":"length","finish_detail":"time")"));
}

TEST_F(ChatRoute, AServiceThatEndsIsAClearError) {
  const auto exchange =
      send("POST", "/v1/chat/completions", R"({"stream":true,"messages":[{"role":"user","content":"q"}]})");
  GenerateResult result;
  result.completions = {completion("", "so far", FinishReason::cancelled)};
  generator.listeners.at(0)->on_end(std::move(result));
  EXPECT_THAT(exchange->sends.back(), HasSubstr(R"("code":"shutting_down")"));
}

TEST_F(ChatRoute, ProgressIsToldWhereItIsAskedFor) {
  const auto exchange = send("POST", "/v1/chat/completions",
                             R"({"stream":true,"return_progress":true,"messages":[{"role":"user","content":"q"}]})");
  generator.listeners.at(0)->on_progress(
      {.pictures = 2, .pictures_done = 1, .prompt_tokens = 500, .prompt_tokens_done = 0});
  EXPECT_THAT(
      exchange->sends.back(),
      HasSubstr(
          R"("choices":[],"prompt_progress":{"total":500,"processed":0,"pictures_total":2,"pictures_processed":1}})"));
}

TEST_F(ChatRoute, SaltsAreOneAKeyWhereTheServerWantsThat) {
  answer_once();
  options.salts_by_key = true;
  const std::string body = R"({"messages":[{"role":"user","content":"q"}]})";
  send("POST", "/v1/chat/completions", body, "alice");
  send("POST", "/v1/chat/completions", body, "bob");
  send("POST", "/v1/chat/completions", body, "alice");
  EXPECT_NE(generator.questions[0].cache_salt, 0u);
  EXPECT_NE(generator.questions[0].cache_salt, generator.questions[1].cache_salt);
  EXPECT_EQ(generator.questions[0].cache_salt, generator.questions[2].cache_salt);
}

TEST_F(ChatRoute, ControlReachesOnlyTheKeysOwnRequests) {
  send("POST", "/v1/chat/completions", R"({"stream":true,"messages":[{"role":"user","content":"q"}]})", "alice");
  FakeTicket& ticket = *generator.tickets.at(0);
  EXPECT_EQ(send("POST", "/v1/requests/chatcmpl-req1/end_thinking", "", "bob")->status, 404);
  EXPECT_EQ(send("DELETE", "/v1/requests/req1", "", "bob")->status, 404);
  EXPECT_FALSE(ticket.is_thinking_ended);
  EXPECT_FALSE(ticket.is_cancelled);
  EXPECT_EQ(send("POST", "/v1/requests/chatcmpl-req1/end_thinking", "", "alice")->body,
            R"({"id":"chatcmpl-req1","object":"request","thinking_ended":true})");
  EXPECT_TRUE(ticket.is_thinking_ended);
  EXPECT_EQ(send("DELETE", "/v1/requests/req1", "", "alice")->body,
            R"({"id":"req1","object":"request","deleted":true})");
  EXPECT_TRUE(ticket.is_cancelled);
}

}  // namespace
}  // namespace r1v
