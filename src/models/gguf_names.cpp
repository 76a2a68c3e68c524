// Two tables: tensors of the whole model and tensors of a layer.
#include "models/gguf_names.h"

#include <array>
#include <string_view>
#include <utility>

namespace r1v {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;  // GGUF, Hugging Face

constexpr std::array<Pair, 3> kModel = {{{"token_embd.weight", "model.embed_tokens.weight"},
                                         {"output_norm.weight", "model.norm.weight"},
                                         {"output.weight", "lm_head.weight"}}};
constexpr std::array<Pair, 9> kLayer = {{{"attn_norm", "input_layernorm"},
                                         {"attn_q", "self_attn.q_proj"},
                                         {"attn_k", "self_attn.k_proj"},
                                         {"attn_v", "self_attn.v_proj"},
                                         {"attn_output", "self_attn.o_proj"},
                                         {"ffn_norm", "post_attention_layernorm"},
                                         {"ffn_gate", "mlp.gate_proj"},
                                         {"ffn_up", "mlp.up_proj"},
                                         {"ffn_down", "mlp.down_proj"}}};
constexpr Pair kLayerPrefix = {"blk.", "model.layers."};

// "<from prefix>3.<from part>.weight" with both parts exchanged; "" when the name is not of that form.
std::string rename(std::string_view name, std::string_view Pair::* from, std::string_view Pair::* to) {
  for (const Pair& pair : kModel) {
    if (name == pair.*from) return std::string(pair.*to);
  }
  if (!name.starts_with(kLayerPrefix.*from)) return "";
  name.remove_prefix((kLayerPrefix.*from).size());
  const size_t number_end = name.find('.');
  const size_t part_end = name.rfind('.');
  if (number_end == std::string_view::npos || part_end <= number_end) return "";
  const std::string_view part = name.substr(number_end + 1, part_end - number_end - 1);
  for (const Pair& pair : kLayer) {
    if (part != pair.*from) continue;
    return std::string(kLayerPrefix.*to)
        .append(name.substr(0, number_end + 1))
        .append(pair.*to)
        .append(name.substr(part_end));
  }
  return "";
}

}  // namespace

std::string hugging_face_name(const std::string& gguf_name) {
  const std::string name = rename(gguf_name, &Pair::first, &Pair::second);
  return name.empty() ? gguf_name : name;
}

std::string gguf_name(const std::string& hugging_face_name) {
  return rename(hugging_face_name, &Pair::second, &Pair::first);
}

}  // namespace r1v
