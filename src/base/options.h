// Command-line options: fields listed once serve parsing, --help, a TOML file and the record of a run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace r1v {

using Args = std::span<const char* const>;  // the words after the command's name

/// The words ask for --help; what() is the text to print on stdout, status 0.
struct HelpRequest {
  std::string text;
};

/// Collects fields and parses. Field names have no dashes in front ("max-tokens"); bools are flags; a vector takes
/// several values (one a mention where the command has a positional word); std::optional stays empty when the option is
/// not given. A name that starts with '@' is positional.
class OptionParser {
 public:
  OptionParser(const std::string& command, const std::string& description);
  ~OptionParser();

  template <typename T>
  void operator()(const std::string& name, T& value, const std::string& help) {
    add(name, value, help);
  }

  /// throws InputError (unknown option, bad value, missing argument: names the option) or HelpRequest.
  /// Every command also takes --config FILE (TOML, keys as the options; an unknown key is an error).
  void parse(Args args);

  /// TOML of all options with their present values.
  std::string toml() const;
  /// All option names, for the frozen list that a test keeps.
  std::vector<std::string> names() const;

 private:
  void add(const std::string& name, bool& value, const std::string& help);
  void add(const std::string& name, int64_t& value, const std::string& help);
  void add(const std::string& name, uint64_t& value, const std::string& help);
  void add(const std::string& name, double& value, const std::string& help);
  void add(const std::string& name, std::string& value, const std::string& help);
  void add(const std::string& name, std::filesystem::path& value, const std::string& help);
  void add(const std::string& name, std::vector<std::string>& value, const std::string& help);
  void add(const std::string& name, std::vector<std::filesystem::path>& value, const std::string& help);
  void add(const std::string& name, std::optional<int64_t>& value, const std::string& help);
  void add(const std::string& name, std::optional<double>& value, const std::string& help);
  void add(const std::string& name, std::optional<std::string>& value, const std::string& help);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Parses `args` into an Options struct that has `void fields(auto& field)`; `options` is what the words leave open.
template <typename Options>
Options parse_options(const std::string& command, const std::string& description, Args args, Options options = {}) {
  OptionParser parser(command, description);
  options.fields(parser);
  parser.parse(args);
  return options;
}

/// The resolved options as TOML, as kept in a run folder.
template <typename Options>
std::string options_toml(Options options) {
  OptionParser parser("", "");
  options.fields(parser);
  return parser.toml();
}

}  // namespace r1v
