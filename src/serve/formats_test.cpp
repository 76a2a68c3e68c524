// Completions, responses, scores and tokens with scripted models: bytes against OpenAI's and vLLM's formats.
#include <gmock/gmock.h>

#include "serve/fakes_test.h"

namespace r1v {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Formats : public ServeFixture {
 public:
  Formats() { add_models(); }

  void answer_each() {
    generator.script = [](AnswerListener& listener, size_t question) {
      listener.on_piece({.answer = cat("text ", question)});
      GenerateResult result;
      result.completions = {completion("", cat("text ", question))};
      result.usage = {.prompt_tokens = 3, .completion_tokens = 2};
      listener.on_end(std::move(result));
    };
  }

  /// (event, data) pairs.
  static std::vector<std::pair<std::string, Json>> events(const std::string& body) {
    std::vector<std::pair<std::string, Json>> out;
    size_t at = 0;
    while (at < body.size()) {
      const size_t end = body.find("\n\n", at), line = body.find('\n', at);
      EXPECT_TRUE(body.substr(at).starts_with("event: "));
      EXPECT_EQ(body.substr(line + 1, 6), "data: ");
      out.emplace_back(body.substr(at + 7, line - at - 7), parse_json(body.substr(line + 7, end - line - 7), "event"));
      at = end + 2;
    }
    return out;
  }
};

TEST_F(Formats, CompletionsAnswerEveryPromptInItsPlace) {
  answer_each();
  const auto exchange = send("POST", "/v1/completions", R"({"prompt":["a","b"],"max_tokens":5})");
  const Json reply = parse_json(exchange->body, "reply");
  EXPECT_EQ(reply.at("object"), "text_completion");
  EXPECT_EQ(reply.at("id"), "cmpl-req1");
  EXPECT_EQ(reply["choices"][0]["text"], "text 0");
  EXPECT_EQ(reply["choices"][1]["text"], "text 1");
  EXPECT_EQ(reply["choices"][1]["index"], 1);
  EXPECT_EQ(reply["usage"]["prompt_tokens"], 6);
  EXPECT_EQ(generator.questions.at(1).text, "b");
  EXPECT_TRUE(generator.questions.at(1).conversation.messages.empty());
}

TEST_F(Formats, CompletionsTakeIds) {
  answer_each();
  send("POST", "/v1/completions", R"({"prompt":[5,6]})");
  send("POST", "/v1/completions", R"({"prompt":[[7],[8,9]]})");
  EXPECT_THAT(generator.questions.at(0).ids, ElementsAre(5, 6));
  EXPECT_THAT(generator.questions.at(2).ids, ElementsAre(8, 9));
}

TEST_F(Formats, CompletionsStreamAndReportTokens) {
  const int64_t a = small_tokenizer().find("a");
  const auto exchange = send("POST", "/v1/completions", R"({"prompt":"x","stream":true,"logprobs":1})");
  AnswerListener& listener = *generator.listeners.at(0);
  const TokenReport report = {.id = a, .logprob = -0.5, .top = {{.id = a, .logprob = -0.5}}};
  listener.on_piece({.answer = "a", .reports = {report}});
  listener.on_piece({.answer = "a", .reports = {report}});
  exchange->drained();  // what comes fast goes out together
  EXPECT_THAT(exchange->sends.at(1),
              HasSubstr(R"("choices":[{"index":0,"text":"a","logprobs":{"tokens":["a"],"token_logprobs":[-0.5],)"
                        R"("top_logprobs":[{"a":-0.5}],"text_offset":[1]},"finish_reason":null}]})"));
  GenerateResult result;
  result.completions = {completion("", "aa", FinishReason::length)};
  listener.on_end(std::move(result));
  EXPECT_THAT(exchange->body, ::testing::EndsWith("\"text\":\"\",\"logprobs\":null,\"finish_reason\":\"length\","
                                                  "\"finish_detail\":\"length\"}]}\n\ndata: [DONE]\n\n"));
}

TEST_F(Formats, AResponseHasThinkingThenTheMessage) {
  generator.script = [](AnswerListener& listener, size_t) {
    GenerateResult result;
    result.completions = {completion("hm", "4")};
    result.usage = {.prompt_tokens = 9, .cached_tokens = 1, .completion_tokens = 5, .thinking_tokens = 2};
    listener.on_end(std::move(result));
  };
  const auto exchange =
      send("POST", "/v1/responses", R"({"instructions":"Be short.","input":"2+2?","max_output_tokens":50})");
  const Json reply = parse_json(exchange->body, "reply");
  EXPECT_EQ(reply.at("id"), "resp_req1");
  EXPECT_EQ(reply.at("object"), "response");
  EXPECT_EQ(reply.at("status"), "completed");
  EXPECT_EQ(reply.at("instructions"), "Be short.");
  EXPECT_EQ(reply["text"]["format"]["type"], "text");
  ASSERT_EQ(reply.at("output").size(), 2u);
  EXPECT_EQ(reply["output"][0]["type"], "reasoning");
  EXPECT_EQ(reply["output"][0]["content"][0]["text"], "hm");
  EXPECT_EQ(reply["output"][1]["role"], "assistant");
  EXPECT_EQ(reply["output"][1]["content"][0].dump(),
            R"({"type":"output_text","text":"4","annotations":[],"logprobs":[]})");
  EXPECT_EQ(reply["usage"].dump(),
            R"({"input_tokens":9,"input_tokens_details":{"cached_tokens":1,"image_tokens":0},"output_tokens":5,)"
            R"("output_tokens_details":{"reasoning_tokens":2},"total_tokens":14})");
  EXPECT_EQ(generator.questions[0].conversation.messages.at(0).role, "system");
  EXPECT_EQ(generator.questions[0].sampling.max_tokens, 50);
}

TEST_F(Formats, AStreamedResponseIsTheDocumentedSequenceOfEvents) {
  const auto exchange = send("POST", "/v1/responses", R"({"input":"2+2?","stream":true})");
  AnswerListener& listener = *generator.listeners.at(0);
  listener.on_piece({.thinking = "h"});
  listener.on_piece({.thinking = "m"});
  listener.on_piece({.answer = "4"});
  GenerateResult result;
  result.completions = {completion("hm", "4", FinishReason::length)};
  listener.on_end(std::move(result));
  std::vector<std::string> names;
  const auto all = events(exchange->body);
  for (size_t i = 0; i < all.size(); ++i) {
    names.push_back(all[i].first);
    EXPECT_EQ(all[i].second.at("type"), all[i].first);
    EXPECT_EQ(all[i].second.at("sequence_number"), i);
  }
  EXPECT_THAT(names,
              ElementsAre("response.created", "response.in_progress", "response.output_item.added",
                          "response.content_part.added", "response.reasoning_text.delta",
                          "response.reasoning_text.delta", "response.reasoning_text.done", "response.content_part.done",
                          "response.output_item.done", "response.output_item.added", "response.content_part.added",
                          "response.output_text.delta", "response.output_text.done", "response.content_part.done",
                          "response.output_item.done", "response.incomplete"));
  EXPECT_EQ(all[6].second.at("text"), "hm");
  EXPECT_EQ(all[11].second.at("item_id"), "msg_req1");
  EXPECT_EQ(all[11].second.at("output_index"), 1);
  EXPECT_EQ(all[14].second.at("item").at("status"), "incomplete");
  EXPECT_EQ(all[15].second.at("response").at("incomplete_details").at("reason"), "max_output_tokens");
  EXPECT_EQ(all[15].second.at("response").at("output").size(), 2u);
}

TEST_F(Formats, ResponsesTakeWholeConversationsBack) {
  send("POST", "/v1/responses", R"({"input":[
    {"role":"user","content":[{"type":"input_text","text":"2+2?"}]},
    {"type":"reasoning","id":"rs_1","summary":[],"content":[{"type":"reasoning_text","text":"hm"}],"status":"completed"},
    {"type":"message","id":"msg_1","role":"assistant","status":"completed",
     "content":[{"type":"output_text","text":"4","annotations":[],"logprobs":[]}]},
    {"type":"message","role":"user","content":"And 3+3?"}]})");
  const auto& messages = generator.questions.at(0).conversation.messages;
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[1].role, "assistant");
  EXPECT_EQ(messages[1].extra.at("reasoning_content"), "hm");
  EXPECT_EQ(messages[2].parts.at(0).text, "And 3+3?");
}

TEST_F(Formats, ScoresComeInOrder) {
  const auto exchange = send("POST", "/v1/score", R"({"model":"judge","question":"q","answers":["four","fourteen"]})");
  const Json reply = parse_json(exchange->body, "reply");
  EXPECT_EQ(reply.at("id"), "score-req1");
  EXPECT_EQ(reply.at("model"), "judge");
  EXPECT_EQ(reply["data"].dump(), R"([{"index":0,"object":"score","score":4},{"index":1,"object":"score","score":8}])");
  EXPECT_EQ(reply["usage"]["prompt_tokens"], 14);
  EXPECT_EQ(scorer.asked.at(1).messages.at(0).parts.at(0).text, "q");
}

TEST_F(Formats, ScoreRefusesWhatItCannotJudge) {
  const auto message_of = [&](const std::string& body) { return error_of("/v1/score", body).value("message", ""); };
  EXPECT_THAT(message_of(R"({"answers":["a"]})"), HasSubstr("exactly one of them"));
  EXPECT_THAT(message_of(R"({"question":"q"})"), HasSubstr("answers are missing"));
  EXPECT_THAT(message_of(R"({"question":"q","answers":[" "]})"), HasSubstr("answers[0] ends with an empty answer"));
  EXPECT_THAT(message_of(R"({"question":"q","answers":[]})"), HasSubstr("at least 1"));
  EXPECT_THAT(message_of(R"({"conversations":[{"messages":[{"role":"user","content":"q"}]}]})"),
              HasSubstr("conversations[0].messages does not end with the assistant's answer"));
  EXPECT_EQ(error_of("/v1/score", R"({"model":"mini","question":"q","answers":["a"]})").value("status", 0), 404);
}

TEST_F(Formats, TextsBecomeTokensAndBack) {
  const auto exchange = send("POST", "/tokenize", R"({"prompt":"ab","return_token_strs":true})");
  const Json reply = parse_json(exchange->body, "reply");
  EXPECT_EQ(reply.at("count"), reply.at("tokens").size());
  EXPECT_EQ(reply.at("max_model_len"), 4096);
  const auto back = send("POST", "/detokenize", dump_json({{"tokens", reply.at("tokens")}}));
  EXPECT_EQ(back->body, R"({"prompt":"ab"})");
  EXPECT_EQ(send("POST", "/detokenize", R"({"tokens":[99999]})")->status, 400);
}

TEST_F(Formats, ControlTokensInTextAreTextUnlessAskedFor) {
  const int64_t end = small_tokenizer().find("<|im_end|>");
  const auto count = [&](const std::string& more) {
    return parse_json(send("POST", "/tokenize", R"({"prompt":"<|im_end|>")" + more + "}")->body, "reply").at("tokens");
  };
  EXPECT_GT(count("").size(), 1u);
  EXPECT_EQ(count(R"(,"parse_special":true)").dump(), cat("[", end, "]"));
}

TEST_F(Formats, ModelsAreListed) {
  const Json list = parse_json(send("GET", "/v1/models")->body, "reply");
  EXPECT_EQ(list.at("object"), "list");
  EXPECT_EQ(list["data"][0].dump(),
            R"({"id":"mini","object":"model","created":1700000000,"owned_by":"r1v","max_model_len":4096,)"
            R"("architecture":"FakeForTests","answers":true,"scores":false,"sees":true})");
  EXPECT_EQ(parse_json(send("GET", "/v1/models/judge")->body, "reply").at("scores"), true);
  EXPECT_EQ(send("GET", "/v1/models/none")->status, 404);
  EXPECT_THAT(
      error_of("/v1/chat/completions", R"({"model":"gpt","messages":[{"role":"user","content":"a"}]})").at("message"),
      HasSubstr("there are: mini"));
}

class Loading : public ServeFixture {};

TEST_F(Loading, HealthAndQuestionsAre503) {
  EXPECT_EQ(send("GET", "/health")->status, 503);
  EXPECT_EQ(send("POST", "/v1/chat/completions", R"({"messages":[{"role":"user","content":"a"}]})")->status, 503);
  add_models();
  EXPECT_EQ(send("GET", "/health")->body, R"({"status":"ok"})");
}

TEST_F(Formats, MetricsCountRequestsAndTokens) {
  answer_each();
  send("POST", "/v1/completions", R"({"prompt":"a"})");
  serving.on_finished({.id = "req1",
                       .method = "POST",
                       .path = "/v1/completions",
                       .route = "/v1/completions",
                       .status = 200,
                       .seconds = 0.3});
  const std::string text = send("GET", "/metrics")->body;
  EXPECT_THAT(text, HasSubstr("r1v_requests_total{route=\"/v1/completions\",status=\"200\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("r1v_request_seconds_bucket{le=\"0.1\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("r1v_request_seconds_bucket{le=\"0.5\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("r1v_completion_tokens_total 2\n"));
  EXPECT_THAT(text, HasSubstr("r1v_first_token_seconds_count 1\n"));
  EXPECT_THAT(text, HasSubstr("r1v_kv_blocks_used{model=\"mini\"} 40\n"));
  EXPECT_THAT(text, HasSubstr("r1v_connections 4\n"));
}

}  // namespace
}  // namespace r1v
