// The table of splittings, each a list of stages: patterns first, then digits one by one, then GPT-2's words.
#include "io/gguf_pretokenizers.h"

#include <array>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace r1v {
namespace {

constexpr std::string_view kQwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kLlama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

struct Entry {
  const char* name;
  std::string_view pattern;  // "" for none
  bool single_digits = false;
  bool gpt2_words = false;
  bool nfc = false;
  bool ignore_merges = false;
};
// The first of several names for one splitting is the one that is written.
constexpr std::array<Entry, 15> kEntries = {{
    {.name = "qwen2", .pattern = kQwen2, .nfc = true},
    {.name = "megrez", .pattern = kQwen2, .nfc = true},
    {.name = "deepseek-r1-qwen", .pattern = kQwen2},
    {.name = "llama-bpe", .pattern = kLlama3, .ignore_merges = true},
    {.name = "llama3", .pattern = kLlama3, .ignore_merges = true},
    {.name = "llama-v3", .pattern = kLlama3, .ignore_merges = true},
    {.name = "smollm", .pattern = "", .single_digits = true, .gpt2_words = true},
    {.name = "starcoder", .pattern = "", .single_digits = true, .gpt2_words = true},
    {.name = "refact", .pattern = "", .single_digits = true, .gpt2_words = true},
    {.name = "command-r", .pattern = "", .single_digits = true, .gpt2_words = true},
    {.name = "codeshell", .pattern = "", .single_digits = true, .gpt2_words = true},
    {.name = "gpt-2", .pattern = "", .gpt2_words = true},
    {.name = "phi-2", .pattern = "", .gpt2_words = true},
    {.name = "olmo", .pattern = "", .gpt2_words = true},
    {.name = "mpt", .pattern = "", .gpt2_words = true},
}};

Json stages_json(const Entry& entry) {
  Json stages = Json::array();
  if (!entry.pattern.empty()) {
    stages.push_back(
        {{"type", "Split"}, {"pattern", {{"Regex", entry.pattern}}}, {"behavior", "Isolated"}, {"invert", false}});
  }
  if (entry.single_digits) stages.push_back({{"type", "Digits"}, {"individual_digits", true}});
  stages.push_back({{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", entry.gpt2_words}});
  return {{"type", "Sequence"}, {"pretokenizers", stages}};
}

// A splitting as words that can be compared, whatever way it is nested and spelled.
void add_stages(const Json& config, const std::string& where, std::vector<std::string>& stages) {
  const std::string type = json_string(config, "type", where);
  if (type == "Sequence") {
    for (const Json& part : json_at(config, "pretokenizers", where)) add_stages(part, where, stages);
  } else if (type == "Split") {
    const Json& pattern = json_at(config, "pattern", where);
    stages.push_back(cat("split ", json_string_or(pattern, "Regex", "?", where)));
  } else if (type == "Digits") {
    stages.push_back(json_bool_or(config, "individual_digits", false, where) ? "digits" : "digit runs");
  } else if (type == "ByteLevel") {
    if (json_bool_or(config, "use_regex", true, where)) stages.push_back("gpt2");
  } else {
    stages.push_back(type);
  }
}

std::vector<std::string> stages_of(const Json& config, const std::string& where) {
  std::vector<std::string> stages;
  add_stages(config, where, stages);
  return stages;
}

}  // namespace

GgufPretokenizer gguf_pretokenizer(const std::string& name, const std::string& where) {
  std::string names;
  for (const Entry& entry : kEntries) {
    if (name == entry.name) return {stages_json(entry), entry.nfc, entry.ignore_merges};
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw InputError(cat(where, ": tokenizer.ggml.pre is \"", printable(name),
                       "\", whose splitting into words this program does not ", "know; expected one of ", names));
}

std::string gguf_pretokenizer_name(const Json& pre_tokenizer, const std::string& where) {
  const std::vector<std::string> stages = stages_of(pre_tokenizer, where);
  for (const Entry& entry : kEntries) {
    if (stages_of(stages_json(entry), entry.name) == stages) return entry.name;
  }
  throw InputError(cat(where, ": GGUF has no name for this way of splitting text into words: ",
                       printable(dump_json(pre_tokenizer), 300)));
}

}  // namespace r1v
