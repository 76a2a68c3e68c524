// Every answer is a span whose past are its prompt's rows; an answer's last token predicts nothing and is left out.
#include "recipes/answer_groups.h"

#include "base/error.h"

namespace r1v {
namespace {

/// T rows of all groups: a prompt, then its answers without their last tokens.
struct GroupLayout {
  std::vector<int64_t> ids_T;
  std::vector<at::Tensor> positions;
  std::vector<TokenSpan> spans;
  std::vector<int64_t> held_S;        // TokenPlan::held_S
  std::vector<int64_t> predicting_R;  // the row before each answer token
};

void append_range(std::vector<int64_t>& list, int64_t first, int64_t count) {
  for (int64_t i = 0; i < count; ++i) list.push_back(first + i);
}

void lay_out(const AnswerGroup& group, const R1vModel& model, GroupLayout& layout) {
  const std::vector<int64_t>& prompt = group.prompt->input_ids;
  const auto length = static_cast<int64_t>(prompt.size()), begin = static_cast<int64_t>(layout.ids_T.size());
  const Positions positions = model.positions(prompt, grids_of(group.prompt->images));
  layout.ids_T.insert(layout.ids_T.end(), prompt.begin(), prompt.end());
  layout.positions.push_back(positions.values);
  layout.spans.push_back({.past = 0, .count = length});
  append_range(layout.held_S, begin, length);
  for (const auto& answer : group.answers) {
    R1V_CHECK(!answer.empty(), "an answer without tokens");
    const auto own = static_cast<int64_t>(answer.size()) - 1, first = static_cast<int64_t>(layout.ids_T.size());
    layout.predicting_R.push_back(begin + length - 1);
    append_range(layout.predicting_R, first, own);
    if (own == 0) continue;
    layout.ids_T.insert(layout.ids_T.end(), answer.begin(), answer.end() - 1);
    layout.positions.push_back(at::arange(positions.next, positions.next + own, at::kLong));
    layout.spans.push_back({.past = length, .count = own});
    append_range(layout.held_S, begin, length);
    append_range(layout.held_S, first, own);
  }
}

/// One stream, or three where any prompt has a picture under M-RoPE.
at::Tensor joined(std::vector<at::Tensor> positions) {
  bool has_streams = false;
  for (const at::Tensor& part : positions) has_streams = has_streams || part.dim() == 2;
  for (at::Tensor& part : positions) {
    if (has_streams && part.dim() == 1) part = part.expand({3, part.size(0)});
  }
  return at::cat(positions, -1);
}

at::Tensor picture_rows(std::span<const AnswerGroup> groups, const R1vModel& model, at::ScalarType dtype) {
  std::vector<at::Tensor> pixels;
  std::vector<PictureGrid> grids;
  for (const AnswerGroup& group : groups) {
    if (group.prompt->pixels.defined()) pixels.push_back(group.prompt->pixels);
    for (const PromptImage& image : group.prompt->images) grids.push_back(image.grid);
  }
  return pixels.empty() ? at::Tensor() : model.encode_pictures(at::cat(pixels).to(dtype), grids);
}

}  // namespace

int64_t AnswerGroup::answer_tokens() const {
  int64_t tokens = 0;
  for (const auto& answer : answers) tokens += static_cast<int64_t>(answer.size());
  return tokens;
}

at::Tensor answer_ids(std::span<const AnswerGroup> groups) {
  std::vector<int64_t> ids;
  for (const AnswerGroup& group : groups) {
    for (const auto& answer : group.answers) ids.insert(ids.end(), answer.begin(), answer.end());
  }
  return at::tensor(ids, at::kLong);
}

at::Tensor GroupNetwork::hidden(std::span<const AnswerGroup> groups) const {
  GroupLayout layout;
  for (const AnswerGroup& group : groups) lay_out(group, model, layout);
  TokenPlan plan{.positions = joined(std::move(layout.positions)),
                 .held_S = at::tensor(layout.held_S, at::kLong),
                 .spans = std::move(layout.spans),
                 .recompute = recompute};
  const at::Tensor image_ND = picture_rows(groups, model, dtype);
  const at::Tensor embeds_TD = model.embed(at::tensor(layout.ids_T, at::kLong), image_ND, image_token_id);
  return model.hidden(embeds_TD, plan).index_select(0, at::tensor(layout.predicting_R, at::kLong));
}

}  // namespace r1v
