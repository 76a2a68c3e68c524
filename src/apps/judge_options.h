// The options that choose who judges, and the judge made of them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "apps/open_model.h"
#include "recipes/judge.h"
#include "recipes/judge_choice.h"

namespace r1v {

struct JudgeOptions {
  std::string judge = "gym";
  std::string endpoint, endpoint_model;
  double timeout = 120;
  int64_t attempts = 5, concurrency = 4;
  std::filesystem::path judge_model;
  std::string device = "cpu", dtype = "auto";
  int64_t max_tokens = 2048;

  void fields(auto& field) {
    field("judge", judge,
          "gym (knows the right answers: lines carry \"answer\", \"transcript\"), endpoint (a server) or model (a "
          "checkpoint)");
    field("endpoint", endpoint,
          "OpenAI-compatible server, http://host:port/v1; its key is read from the environment: R1V_API_KEY");
    field("endpoint-model", endpoint_model, "the model's name there");
    field("timeout", timeout, "seconds that one reply of the server may take");
    field("attempts", attempts, "times that a failing request is sent, with growing pauses");
    field("concurrency", concurrency, "requests under way at a time");
    field("judge-model", judge_model, "checkpoint folder of --judge model");
    field("device", device, "of --judge-model: cpu or cuda[:N]");
    field("dtype", dtype, "of --judge-model: auto, float32, bfloat16 or float16");
    field("max-tokens", max_tokens, "most tokens of one reply of a judge that writes");
  }
};

/// The same as recipes name it; --judge model runs on the CPU.
JudgeOptions judge_options(const JudgeChoice& choice);

/// The judge with what it lives on.
struct OpenJudge {
  OpenModel model;  // empty unless --judge model
  std::unique_ptr<Judge> judge;
};

/// throws InputError: an unknown judge, what it needs is missing, or a value out of range.
OpenJudge open_judge(const JudgeOptions& options);

}  // namespace r1v
