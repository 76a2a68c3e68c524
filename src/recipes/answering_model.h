// A checkpoint opened to answer many questions, packed where the processor and its shapes allow.
#pragma once

#include <filesystem>
#include <memory>

#include "engine/engine.h"
#include "models/r1v.h"
#include "prompt/render.h"

namespace r1v {

struct AnsweringModel {
  /// dtype  as --dtype. throws InputError: a broken folder.
  AnsweringModel(const std::filesystem::path& folder, const std::string& dtype);

  std::unique_ptr<Renderer> renderer;
  std::unique_ptr<R1vModel> model;
  EngineOptions engine;
};

}  // namespace r1v
