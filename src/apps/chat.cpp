// r1v chat: a conversation in the terminal, with pictures, whose history the model sees.
#include <iostream>

#include "apps/answer_printer.h"
#include "apps/commands.h"
#include "apps/interrupt.h"
#include "apps/open_model.h"
#include "apps/sampling_options.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "engine/engine.h"
#include "io/picture.h"
#include "prompt/conversation.h"

namespace r1v {
namespace {

struct ChatOptions {
  std::string system;
  bool no_thinking = false;
  ModelOptions model;
  EngineFlags engine;
  SamplingOptions sampling;
  void fields(auto& field) {
    field("system", system, "system message");
    field("no-thinking", no_thinking, "start with thinking off; /think on turns it on");
    model.fields(field);
    engine.fields(field);
    sampling.fields(field);
  }
};

constexpr const char* kDescription =
    "Talks with a model in the terminal; it sees the whole conversation. Ctrl-C stops an answer, /help lists commands.";

constexpr const char* kHelp =
    "/image PATH    show a picture with the next message (repeat for several)\n"
    "/think on|off  think before answering, or answer at once\n"
    "/save FILE     write the conversation as JSON, readable by `r1v render` and as a line of questions\n"
    "/clear         forget the conversation\n"
    "/help          this list\n"
    "/quit          leave (Ctrl-D does too)\n"
    "Ctrl-C stops an answer; what has come so far stays in the conversation.\n";

class Chat {
 public:
  Chat(const OpenModel& open, const SamplingParams& sampling, const ChatOptions& options)
      : open_(open),
        sampling_(sampling),
        options_(options),
        thinking_(!options.no_thinking),
        engine_(*open.model, *open.renderer, open.engine) {
    clear();
  }

  void run() {
    std::string line;
    while (read_line(line)) {
      try {
        if (line == "/quit") return;
        if (line.starts_with('/'))
          command(line);
        else if (!line.empty())
          say(line);
      } catch (const InputError& error) {
        std::cerr << "r1v: " << error.what() << "\n";  // the conversation goes on without that line
      }
    }
  }

 private:
  bool read_line(std::string& line) {
    while (true) {
      if (stdout_is_terminal()) std::cout << "> " << std::flush;
      if (std::getline(std::cin, line)) {
        line.erase(line.find_last_not_of(" \t\r") + 1);
        return true;
      }
      if (!interrupt_flag().exchange(false)) return false;
      std::cin.clear();
      std::cout << "\n";
      std::cerr << "r1v: /quit or Ctrl-D leaves\n";
    }
  }

  void command(const std::string& line) {
    const std::string name = line.substr(0, line.find(' '));
    const size_t begin = line.find_first_not_of(' ', name.size());
    const std::string value = begin == std::string::npos ? "" : line.substr(begin);
    if (name == "/help")
      std::cout << kHelp;
    else if (name == "/clear")
      clear();
    else if (name == "/image")
      add_image(value);
    else if (name == "/think")
      set_thinking(value);
    else if (name == "/save")
      save(value);
    else
      throw InputError(cat("there is no command ", printable(name), "; /help lists them"));
  }

  void clear() {
    messages_ = Json::array();
    images_.clear();
    if (!options_.system.empty()) messages_.push_back({{"role", "system"}, {"content", options_.system}});
  }

  void add_image(const std::string& path) {
    if (path.empty()) throw InputError("/image needs the path of a picture");
    const Picture picture = read_picture(path);
    images_.push_back(path);
    std::cerr << "r1v: " << printable(path, 300) << ", " << picture.width << " x " << picture.height
              << ", goes with the next message\n";
  }

  void set_thinking(const std::string& value) {
    if (value != "on" && value != "off") throw InputError("/think is on or off");
    thinking_ = value == "on";
  }

  void save(const std::string& path) {
    if (path.empty()) throw InputError("/save needs the path of a file");
    write_file_atomic(path, dump_json_pretty({{"messages", messages_}}) + "\n");
    std::cerr << "r1v: " << messages_.size() << " messages written to " << printable(path, 300) << "\n";
  }

  Json user_message(const std::string& text) const {
    if (images_.empty()) return {{"role", "user"}, {"content", text}};
    Json content = Json::array();
    for (const std::string& path : images_) content.push_back({{"type", "image"}, {"path", path}});
    content.push_back({{"type", "text"}, {"text", text}});
    return {{"role", "user"}, {"content", std::move(content)}};
  }

  /// The turn enters the history only with its answer, so a message that was refused can be said again.
  void say(const std::string& text) {
    Json messages = messages_;
    messages.push_back(user_message(text));
    const Prompt prompt = open_.renderer->render(parse_conversation({{"messages", messages}}, {}, "chat"), thinking_);
    AnswerPrinter printer(std::cout, stdout_is_terminal() ? AnswerStyle::terminal : AnswerStyle::plain);
    const auto show = [&](const StreamPiece& piece) {
      printer.show(piece);
      return true;
    };
    const GenerateResult result = engine_.generate(
        GenerateRequest{.prompt = &prompt, .sampling = sampling_, .on_piece = show, .is_cancelled = &interrupt_flag()});
    printer.finish();
    const Completion& completion = result.completions.front();
    if (completion.finish != FinishReason::stop) {
      std::cerr << "r1v: the answer ended by " << finish_reason_name(completion.finish) << "\n";
    }
    interrupt_flag() = false;
    messages.push_back({{"role", "assistant"}, {"content", completion.answer}});
    messages_ = std::move(messages);
    images_.clear();
  }

  const OpenModel& open_;
  SamplingParams sampling_;
  const ChatOptions& options_;
  bool thinking_;
  Engine engine_;
  Json messages_;
  std::vector<std::string> images_;  // of the next message
};

}  // namespace

int run_chat(Args args) {
  const ChatOptions options = parse_options<ChatOptions>("chat", kDescription, args);
  const OpenModel open = open_model(options.model, options.engine);
  const SamplingParams sampling = resolve_sampling(options.sampling, open.generation);
  interrupt_flag() = false;
  if (stdout_is_terminal()) std::cerr << "r1v: /help lists commands\n";
  Chat(open, sampling, options).run();
  if (stdout_is_terminal()) std::cout << "\n";
  return 0;
}

}  // namespace r1v
