// r1v preprocess: a picture to tiles and pixels, by itself; one picture or many lines.
#include <iostream>

#include "apps/commands.h"
#include "apps/open_model.h"
#include "base/error.h"
#include "base/json.h"
#include "io/jsonl.h"
#include "io/picture.h"
#include "io/safetensors.h"
#include "media/model_tiling.h"
#include "media/patches.h"
#include "media/pixels.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

struct PreprocessOptions {
  fs::path model = default_model();
  fs::path picture;
  int64_t max_tiles = 0;
  fs::path out;
  bool json = false;
  bool json_lines = false;
  void fields(auto& field) {
    field("@picture", picture, "PNG, JPEG, WebP or GIF file");
    field("model", model, "folder with the config.json that says how pictures are cut");
    field("max-tiles", max_tiles, "most tiles a picture is cut into, thumbnail aside; 0 means as the checkpoint says");
    field("out", out,
          "safetensors file to write: pixel_values float32 [N,3,edge,edge] (Qwen2.5-VL: [patches, numbers]), picture "
          "uint8 [H,W,3]");
    field("json", json, "one JSON document on stdout instead of a line to read");
    field("json-lines", json_lines, "many inputs on stdin, {\"path\", \"out\"?} or {\"width\", \"height\"} a line");
  }
};

/// How the checkpoint wants its pictures: in tiles, or in patches of a size that follows the picture's.
struct Cutting {
  ModelTiling tiling;
  std::optional<PatchLimits> patches;
};

Cutting read_cutting(const PreprocessOptions& options) {
  const fs::path config = options.model / "config.json";
  if (json_string_or(read_json_file(config), "model_type", "", config.string()) == "qwen2_5_vl") {
    if (options.max_tiles != 0)
      throw InputError("--max-tiles: this model cuts no tiles; its preprocessor_config.json limits pixels");
    return {.patches = read_patch_limits(options.model)};
  }
  Cutting cutting{.tiling = read_model_tiling(options.model)};
  limit_tiles(cutting.tiling.limits, options.max_tiles);
  return cutting;
}

Json summary(int64_t width, int64_t height, const PatchLimits& limits) {
  const PictureSize size = smart_resize(height, width, limits);
  const PictureGrid grid = patch_grid(height, width, limits);
  return {{"width", width},
          {"height", height},
          {"resized", {size.width, size.height}},
          {"grid_thw", {grid.frames, grid.rows, grid.columns}},
          {"tokens", patch_tokens(grid, limits)},
          {"shape", {grid.patches(), limits.row_width()}}};
}

Json summary(int64_t width, int64_t height, const ModelTiling& tiling) {
  const TileGrid grid = choose_grid(width, height, tiling.limits);
  const int64_t tiles = grid.tiles(tiling.limits);
  const int64_t edge = tiling.limits.edge;
  return {{"width", width},
          {"height", height},
          {"grid", {grid.columns, grid.rows}},
          {"tiles", tiles},
          {"tokens", tiles * tiling.tokens_per_tile},
          {"shape", {tiles, 3, edge, edge}}};
}

Json summary(int64_t width, int64_t height, const Cutting& cutting) {
  return cutting.patches ? summary(width, height, *cutting.patches) : summary(width, height, cutting.tiling);
}

Json preprocess(const fs::path& path, const fs::path& out, const Cutting& cutting) {
  const Picture picture = read_picture(path);
  if (!out.empty()) {
    const at::Tensor picture_HWC =
        at::from_blob(const_cast<uint8_t*>(picture.rgb.data()), {picture.height, picture.width, 3}, at::kByte);
    const at::Tensor pixels = cutting.patches ? picture_patches_NF(picture, *cutting.patches)
                                              : picture_pixels_NCHW(picture, cutting.tiling.limits);
    write_safetensors(out, {{"pixel_values", pixels}, {"picture", picture_HWC}});
  }
  return summary(picture.width, picture.height, cutting);
}

Json answer_line(const Json& request, const Cutting& cutting) {
  const std::string where = "request";
  if (request.is_object() && request.contains("path")) {
    return preprocess(json_string(request, "path", where), json_string_or(request, "out", "", where), cutting);
  }
  if (request.is_object() && request.contains("width")) {
    return summary(json_int(request, "width", where), json_int(request, "height", where), cutting);
  }
  throw InputError("request: expected {\"path\": ...} or {\"width\": ..., \"height\": ...}");
}

void check(const PreprocessOptions& options) {
  if (options.json_lines && (!options.picture.empty() || !options.out.empty())) {
    throw InputError(
        "--json-lines reads paths from stdin; leave PICTURE and --out away and give \"path\" and \"out\" there");
  }
  if (!options.json_lines && options.picture.empty()) {
    throw InputError("no picture given; `r1v preprocess PICTURE` takes one, `r1v preprocess --json-lines` many");
  }
}

}  // namespace

int run_preprocess(Args args) {
  const auto options =
      parse_options<PreprocessOptions>("preprocess", "a picture to tiles or patches, and to pixels", args);
  check(options);
  const Cutting cutting = read_cutting(options);
  if (options.json_lines) {
    return answer_json_lines(std::cin, std::cout, [&](const Json& request) { return answer_line(request, cutting); });
  }
  const Json result = preprocess(options.picture, options.out, cutting);
  if (options.json) {
    std::cout << dump_json(result) << "\n";
  } else if (cutting.patches) {
    std::cout << result["width"] << " x " << result["height"] << " pixels: resized to " << result["resized"][0] << " x "
              << result["resized"][1] << ", " << result["shape"][0] << " patches, " << result["tokens"] << " tokens\n";
  } else {
    std::cout << result["width"] << " x " << result["height"] << " pixels: " << result["grid"][0] << " x "
              << result["grid"][1] << " grid, " << result["tiles"] << " tiles of " << cutting.tiling.limits.edge
              << " x " << cutting.tiling.limits.edge << ", " << result["tokens"] << " tokens\n";
  }
  return 0;
}

}  // namespace r1v
