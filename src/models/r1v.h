// The networks of the family, pictures to logits: a vision tower, a bridge and a Qwen2 language model; one code for
// training and serving.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "models/config.h"
#include "models/internvit.h"
#include "models/mrope.h"
#include "models/projector.h"
#include "models/qwen2.h"
#include "models/qwen2_5_vision.h"

namespace r1v {

class PackedLanguage;  // models/packed_language.h
class PackedWeight;    // kernels/packed_weight.h
class WeightReader;    // models/weight_reader.h
struct PackFormats;

/// SkyworkR1VChatModel / InternVLChatModel (InternViT, pixel shuffle, mlp1), Qwen2_5_VLForConditionalGeneration
/// (windowed tower with its merger, M-RoPE), or a plain Qwen2ForCausalLM. D = language width, V = vocabulary rows.
///
/// Pixels of several pictures stand one after the other: InternVL [tiles, 3, H, W], Qwen2.5-VL [patches, F].
class R1vModel final : public Module {
 public:
  explicit R1vModel(const ModelConfig& config);
  ~R1vModel() override;

  const ModelConfig& config() const { return config_; }
  bool has_vision() const { return config_.has_vision(); }

  /// Tower output, before the bridge: InternVL [tiles, patches, W] without the class token, Qwen2.5-VL [patches, W].
  at::Tensor vision_features(const at::Tensor& pixels, std::span<const PictureGrid> grids) const;
  /// Tower and bridge: [N, D], pictures in order; picture_tokens rows for each.
  at::Tensor encode_pictures(const at::Tensor& pixels, std::span<const PictureGrid> grids) const;
  /// Language-model tokens that a picture becomes, and rows of its pixels.
  int64_t picture_tokens(const PictureGrid& grid) const;
  int64_t pixel_rows(const PictureGrid& grid) const;

  /// Where the tokens of one sequence stand; `grids` are its pictures in order.
  /// throws InputError when ids and grids do not fit (M-RoPE only: else positions just count).
  Positions positions(std::span<const int64_t> ids, std::span<const PictureGrid> grids) const;
  /// Plan for sequences packed one after the other, each a document of its own.
  TokenPlan packed(const at::Tensor& input_ids_T, const std::vector<int64_t>& lengths,
                   std::span<const PictureGrid> grids) const;

  /// Embeddings of the ids; rows of image_ND replace, in order, the positions whose id is `image_token_id`.
  /// throws InputError when their numbers differ.
  at::Tensor embed(const at::Tensor& input_ids_T, const at::Tensor& image_ND, int64_t image_token_id) const;
  /// Language model up to and including the final norm: [T, D].
  at::Tensor hidden(const at::Tensor& embeds_TD, const TokenPlan& plan) const;
  /// [T, V]; the weight of the head (tied or not) for losses that never hold all logits.
  at::Tensor logits(const at::Tensor& hidden_TD) const;
  const at::Tensor& head_weight_VD() const;

  /// Makes this network one for inference on the CPU: matrices packed, everything else float32. Then it has no plain
  /// weights (head_weight_VD and parameters are empty shapes), `hidden` wants a paged store or none, and what it
  /// computes never depends on company. Called instead of filling the parameters.
  void pack(const WeightReader& reader, const PackFormats& formats);
  const PackedLanguage* packed_language() const { return packed_.get(); }
  /// Reads again, into the same memory, every parameter that `changed`; packed in floats.
  void refresh_packed(const WeightReader& reader, const std::function<bool(const std::string& parameter)>& changed);
  /// For a plain float32 network that learns: forward now multiplies with the panels of `packed`, a network of the same
  /// numbers, so that both give the same bits; backward stays as it was. The panels are shared, not copied, and must
  /// follow the weights (refresh_packed). unfollow goes back.
  void follow(R1vModel& packed);
  void unfollow();
  /// The head's panels while following; null otherwise.
  const PackedWeight* followed_head() const { return followed_head_.get(); }
  /// Where and in what dtype pictures and embeddings go in.
  at::TensorOptions input_options() const;

  InternVit* vision() { return vision_.get(); }
  Projector* projector() { return projector_.get(); }
  Qwen2& language() { return *language_; }

 private:
  ModelConfig config_;
  std::unique_ptr<InternVit> vision_;          // InternVL family
  std::unique_ptr<Projector> projector_;       // InternVL family
  std::unique_ptr<Qwen25Vision> qwen_vision_;  // Qwen2.5-VL
  std::unique_ptr<Qwen2> language_;
  std::unique_ptr<PackedLanguage> packed_;
  std::unique_ptr<const PackedWeight> followed_head_;
};

}  // namespace r1v
