// r1v trace: one forward pass with its intermediate tensors written to a file, for comparing with other programs.
#include <ATen/core/grad_mode.h>

#include <iostream>

#include "apps/commands.h"
#include "apps/open_model.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "engine/growing_kv.h"
#include "io/safetensors.h"
#include "models/registry.h"
#include "models/value_head.h"
#include "prompt/render.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace r1v {
namespace {

struct TraceOptions {
  std::filesystem::path model = default_model();
  std::filesystem::path request;
  std::filesystem::path out = "trace.safetensors";
  std::string dtype = "float32";
  int64_t max_tiles = 0;
  bool gradients = false;
  bool json = false;
  void fields(auto& field) {
    field("model", model, "folder with config.json and *.safetensors, or a *.gguf file");
    field("request", request,
          "JSON: messages, or input_ids with images, or pixel_values alone; labels, greedy_tokens, layers");
    field("out", out, "safetensors file to write");
    field("dtype", dtype, "weights and arithmetic: auto, float32, bfloat16 or float16; tensors are written as float32");
    field("max-tiles", max_tiles, "most tiles a picture is cut into; 0 means as the checkpoint says");
    field("gradients", gradients, "also the norm of every parameter's gradient; the request must have labels");
    field("json", json, "names and shapes of what was written as one JSON document");
  }
};

/// What a request asks for, pictures already cut into tiles.
struct Request {
  std::vector<int64_t> input_ids;  // empty: the tower alone
  at::Tensor pixels;               // undefined without pictures
  std::vector<PictureGrid> grids;
  at::Tensor labels_T;  // undefined without labels
  int64_t image_token_id = -1;
  int64_t greedy_tokens = 0;
  bool layers = false;
};

using Named = std::vector<std::pair<std::string, at::Tensor>>;

std::vector<int64_t> integers(const Json& request, const std::string& key, const std::string& where) {
  const Json& list = json_at(request, key, where);
  if (!list.is_array())
    throw InputError(cat(where, ": key \"", key, "\" is ", list.type_name(), ", expected a list of integers"));
  std::vector<int64_t> values;
  for (const Json& value : list) {
    if (!value.is_number_integer())
      throw InputError(cat(where, ": key \"", key, "\" holds ", printable(dump_json(value)), ", expected integers"));
    values.push_back(value.get<int64_t>());
  }
  return values;
}

at::Tensor read_pixels(const std::filesystem::path& path) {
  const at::Tensor pixels = SafetensorsFile(path).tensor("pixel_values");
  if ((pixels.dim() == 4 || pixels.dim() == 2) && pixels.is_floating_point()) return pixels;
  throw InputError(cat(path.string(), ": pixel_values is ", shape_text(pixels.sizes()), " ",
                       dtype_name(pixels.scalar_type()),
                       ", expected [tiles, 3, height, width] or [patches, numbers] of floating point"));
}

/// "image_grid_thw": [[frames, rows, columns], ...], which patches need beside them.
std::vector<PictureGrid> read_grids(const Json& json, const std::string& where) {
  std::vector<PictureGrid> grids;
  for (const Json& grid : json.contains("image_grid_thw") ? json.at("image_grid_thw") : Json::array()) {
    const std::vector<int64_t> thw = integers({{"image_grid_thw", grid}}, "image_grid_thw", where);
    if (thw.size() != 3 || std::ranges::min(thw) < 1 || std::ranges::max(thw) > 1 << 16) {
      throw InputError(
          cat(where, ": \"image_grid_thw\" holds ", printable(dump_json(grid)), ", expected [frames, rows, columns]"));
    }
    grids.push_back({.frames = thw[0], .rows = thw[1], .columns = thw[2]});
  }
  return grids;
}

void cut_pictures(const Json& paths, const Renderer& renderer, const std::string& where, Request& request) {
  if (renderer.image_token_id() < 0) throw InputError(cat(where, ": \"images\", but this model takes no pictures"));
  std::vector<at::Tensor> pixels;
  for (const Json& path : paths) {
    if (!path.is_string())
      throw InputError(cat(where, ": key \"images\" holds ", path.type_name(), ", expected paths"));
    const Picture picture = read_picture(path.get<std::string>());
    pixels.push_back(renderer.picture_pixels(picture));
    request.grids.push_back(renderer.measure_picture(picture.width, picture.height).grid);
  }
  request.pixels = at::cat(pixels);
}

Renderer open_renderer(const TraceOptions& options) {
  Renderer renderer(options.model);
  limit_tiles(renderer, options.max_tiles);
  return renderer;
}

/// Fills ids and pixels from whichever of the three forms the request has.
void read_inputs(const Json& json, const TraceOptions& options, const std::string& where, Request& request) {
  if (json.contains("messages")) {
    const Renderer renderer = open_renderer(options);
    const Prompt prompt = renderer.render(parse_conversation(json, {}, where));
    request.input_ids = prompt.input_ids;
    request.pixels = prompt.pixels;
    request.grids = grids_of(prompt.images);
    request.image_token_id = renderer.image_token_id();
    return;
  }
  if (json.contains("input_ids")) {
    request.input_ids = integers(json, "input_ids", where);
    if (request.input_ids.empty())
      throw InputError(cat(where, ": key \"input_ids\" is empty, expected at least one token"));
  }
  if (json.contains("pixel_values")) {
    request.pixels = read_pixels(json_string(json, "pixel_values", where));
    request.grids = read_grids(json, where);
  }
  const bool has_images = json.contains("images") && !json.at("images").empty();
  if (has_images) cut_pictures(json.at("images"), open_renderer(options), where, request);
  if (request.input_ids.empty() && !request.pixels.defined()) {
    throw InputError(cat(where, ": found none of the keys messages, input_ids, pixel_values; expected one of them"));
  }
  if (request.input_ids.empty() || !request.pixels.defined()) return;
  request.image_token_id = json.contains("image_token_id") ? json_int(json, "image_token_id", where)
                                                           : open_renderer(options).image_token_id();
}

Request read_request(const TraceOptions& options) {
  const std::string where = options.request.string();
  const Json json = read_json_file(options.request);
  Request request;
  read_inputs(json, options, where, request);
  request.greedy_tokens = json_int_or(json, "greedy_tokens", 0, where);
  request.layers = json_bool_or(json, "layers", false, where);
  if (request.greedy_tokens < 0)
    throw InputError(cat(where, ": greedy_tokens is ", request.greedy_tokens, ", expected 0 or more"));
  if (!json.contains("labels") || json.at("labels").is_null()) return request;
  const std::vector<int64_t> labels = integers(json, "labels", where);
  if (labels.size() != request.input_ids.size()) {
    throw InputError(
        cat(where, ": ", labels.size(), " labels for ", request.input_ids.size(), " tokens; expected one a token"));
  }
  request.labels_T = at::tensor(labels);
  return request;
}

/// Mean cross entropy of label t + 1 given tokens up to t, over labels that are not -100.
at::Tensor next_token_loss(const at::Tensor& logits_TV, const at::Tensor& labels_T) {
  const int64_t pairs = labels_T.size(0) - 1;
  const at::Tensor targets = labels_T.narrow(0, 1, pairs);
  const at::Tensor scored = (targets != -100).nonzero().squeeze(1);
  if (scored.numel() == 0)
    throw InputError("labels: all are -100 after the first token, so there is no loss; score at least one");
  const at::Tensor wanted = targets.index_select(0, scored);
  if (wanted.min().item<int64_t>() < 0 || wanted.max().item<int64_t>() >= logits_TV.size(1)) {
    throw InputError(cat("labels: expected -100 or token ids below ", logits_TV.size(1)));
  }
  const at::Tensor logp = at::log_softmax(logits_TV.narrow(0, 0, pairs).index_select(0, scored).to(at::kFloat), -1);
  return -logp.gather(1, wanted.unsqueeze(1)).mean();
}

/// log p(token t + 1 | tokens up to t), [T - 1].
at::Tensor next_token_logprobs(const at::Tensor& logits_TV, const at::Tensor& ids_T) {
  const int64_t pairs = ids_T.size(0) - 1;
  const at::Tensor logp = at::log_softmax(logits_TV.narrow(0, 0, pairs).to(at::kFloat), -1);
  return logp.gather(1, ids_T.narrow(0, 1, pairs).unsqueeze(1)).squeeze(1);
}

/// Runs tower and bridge, recording each stage; [N, D].
at::Tensor trace_vision(R1vModel& model, const Request& request, Named& trace) {
  trace.emplace_back("pixel_values", request.pixels);
  trace.emplace_back("vision.features", model.vision_features(request.pixels, request.grids));
  if (model.projector() == nullptr) {
    at::Tensor grids_I3 = at::empty({static_cast<int64_t>(request.grids.size()), 3}, at::kLong);
    for (size_t i = 0; i < request.grids.size(); ++i) {
      const PictureGrid& grid = request.grids[i];
      grids_I3[static_cast<int64_t>(i)].copy_(at::tensor({grid.frames, grid.rows, grid.columns}));
    }
    trace.emplace_back("image_grid_thw", grids_I3);
    trace.emplace_back("projector.output", model.encode_pictures(request.pixels, request.grids));
    return trace.back().second;
  }
  trace.emplace_back("vision.shuffled", model.projector()->shuffle(trace.back().second));
  trace.emplace_back("projector.output", model.projector()->forward(trace.back().second));
  return trace.back().second.flatten(0, 1);
}

TokenPlan plan_of(const at::Tensor& positions, int64_t past, KvStore* store) {
  return {.positions = positions, .spans = {{.past = past, .count = positions.size(-1)}}, .store = store};
}

/// The likeliest token, again and again; ends of sequences are tokens like any other.
at::Tensor generate(const R1vModel& model, const at::Tensor& embeds_TD, const Positions& positions, int64_t count) {
  const at::NoGradGuard no_grad;
  GrowingKv store;
  std::vector<int64_t> ids;
  int64_t past = embeds_TD.size(0), next = positions.next;
  at::Tensor hidden = model.hidden(embeds_TD.detach(), plan_of(positions.values, 0, &store));
  while (true) {
    ids.push_back(model.logits(hidden.narrow(0, hidden.size(0) - 1, 1)).argmax().item<int64_t>());
    if (static_cast<int64_t>(ids.size()) == count) break;
    const at::Tensor position = at::tensor(next++).view({1});
    hidden = model.hidden(model.embed(at::tensor(ids.back()).view({1}), {}, -1), plan_of(position, past++, &store));
  }
  return at::tensor(ids);
}

/// `head` is null unless the checkpoint is a reward model.
void trace_language(R1vModel& model, const ValueHead* head, const Request& request, const at::Tensor& image_ND,
                    Named& trace) {
  const at::Tensor ids_T = at::tensor(request.input_ids);
  const int64_t tokens = ids_T.size(0);
  const at::Tensor embeds_TD = model.embed(ids_T, image_ND, request.image_token_id);
  const Positions positions = model.positions(request.input_ids, request.grids);
  const TokenPlan plan = plan_of(positions.values, 0, nullptr);
  std::vector<at::Tensor> layers;
  const at::Tensor hidden_TD = model.language().model.forward(embeds_TD, plan, request.layers ? &layers : nullptr);
  const at::Tensor logits_TV = model.logits(hidden_TD);
  trace.emplace_back("input_ids", ids_T);
  trace.emplace_back("position_ids", plan.positions);
  trace.emplace_back("inputs_embeds", embeds_TD);
  for (size_t i = 0; i < layers.size(); ++i) trace.emplace_back("layers." + std::to_string(i), layers[i]);
  trace.emplace_back("hidden", hidden_TD);
  trace.emplace_back("logits", logits_TV);
  if (head != nullptr) {  // a trace does not know where the answer begins
    const char* name = head->likelihood_weight() == 0 ? "score" : "value";
    trace.emplace_back(name, head->forward(hidden_TD.narrow(0, tokens - 1, 1)));
  }
  if (tokens > 1) trace.emplace_back("logprobs", next_token_logprobs(logits_TV, ids_T));
  if (request.labels_T.defined()) trace.emplace_back("loss", next_token_loss(logits_TV, request.labels_T));
  if (request.greedy_tokens > 0)
    trace.emplace_back("generated_ids", generate(model, embeds_TD, positions, request.greedy_tokens));
}

void trace_gradients(R1vModel& model, Named& trace) {
  const auto loss = std::ranges::find(trace, std::string("loss"), &Named::value_type::first);
  if (loss == trace.end())
    throw InputError("--gradients needs a loss: give the request \"labels\", one a token, -100 = not scored");
  loss->second.backward();
  for (const auto& [name, parameter] : model.named_parameters()) {
    const at::Tensor& gradient = parameter->grad();
    trace.emplace_back("grad_norm." + name, gradient.defined() ? gradient.to(at::kFloat).norm() : at::zeros({}));
  }
}

Named run(R1vModel& model, const ValueHead* head, const Request& request, bool gradients) {
  c10::AutoGradMode grad_mode(gradients);
  Named trace;
  at::Tensor image_ND;
  if (request.pixels.defined()) {
    if (!model.has_vision()) throw InputError("the request has pictures but the checkpoint is a plain language model");
    image_ND = trace_vision(model, request, trace);
  }
  if (!request.input_ids.empty()) trace_language(model, head, request, image_ND, trace);
  if (gradients) trace_gradients(model, trace);
  for (auto& [name, tensor] : trace) {
    tensor = (tensor.is_floating_point() ? tensor.detach().to(at::kFloat) : tensor).contiguous();
  }
  return trace;
}

}  // namespace

int run_trace(Args args) {
  const auto options = parse_options<TraceOptions>("trace", "one forward pass with its intermediate tensors", args);
  if (options.request.empty()) throw InputError("--request is missing; expected the path of a JSON file");
  const Request request = read_request(options);
  const auto model = load_model(options.model, {.dtype = compute_dtype(options.dtype)});
  if (options.gradients) {
    for (const auto& [name, parameter] : model->named_parameters()) parameter->requires_grad_();
  }
  const std::unique_ptr<ValueHead> head =
      has_value_head(options.model) ? load_value_head(options.model, model->config().language.hidden_size, at::kCPU)
                                    : nullptr;
  const Named trace = run(*model, head.get(), request, options.gradients);
  write_safetensors(options.out, trace);
  Json shapes = Json::object();
  for (const auto& [name, tensor] : trace) shapes[name] = tensor.sizes().vec();
  if (options.json)
    std::cout << dump_json({{"out", options.out.string()}, {"tensors", shapes}}) << "\n";
  else
    log_info(cat(options.out.string(), ": ", trace.size(), " tensors"));
  return 0;
}

}  // namespace r1v
