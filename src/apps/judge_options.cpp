// From words to a judge.
#include "apps/judge_options.h"

#include <cstdlib>

#include "base/error.h"

namespace r1v {

JudgeOptions judge_options(const JudgeChoice& choice) {
  return {.judge = choice.judge,
          .endpoint = choice.endpoint,
          .endpoint_model = choice.endpoint_model,
          .timeout = choice.judge_timeout,
          .attempts = choice.judge_attempts,
          .concurrency = choice.judge_concurrency,
          .judge_model = choice.judge_model,
          .max_tokens = choice.judge_tokens};
}

OpenJudge open_judge(const JudgeOptions& options) {
  if (options.judge != "endpoint" && (!options.endpoint.empty() || !options.endpoint_model.empty())) {
    throw InputError(cat("--endpoint belongs to --judge endpoint; found --judge ", printable(options.judge)));
  }
  if (options.judge != "model" && !options.judge_model.empty()) {
    throw InputError(cat("--judge-model belongs to --judge model; found --judge ", printable(options.judge)));
  }
  OpenJudge open;
  if (options.judge == "gym") {
    open.judge = make_gym_judge();
  } else if (options.judge == "endpoint") {
    if (options.endpoint.empty()) throw InputError("--judge endpoint needs --endpoint http://host:port/v1");
    const char* key = std::getenv("R1V_API_KEY");
    open.judge = make_endpoint_judge({.url = options.endpoint,
                                      .model = options.endpoint_model,
                                      .api_key = key ? key : "",
                                      .timeout_s = options.timeout,
                                      .attempts = options.attempts,
                                      .concurrency = options.concurrency,
                                      .max_tokens = options.max_tokens});
  } else if (options.judge == "model") {
    if (options.judge_model.empty()) throw InputError("--judge model needs --judge-model DIR");
    open.model = open_model({.model = options.judge_model, .device = options.device, .dtype = options.dtype});
    SamplingParams sampling{.temperature = 0, .max_tokens = options.max_tokens};
    check_sampling(sampling);
    open.judge = make_model_judge(*open.model.model, *open.model.renderer, sampling);
  } else {
    throw InputError(cat("--judge: found \"", printable(options.judge), "\", expected gym, endpoint or model"));
  }
  return open;
}

}  // namespace r1v
