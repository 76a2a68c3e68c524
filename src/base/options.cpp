// CLI11 behind options.h; the only file that includes it.
#include "base/options.h"

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>

#include "base/error.h"

namespace r1v {

struct OptionParser::Impl {
  CLI::App app;
  std::vector<std::string> names;
  std::vector<std::function<std::string()>> lines;  // one TOML line a field
  std::vector<CLI::Option*> lists;                  // options that take several values, positional ones aside
  bool has_positional = false;
};

namespace {

std::string toml_text(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    if (c == '\n')
      text += "\\n";
    else
      text += c;
  }
  return text + "\"";
}

std::string toml_value(bool value) { return value ? "true" : "false"; }
std::string toml_value(int64_t value) { return std::to_string(value); }
std::string toml_value(uint64_t value) { return std::to_string(value); }
std::string toml_value(double value) {
  std::array<char, 32> digits;  // the shortest that reads back the same
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}
std::string toml_value(const std::string& value) { return toml_text(value); }
std::string toml_value(const std::filesystem::path& value) { return toml_text(value.string()); }
template <typename T>
std::string toml_value(const std::vector<T>& values) {
  std::string text = "[";
  for (const T& value : values) text += (text.size() > 1 ? ", " : "") + toml_value(value);
  return text + "]";
}

bool is_positional(const std::string& name) { return name.starts_with('@'); }

std::string spelling(const std::string& name) { return is_positional(name) ? name.substr(1) : "--" + name; }

std::string default_text(const std::string& help, const std::string& value) {
  return value.empty() || value == "\"\"" || value == "[]" ? help : help + " (default: " + value + ")";
}

// CLI11 would read an empty word, such as a shell's unset variable in quotes, as zero.
std::string refuse_empty(const std::string& word) {
  return word.empty() ? "the value is empty, expected a number" : "";
}

// CLI11 would wrap it round to a huge number.
std::string refuse_negative(const std::string& word) {
  return word.starts_with('-') ? word + " is negative, expected 0 or more" : "";
}

}  // namespace

OptionParser::OptionParser(const std::string& command, const std::string& description)
    : impl_(std::make_unique<Impl>()) {
  impl_->app.name("r1v " + command);
  impl_->app.description(description);
  impl_->app.set_config("--config", "", "read options from a TOML file");
  impl_->app.allow_config_extras(CLI::config_extras_mode::error);
  impl_->app.option_defaults()->ignore_underscore(false);
}

OptionParser::~OptionParser() = default;

template <typename Impl, typename T>
static void add_value(Impl& impl, const std::string& name, T& value, const std::string& help) {
  CLI::Option* option = impl.app.add_option(spelling(name), value, default_text(help, toml_value(value)));
  if constexpr (std::is_arithmetic_v<T>) option->check(refuse_empty);
  if constexpr (std::is_unsigned_v<T>) option->check(refuse_negative);
  impl.has_positional = impl.has_positional || is_positional(name);
  if (option->get_expected_max() > 1 && !is_positional(name)) impl.lists.push_back(option);
  impl.names.push_back(spelling(name));
  impl.lines.push_back([name, &value] {
    const std::string text = toml_value(value);
    return text.empty() || text == "\"\"" || text == "[]"
               ? std::string()
               : (is_positional(name) ? name.substr(1) : name) + " = " + text + "\n";
  });
}

template <typename Impl, typename T>
static void add_optional(Impl& impl, const std::string& name, std::optional<T>& value, const std::string& help) {
  [[maybe_unused]] CLI::Option* option = impl.app.add_option(spelling(name), value, help);
  if constexpr (std::is_arithmetic_v<T>) option->check(refuse_empty);
  impl.names.push_back(spelling(name));
  impl.lines.push_back([name, &value] { return value ? name + " = " + toml_value(*value) + "\n" : std::string(); });
}

void OptionParser::add(const std::string& name, bool& value, const std::string& help) {
  impl_->app.add_flag(spelling(name), value, help);
  impl_->names.push_back(spelling(name));
  impl_->lines.push_back([name, &value] { return name + " = " + toml_value(value) + "\n"; });
}

void OptionParser::add(const std::string& name, int64_t& value, const std::string& help) {
  add_value(*impl_, name, value, help);
}
void OptionParser::add(const std::string& name, uint64_t& value, const std::string& help) {
  add_value(*impl_, name, value, help);
}
void OptionParser::add(const std::string& name, double& value, const std::string& help) {
  add_value(*impl_, name, value, help);
}
void OptionParser::add(const std::string& name, std::string& value, const std::string& help) {
  add_value(*impl_, name, value, help);
}
void OptionParser::add(const std::string& name, std::filesystem::path& value, const std::string& help) {
  add_value(*impl_, name, value, help);
}
void OptionParser::add(const std::string& name, std::vector<std::string>& value, const std::string& help) {
  add_value(*impl_, name, value, help);
}
void OptionParser::add(const std::string& name, std::vector<std::filesystem::path>& value, const std::string& help) {
  add_value(*impl_, name, value, help);
}
void OptionParser::add(const std::string& name, std::optional<int64_t>& value, const std::string& help) {
  add_optional(*impl_, name, value, help);
}
void OptionParser::add(const std::string& name, std::optional<double>& value, const std::string& help) {
  add_optional(*impl_, name, value, help);
}
void OptionParser::add(const std::string& name, std::optional<std::string>& value, const std::string& help) {
  add_optional(*impl_, name, value, help);
}

void OptionParser::parse(Args args) {
  // "--image a.png question": beside a positional argument, a list takes one value each time it is named.
  for (CLI::Option* list : impl_->lists) list->allow_extra_args(!impl_->has_positional);
  std::vector<std::string> words(args.rbegin(), args.rend());  // CLI11 takes them in reverse order
  try {
    impl_->app.parse(words);
  } catch (const CLI::CallForHelp&) {
    throw HelpRequest{impl_->app.help()};
  } catch (const CLI::ConfigError& error) {
    throw InputError(cat(impl_->app.get_name(), ": --config: ", printable(error.what(), 300),
                         "; its keys are the options that `", impl_->app.get_name(), " --help` lists"));
  } catch (const CLI::ParseError& error) {
    throw InputError(
        cat(impl_->app.get_name(), ": ", printable(error.what(), 300), "; see `", impl_->app.get_name(), " --help`"));
  }
}

std::string OptionParser::toml() const {
  std::string text;
  for (const auto& line : impl_->lines) text += line();
  return text;
}

std::vector<std::string> OptionParser::names() const { return impl_->names; }

}  // namespace r1v
