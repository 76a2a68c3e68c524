// Key by key; numbers are checked where config.json's are.
#include "models/gguf_config.h"

#include <cmath>

#include "base/error.h"

namespace r1v {
namespace {

constexpr const char* kEmbedding = "token_embd.weight";

const GgufTensor& embedding(const GgufFile& file) {
  const auto it = file.tensors().find(std::string_view(kEmbedding));
  if (it == file.tensors().end() || it->second.shape.size() != 2) {
    throw InputError(
        cat(file.path().string(), ": found no tensor ", kEmbedding, " of two dimensions; expected a language model"));
  }
  return it->second;
}

// What the arithmetic was trained in is not told; float16 and bfloat16 files are meant to be computed as such.
const char* dtype_of(GgmlType type) {
  if (type == GgmlType::f16) return "float16";
  return type == GgmlType::bf16 ? "bfloat16" : "float32";
}

// Reads the keys "<architecture>.*".
class Keys {
 public:
  explicit Keys(const GgufFile& file) : file_(file), prefix_(gguf_architecture(file) + ".") {}

  bool has(const char* key) const { return file_.has(prefix_ + key); }
  int64_t integer(const char* key) const { return file_.integer(prefix_ + key); }
  int64_t integer_or(const char* key, int64_t fallback) const { return has(key) ? integer(key) : fallback; }
  double number(const char* key) const { return file_.number(prefix_ + key); }
  double number_or(const char* key, double fallback) const { return has(key) ? number(key) : fallback; }
  std::string text_or(const char* key, const std::string& fallback) const {
    return file_.text_or(prefix_ + key, fallback);
  }
  [[noreturn]] void refuse(const char* key, const std::string& found, const std::string& expected) const {
    throw InputError(
        cat(file_.path().string(), ": metadata \"", prefix_, key, "\" is ", found, ", expected ", expected));
  }

 private:
  const GgufFile& file_;
  std::string prefix_;
};

// null when positions are not stretched.
Json rope_scaling(const Keys& keys) {
  const std::string type = keys.text_or("rope.scaling.type", "none");
  if (type == "none" || (type == "linear" && keys.number_or("rope.scaling.factor", 1.0) == 1.0)) return {};
  if (type != "yarn") keys.refuse("rope.scaling.type", "\"" + printable(type) + "\"", "none or yarn");
  Json yarn = {{"rope_type", "yarn"}, {"factor", keys.number("rope.scaling.factor")}};
  if (keys.has("rope.scaling.original_context_length")) {
    yarn["original_max_position_embeddings"] = keys.integer("rope.scaling.original_context_length");
  }
  // GGUF's factor comes on top of YaRN's own, which is 0.1 ln(factor) + 1.
  if (keys.has("rope.scaling.attn_factor")) {
    const double own = 0.1 * std::log(keys.number("rope.scaling.factor")) + 1.0;
    yarn["attention_factor"] = keys.number("rope.scaling.attn_factor") * own;
  }
  return yarn;
}

void refuse_unknown_features(const GgufFile& file, const Keys& keys) {
  if (keys.integer_or("expert_count", 0) != 0) {
    keys.refuse("expert_count", std::to_string(keys.integer("expert_count")),
                "none: a mixture of experts is not known");
  }
  if (keys.has("attention.sliding_window") &&
      keys.integer("attention.sliding_window") < keys.integer("context_length")) {
    keys.refuse("attention.sliding_window", std::to_string(keys.integer("attention.sliding_window")),
                "none: sliding-window attention is not supported");
  }
  if (file.tensors().contains(std::string_view("rope_freqs.weight"))) {
    throw InputError(cat(file.path().string(), ": tensor rope_freqs.weight scales the rotary frequencies one by one ",
                         "(Llama 3.1), which is not supported; expected a model without it"));
  }
}

// Absent where it is hidden_size / num_attention_heads.
void add_head_dim(const Keys& keys, Json& config) {
  const int64_t heads = config["num_attention_heads"].get<int64_t>();
  const int64_t usual = heads > 0 ? config["hidden_size"].get<int64_t>() / heads : 0;
  const int64_t head_dim = keys.integer_or("attention.key_length", usual);
  for (const char* key : {"attention.value_length", "rope.dimension_count"}) {
    const int64_t found = keys.integer_or(key, head_dim);
    if (found != head_dim) keys.refuse(key, std::to_string(found), std::to_string(head_dim) + ", the width of a head");
  }
  if (head_dim != usual) config["head_dim"] = head_dim;
}

}  // namespace

std::string gguf_architecture(const GgufFile& file) {
  const std::string name = file.text("general.architecture");
  if (name == "qwen2" || name == "llama") return name;
  throw InputError(cat(file.path().string(), ": general.architecture is \"", printable(name),
                       "\"; this program knows qwen2 and llama"));
}

Json gguf_config(const GgufFile& file) {
  const Keys keys(file);
  refuse_unknown_features(file, keys);
  const GgufTensor& embedding_VD = embedding(file);
  Json config = {{"architectures", {"Qwen2ForCausalLM"}},
                 {"model_type", "qwen2"},
                 {"hidden_size", keys.integer("embedding_length")},
                 {"num_hidden_layers", keys.integer("block_count")},
                 {"num_attention_heads", keys.integer("attention.head_count")},
                 {"intermediate_size", keys.integer("feed_forward_length")},
                 {"hidden_act", "silu"},
                 {"max_position_embeddings", keys.integer("context_length")},
                 {"rms_norm_eps", keys.number("attention.layer_norm_rms_epsilon")},
                 {"rope_theta", keys.number_or("rope.freq_base", 10000.0)},
                 {"use_sliding_window", false},
                 {"tie_word_embeddings", !file.tensors().contains(std::string_view("output.weight"))},
                 {"torch_dtype", dtype_of(embedding_VD.type)},
                 {"vocab_size", embedding_VD.shape[0]}};
  config["num_key_value_heads"] =
      keys.integer_or("attention.head_count_kv", config["num_attention_heads"].get<int64_t>());
  add_head_dim(keys, config);
  if (const Json scaling = rope_scaling(keys); scaling.is_object()) config["rope_scaling"] = scaling;
  if (file.has("tokenizer.ggml.bos_token_id")) config["bos_token_id"] = file.integer("tokenizer.ggml.bos_token_id");
  if (const auto eos = gguf_eos_ids(file); !eos.empty()) config["eos_token_id"] = eos;
  return config;
}

}  // namespace r1v
