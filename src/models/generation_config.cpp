// Reads generation_config.json.
#include "base/error.h"
#include "io/gguf.h"
#include "models/config.h"
#include "models/config_fields.h"

namespace r1v {
namespace {

std::vector<int64_t> read_ids(const ConfigFields& fields, const std::string& key) {
  if (!fields.has(key)) return {};
  const Json& value = fields.json().at(key);
  if (!value.is_array()) return {fields.integer(key, {0, INT32_MAX})};
  std::vector<int64_t> ids;
  for (const Json& id : value) {
    if (!id.is_number_integer() || id < 0 || id > INT32_MAX) {
      throw InputError(
          cat(fields.where(), ": key \"", key, "\" holds ", printable(dump_json(id)), ", expected token ids"));
    }
    ids.push_back(id.get<int64_t>());
  }
  return ids;
}

}  // namespace

GenerationConfig read_generation_config(const std::filesystem::path& folder) {
  if (is_gguf(folder)) return {.eos_token_ids = gguf_eos_ids(GgufFile(folder))};
  const std::filesystem::path path = folder / "generation_config.json";
  GenerationConfig config;
  if (!std::filesystem::exists(path)) return config;
  const Json json = read_json_file(path);
  const ConfigFields fields(json, path.string());
  config.eos_token_ids = read_ids(fields, "eos_token_id");
  config.do_sample = fields.boolean_or("do_sample", false);
  if (fields.has("temperature")) config.temperature = fields.number("temperature", {0.0, 1e3});
  if (fields.has("top_k")) config.top_k = fields.integer("top_k", {0, INT32_MAX});
  if (fields.has("top_p")) config.top_p = fields.number("top_p", {0.0, 1.0});
  if (fields.has("repetition_penalty")) config.repetition_penalty = fields.number("repetition_penalty", {1e-3, 1e3});
  return config;
}

}  // namespace r1v
