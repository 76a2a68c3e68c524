// Who judges, in words: options of recipes that may need a judge.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace r1v {

struct JudgeChoice {
  std::string judge = "gym";
  std::string endpoint, endpoint_model;
  double judge_timeout = 120;
  int64_t judge_attempts = 5, judge_concurrency = 4;
  std::filesystem::path judge_model;
  int64_t judge_tokens = 2048;

  void fields(auto& field) {
    field("judge", judge,
          "gym (its oracle: lines carry \"level\" and \"transcript\"), endpoint (a server; the paper: GPT-4o) or model "
          "(a checkpoint)");
    field("endpoint", endpoint,
          "OpenAI-compatible server, http://host:port/v1; its key is read from the environment: R1V_API_KEY");
    field("endpoint-model", endpoint_model, "the model's name there");
    field("judge-timeout", judge_timeout, "seconds that one reply of the server may take");
    field("judge-attempts", judge_attempts, "times that a failing request is sent, with growing pauses");
    field("judge-concurrency", judge_concurrency, "requests under way at a time");
    field("judge-model", judge_model, "checkpoint folder of --judge model");
    field("judge-tokens", judge_tokens, "most tokens of one reply of a judge that writes");
  }
};

}  // namespace r1v
