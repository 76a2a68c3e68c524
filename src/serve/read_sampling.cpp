// Ranges stand in the shapes; here is what depends on the model.
#include "serve/read_sampling.h"

#include "serve/body.h"

namespace r1v {
namespace {

uint64_t seed_of(const Json& value) {
  return value.is_number_unsigned() ? value.get<uint64_t>() : static_cast<uint64_t>(integer_of(value));
}

std::vector<std::string> read_stop(const Json& stop) {
  return stop.is_string() ? std::vector<std::string>{stop.get<std::string>()} : stop.get<std::vector<std::string>>();
}

std::vector<std::pair<int64_t, double>> read_bias(const Json& bias, int64_t vocabulary) {
  std::vector<std::pair<int64_t, double>> out;
  for (const auto& [key, value] : bias.items()) {
    // Nine digits fit; leading zeros would name one id twice.
    const bool is_plain = key.size() <= 9 && (key.size() == 1 || key[0] != '0');
    if (!is_plain || std::stoll(key) >= vocabulary) {
      refuse_value("logit_bias",
                   cat("names the token ", printable(key, 40), "; the model's ids go from 0 to ", vocabulary - 1));
    }
    out.emplace_back(std::stoll(key), value.get<double>());
  }
  return out;
}

}  // namespace

SamplingParams read_sampling(const Json& request, const ServedModelFacts& facts, uint64_t seed) {
  SamplingParams params = facts.defaults;
  params.temperature = number_of(request, "temperature", params.temperature);
  params.top_p = number_of(request, "top_p", params.top_p);
  params.top_k = integer_of(request, "top_k", params.top_k);
  params.min_p = number_of(request, "min_p", params.min_p);
  params.repetition_penalty = number_of(request, "repetition_penalty", params.repetition_penalty);
  params.presence_penalty = number_of(request, "presence_penalty", 0.0);
  params.frequency_penalty = number_of(request, "frequency_penalty", 0.0);
  params.ignore_eos = bool_of(request, "ignore_eos", false);
  const Json* asked_seed = field_of(request, "seed");
  params.seed = asked_seed == nullptr ? seed : seed_of(*asked_seed);
  if (const Json* stop = field_of(request, "stop")) params.stop = read_stop(*stop);
  if (const Json* bias = field_of(request, "logit_bias")) params.logit_bias = read_bias(*bias, facts.vocabulary);
  return params;
}

void set_length(SamplingParams& params, std::optional<int64_t> asked, const std::string& param,
                const ServedModelFacts& facts, const ServeLimits& limits) {
  if (asked && *asked > facts.context) {
    refuse_value(param, cat("is ", *asked, ", but the model's context holds ", facts.context, " tokens"));
  }
  const int64_t by_itself = limits.default_max_tokens > 0 ? limits.default_max_tokens : facts.context;
  params.max_tokens = asked.value_or(by_itself);
}

}  // namespace r1v
