// Opens a checkpoint folder for the commands that ask a model: network, renderer, sampling defaults.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "apps/default_model.h"
#include "apps/engine_flags.h"
#include "engine/reward_model.h"
#include "models/config.h"
#include "models/r1v.h"
#include "prompt/render.h"

namespace r1v {

struct ModelOptions {
  std::filesystem::path model = default_model();
  std::string device = "cpu";
  std::string dtype = "auto";
  std::string weights = "auto";
  int64_t threads = 0;
  int64_t max_tiles = 0;
  void fields(auto& field) {
    field("model", model, "checkpoint folder (config.json, *.safetensors, tokenizer), or a *.gguf file");
    field("device", device, "cpu or cuda[:N]");
    field("dtype", dtype, "auto, float32, bfloat16 or float16; auto follows the processor");
    field("weights", weights,
          "matrices on the CPU: auto (as stored, else --dtype), int8 or int4 (plain ones are quantised), or off (no "
          "packing: the plain network, slower)");
    field("threads", threads, "processor threads; 0 means as many as there are");
    field("max-tiles", max_tiles, "most tiles a picture is cut into; 0 means as the checkpoint says");
  }
};

struct OpenModel {
  std::unique_ptr<R1vModel> model;
  std::unique_ptr<Renderer> renderer;
  GenerationConfig generation;
  double load_s = 0.0;
  std::unique_ptr<R1vModel> draft;  // of --draft-model
  EngineOptions engine;             // for the Engine over them
};

/// --max-tiles over what the checkpoint says; 0 leaves that as it is. throws InputError below 0, and where a model cuts
/// no tiles.
void limit_tiles(TileLimits& tiles, int64_t max_tiles);
void limit_tiles(Renderer& renderer, int64_t max_tiles);

/// throws InputError, naming the option that named it: neither a folder nor a GGUF file.
void expect_model(const std::filesystem::path& model, const char* option);

/// Says on stderr what was opened and how it computes.
/// throws InputError: no such folder or device, a broken checkpoint, a value out of range.
OpenModel open_model(const ModelOptions& options, const EngineFlags& flags = {});

/// The same for a reward model, named with `option`. throws InputError also where value_head.safetensors is missing.
std::unique_ptr<RewardModel> open_reward_model(const ModelOptions& options, const char* option = "--reward-model");

}  // namespace r1v
