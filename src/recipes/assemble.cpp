// Parts are checked by their configs first, then by every tensor; nothing is loaded that is only copied.
#include "recipes/assemble.h"

#include <ATen/core/grad_mode.h>

#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "io/sharded_writer.h"
#include "models/names.h"
#include "models/open_checkpoint.h"
#include "models/quantization_config.h"
#include "models/registry.h"
#include "prompt/render.h"
#include "recipes/picture_tokens.h"
#include "recipes/work_folder.h"
#include "tensor/dtype.h"
#include "train/freeze.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

/// A folder that parts are taken from.
struct Donor {
  explicit Donor(const fs::path& path)
      : folder(path),
        network(read_model_config(path)),
        tensors(open_checkpoint(path)),
        match(match_checkpoint(network, *tensors)) {}

  fs::path folder;
  R1vModel network;
  std::unique_ptr<TensorSource> tensors;
  CheckpointMatch match;
};

void check_options(const AssembleOptions& options) {
  if (options.vision.empty() || options.language.empty() || options.out.empty()) {
    throw InputError("assemble: --vision, --language and --out are needed (--projector is --vision's when left out)");
  }
  if (fs::exists(options.out)) {
    throw InputError(cat(options.out.string(), ": is there already; choose another --out or remove it"));
  }
  if (options.dtype != "as-stored") parse_dtype(options.dtype);
}

/// The joint config of --vision with --language's numbers in the language model's place.
Json joint_config(const Donor& vision, const Donor& language, const std::string& dtype) {
  Json joint = vision.network.config().raw;
  Json numbers = language.network.config().raw;
  if (numbers.contains("llm_config")) numbers = Json(numbers["llm_config"]);
  if (numbers.contains("text_config")) numbers = Json(numbers["text_config"]);
  for (Json* config : {&joint, &numbers}) erase_quantization_config(*config);
  // A key left out means untied; beside another model's keys it must be said.
  numbers["tie_word_embeddings"] = language.network.config().language.tie_word_embeddings;
  if (vision.network.config().vision) {
    numbers["architectures"] = Json::array({"Qwen2ForCausalLM"});
    joint["llm_config"] = numbers;
  } else {
    for (const char* key : {"vision_config", "image_token_id", "vision_start_token_id", "video_token_id"})
      numbers.erase(key);
    for (const auto& [key, value] : numbers.items()) {
      if (key != "architectures" && key != "model_type" && key != "rope_scaling") {
        (joint.contains("text_config") ? joint["text_config"] : joint)[key] = value;
      }
    }
  }
  if (dtype != "as-stored") joint["torch_dtype"] = dtype;
  return joint;
}

std::string part_of_assembly(const std::string& parameter) { return part_name(part_of(parameter)); }

/// Positions of three axes are set by --vision; what --language would add to plain ones cannot be kept.
void check_positions(const Donor& vision, const Donor& language) {
  const LanguageConfig& l = language.network.config().language;
  if (vision.network.config().vision && !l.mrope_section.empty()) {
    throw InputError(cat(language.folder.string(), ": its positions have three axes (M-RoPE), which the tower of ",
                         vision.folder.string(), " does not give; take a plain Qwen2"));
  }
  if (vision.network.config().qwen_vision && l.yarn) {
    throw InputError(cat(language.folder.string(), ": its positions are stretched (YaRN), which does not go with the ",
                         "M-RoPE of ", vision.folder.string(), "; take a language model without rope_scaling"));
  }
}

void check_widths(const Donor& vision, const Donor& projector, const Donor& language) {
  const ModelConfig &v = vision.network.config(), &p = projector.network.config(), &l = language.network.config();
  if (!v.has_vision()) throw InputError(cat(vision.folder.string(), ": --vision has no vision tower"));
  if (!p.has_vision()) throw InputError(cat(projector.folder.string(), ": --projector has no projector"));
  if (v.vision.has_value() != p.vision.has_value()) {
    throw InputError(
        cat("--vision is ", v.architecture, " but --projector is ", p.architecture, "; both must be of one family"));
  }
  const int64_t tower = v.vision ? v.vision->hidden_size : v.qwen_vision->hidden_size;
  const int64_t expected = p.vision ? p.vision->hidden_size : p.qwen_vision->hidden_size;
  if (tower != expected) {
    throw InputError(cat("the tower of ", vision.folder.string(), " is ", tower, " wide, the projector of ",
                         projector.folder.string(), " expects ", expected));
  }
  if (p.language.hidden_size != l.language.hidden_size) {
    throw InputError(cat("the projector of ", projector.folder.string(), " makes rows of ", p.language.hidden_size,
                         ", the language model of ", language.folder.string(), " is ", l.language.hidden_size,
                         " wide; take a projector that was trained for this width"));
  }
  if (v.qwen_vision && l.language.mrope_section.empty() && v.language.head_dim != l.language.head_dim) {
    throw InputError(cat("M-RoPE of ", vision.folder.string(), " needs heads of ", v.language.head_dim,
                         ", the language model has ", l.language.head_dim));
  }
}

const Donor& donor_of(const std::string& parameter, const Donor& vision, const Donor& projector,
                      const Donor& language) {
  switch (part_of(parameter)) {
    case NetworkPart::vision:
      return vision;
    case NetworkPart::projector:
      return projector;
    case NetworkPart::language:
    case NetworkPart::value_head:
      return language;
  }
  R1V_CHECK(false, "unknown part");
}

/// The name that a donor's own network gives to a parameter of the assembled one.
std::string name_in(const Donor& donor, const std::string& parameter) {
  if (donor.match.stored_name.contains(parameter)) return parameter;
  const std::string prefix = "language_model.";
  const std::string other = parameter.starts_with(prefix) ? parameter.substr(prefix.size()) : prefix + parameter;
  if (donor.match.stored_name.contains(other)) return other;
  throw InputError(cat(donor.folder.string(), ": has no fitting tensor ", parameter, "; ", donor.match.faults()));
}

std::map<std::string, int64_t> write_weights(R1vModel& network, const Donor& vision, const Donor& projector,
                                             const Donor& language, const AssembleOptions& options,
                                             const WorkFolder& work) {
  std::map<std::string, int64_t> parameters;
  ShardedWriter writer(work.path());
  network.walk([&](const std::string& name, at::Tensor& slot) {
    work.check();
    const Donor& donor = donor_of(name, vision, projector, language);
    const at::Tensor stored = donor.tensors->tensor(donor.match.stored_name.at(name_in(donor, name)));
    if (stored.sizes() != slot.sizes()) {
      throw InputError(cat(donor.folder.string(), ": tensor ", name, " does not fit the other parts"));
    }
    writer.add(name, options.dtype == "as-stored" ? stored : stored.to(parse_dtype(options.dtype)));
    parameters[part_of_assembly(name)] += slot.numel();
  });
  writer.finish();
  return parameters;
}

/// One question about a grey picture: proof that tokens, tiles and widths belong together.
double check_forward(const fs::path& folder) {
  const at::NoGradGuard no_gradients;
  const Renderer renderer(folder);
  const auto model = load_model(folder, {.dtype = compute_dtype("auto")});
  Conversation conversation;
  Message question{.role = "user"};
  question.parts = {{.kind = Part::Kind::picture, .picture_index = 0}, {.text = "What is it?"}};
  conversation.messages.push_back(question);
  conversation.pictures.push_back({.width = 56, .height = 56, .rgb = std::vector<uint8_t>(56 * 56 * 3, 128)});
  conversation.picture_names.push_back("grey");
  const Prompt prompt = renderer.render(conversation);
  const std::vector<PictureGrid> grids = grids_of(prompt.images);
  const at::Tensor ids_T = at::tensor(prompt.input_ids, at::kLong);
  const at::Tensor rows_ND = model->encode_pictures(prompt.pixels.to(model->input_options()), grids);
  const at::Tensor hidden_TD = model->hidden(model->embed(ids_T, rows_ND, renderer.image_token_id()),
                                             model->packed(ids_T, {ids_T.size(0)}, grids));
  const at::Tensor logp_TV = at::log_softmax(model->logits(hidden_TD).to(at::kFloat), -1);
  const int64_t pairs = ids_T.size(0) - 1;
  const double nats =
      -logp_TV.narrow(0, 0, pairs).gather(1, ids_T.narrow(0, 1, pairs).unsqueeze(1)).mean().item<double>();
  if (!std::isfinite(nats)) {
    throw InputError(
        "the assembled model gives no finite numbers; look for NaN in its parts with `r1v inspect --check`");
  }
  return nats;
}

}  // namespace

AssembleReport assemble(const AssembleOptions& options, const StopAsked& stop) {
  check_options(options);
  const Donor vision(options.vision), language(options.language);
  const Donor projector(options.projector.empty() ? options.vision : options.projector);
  check_widths(vision, projector, language);
  check_positions(vision, language);
  const WorkFolder work(options.out, stop);
  AssembleReport report;
  write_file_atomic(work.path() / "config.json",
                    dump_json_pretty(joint_config(vision, language, options.dtype)) + "\n");
  copy_small_files(options.language, work.path());
  const fs::path preprocessor = options.vision / "preprocessor_config.json";
  if (fs::exists(preprocessor)) write_file_atomic(work.path() / "preprocessor_config.json", read_file(preprocessor));
  report.added_tokens =
      add_picture_tokens(work.path(), vision.network.config(), language.network.config().language.vocab_size);
  R1vModel network(read_model_config(work.path()));
  report.parameters = write_weights(network, vision, projector, language, options, work);
  if (!options.no_check) report.check_nats = check_forward(work.path());
  work.publish();
  return report;
}

}  // namespace r1v
