// The table of commands, and the one place where errors become exit statuses.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string_view>

#include "apps/commands.h"
#include "apps/version.h"
#include "base/error.h"
#include "base/log.h"

/// Read by jemalloc at start (the environment's MALLOC_CONF wins). Tensors of many MiB come and go in every pass:
/// memory that went back to the system meanwhile would be cleared and mapped again, page by page: with
/// keep_large_memory below, which does for the main thread what this does for others, seven tiles take 26 instead of 34
/// s and a training step a sixth less. What nobody took for half a minute goes back: kept for ever, holes that fit
/// nothing grew to 8 GB in 700 steps of a training that needs 0.7.
extern "C" {
const char* malloc_conf = "oversize_threshold:0,dirty_decay_ms:30000";
int mallctl(const char* name, void* old_value, size_t* old_size, void* new_value, size_t new_size)
    __attribute__((weak));  // a sanitizer's allocator has none
}

namespace r1v {
namespace {

struct Command {
  const char* name;
  int (*run)(Args args);
  const char* summary;
};

constexpr std::array kCommands = {
    Command{"ask", run_ask, "one question about pictures, or many; the thinking is shown"},
    Command{"chat", run_chat, "a conversation in the terminal"},
    Command{"serve", run_serve, "an OpenAI-compatible server with a web page, over a model and its judge"},
    Command{"score", run_score, "how good is an answer? the reward model's word"},
    Command{"train", run_train, "one training method: align, distill, grpo, iterate, mpo, reward, sft, tower"},
    Command{"report", run_report, "one HTML page about training runs: curves, tables, suspicious samples"},
    Command{"gym", run_gym, "list | make | scan | grade: tasks with pictures, drawn by the program"},
    Command{"pairs", run_pairs,
            "make | cut | dedupe | judge | filter | rewrite | grade: preference pairs, made and cleaned"},
    Command{"assemble", run_assemble, "a new checkpoint from parts: vision, projector, language"},
    Command{"bench", run_bench, "how fast this machine runs a model, beside what the machine can do at most"},
    Command{"inspect", run_inspect, "what a checkpoint folder is: architecture, sizes, missing or surplus tensors"},
    Command{"trace", run_trace, "one forward pass, its intermediate tensors written to a file"},
    Command{"quantize", run_quantize, "a smaller checkpoint: int8, int4 with or without calibration, or GGUF"},
    Command{"tokenize", run_tokenize, "text to token ids and back"},
    Command{"render", run_render, "a conversation to the prompt that the model sees"},
    Command{"preprocess", run_preprocess, "a picture to tiles and pixels"},
    Command{"verify", run_verify, "is an answer right? the verdict with its reason"},
};

void print_usage(std::ostream& out) {
  out << "r1v: ask questions about pictures with visible thinking, and train the models that answer them\n\n"
         "usage: r1v COMMAND [options]     r1v COMMAND --help     r1v --version\n\n";
  for (const Command& command : kCommands) {
    out << "  " << command.name << std::string(12 - std::string_view(command.name).size(), ' ') << command.summary
        << "\n";
  }
}

int run(Args words) {
  const std::string_view first = words.empty() ? "" : words[0];
  if (words.empty() || first == "--help" || first == "-h" || first == "help") {
    print_usage(words.empty() ? std::cerr : std::cout);
    return words.empty() ? 2 : 0;
  }
  if (first == "--version") {
    std::cout << version_text();
    return 0;
  }
  const auto command =
      std::ranges::find(kCommands, first, [](const Command& candidate) { return std::string_view(candidate.name); });
  if (command == kCommands.end()) {
    throw InputError(cat("there is no command \"", printable(words[0]), "\"; `r1v --help` lists them"));
  }
  return command->run(words.subspan(1));
}

/// run(), and errors as exit statuses.
int status_of(Args words) {
  try {
    const int status = run(words);
    std::cout.flush();
    if (!std::cout) throw InputError("standard output: cannot write the result");
    return status;
  } catch (const HelpRequest& help) {
    std::cout << help.text;
    return 0;
  } catch (const InputError& error) {
    std::cerr << "r1v: error: " << error.what() << "\n";
    return 2;
  } catch (const std::filesystem::filesystem_error& error) {  // their disk: a file in a folder's place, no permission
    std::cerr << "r1v: error: " << printable(error.path1().string(), 300) << ": " << error.code().message()
              << "; is the path right, writable, and its disk not full?\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "r1v: internal error: " << printable(error.what(), 600)
              << "\nr1v: this is a bug in r1v; please report it with the command that led here\n";
    return 1;
  }
}

}  // namespace
}  // namespace r1v

/// jemalloc 5.3 makes its first arena before it reads oversize_threshold: there, memory of 8 MiB and more would still
/// go back the moment it is free.
static void keep_large_memory() {
  if (mallctl == nullptr || std::getenv("MALLOC_CONF") != nullptr) return;
  size_t never = size_t{1} << 46;
  mallctl("arena.0.oversize_threshold", nullptr, nullptr, &never, sizeof never);  // where it fails, it is only slower
}

int main(int argc, char** argv) {
  keep_large_memory();
  // oneDNN would keep a thousand products of shapes that never come back, half a GB of them in a training. It reads
  // this when it makes its first.
  setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64", /*overwrite=*/0);
  const int status = r1v::status_of({argv + 1, argv + argc});
  std::cout.flush();
  std::fflush(nullptr);
  std::_Exit(status);  // without every library's farewell: LibTorch alone takes 70 ms to forget its operators
}
