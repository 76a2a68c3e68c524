// r1v render: a conversation to the prompt that the model sees, by itself; one request or many lines.
#include "prompt/render.h"

#include <algorithm>
#include <iostream>

#include "apps/commands.h"
#include "apps/default_model.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "io/jsonl.h"

namespace r1v {
namespace {

namespace fs = std::filesystem;

struct RenderOptions {
  fs::path model = default_model();
  fs::path template_file;
  fs::path images_root;
  bool no_thinking = false;
  bool json = false;
  bool json_lines = false;
  void fields(auto& field) {
    field("model", model, "folder with tokenizer, chat template and config.json, or a *.gguf file");
    field("template", template_file, "render this Jinja file instead; no model is needed and only the text is printed");
    field("images-root", images_root,
          "folder that picture paths start from and stay in; empty = the working directory");
    field("no-thinking", no_thinking, "drop the <think> that the template opens");
    field("json", json, "one JSON document on stdout instead of the text alone");
    field("json-lines", json_lines, "many requests on stdin, one a line");
  }
};

// The request's own variables, as a template sees them in transformers; no model, no pictures.
Json render_template(const ChatTemplate& chat_template, const Json& request) {
  Json variables = {{"messages", json_at(request, "messages", "request")},
                    {"add_generation_prompt", json_bool_or(request, "add_generation_prompt", true, "request")},
                    {"tools", request.contains("tools") ? request.at("tools") : Json()}};
  for (const char* token : {"bos_token", "eos_token"}) {
    if (request.contains(token)) variables[token] = request.at(token);
  }
  if (request.contains("template_kwargs") && !request.at("template_kwargs").is_null()) {
    const Json& more = request.at("template_kwargs");
    if (!more.is_object())
      throw InputError(cat("request: \"template_kwargs\" is ", more.type_name(), ", expected an object"));
    variables.update(more);
  }
  return {{"text", chat_template.render(variables)}};
}

Json render_request(const Renderer& renderer, const RenderOptions& options, const Json& request) {
  const PictureAccess access{.root = options.images_root.empty() ? "." : options.images_root.string(),
                             .restrict_to_root = !options.images_root.empty()};
  const Prompt prompt = renderer.render(parse_conversation(request, access, "request"), !options.no_thinking);
  Json images = Json::array();
  for (const PromptImage& image : prompt.images)
    images.push_back({{"tiles", image.grid.frames},
                      {"tokens", image.tokens},
                      {"grid_thw", {image.grid.frames, image.grid.rows, image.grid.columns}}});
  return {{"text", prompt.text}, {"ids", prompt.input_ids}, {"images", images}};
}

int answer(const RenderOptions& options, const std::function<Json(const Json&)>& render) {
  if (options.json_lines) return answer_json_lines(std::cin, std::cout, render);
  const Json result = render(parse_json(read_stdin(), "standard input"));
  if (options.json)
    std::cout << dump_json(result) << "\n";
  else
    std::cout << result.at("text").get<std::string>();
  return 0;
}

}  // namespace

int run_render(Args args) {
  const auto options = parse_options<RenderOptions>("render", "a conversation to the prompt that the model sees", args);
  if (!options.template_file.empty()) {
    if (options.no_thinking || !options.images_root.empty()) {
      throw InputError(
          "--template renders the request as it is; leave out --no-thinking and --images-root, and give "
          "{\"template_kwargs\": {\"enable_thinking\": false}} in the request where the template reads it");
    }
    const ChatTemplate chat_template(read_file(options.template_file), options.template_file.string());
    return answer(options, [&](const Json& request) { return render_template(chat_template, request); });
  }
  const Renderer renderer(options.model);
  return answer(options, [&](const Json& request) { return render_request(renderer, options, request); });
}

}  // namespace r1v
