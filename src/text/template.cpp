// ChatTemplate: parse once, render many times; each rendering is an interpreter of its own.
#include "text/template.h"

#include "base/error.h"
#include "text/template_ast.h"
#include "text/template_interpreter.h"
#include "text/template_lexer.h"
#include "text/unicode.h"

namespace r1v {
namespace {

constexpr size_t kMaxSourceBytes = size_t{1} << 20;

jinja::Template parse(std::string_view source, const std::string& where) {
  if (source.size() > kMaxSourceBytes) {
    throw InputError(cat(where, ": the template has ", source.size(), " bytes, more than ", kMaxSourceBytes));
  }
  if (replace_invalid_utf8(source) != source) throw InputError(cat(where, ": the template is not valid UTF-8"));
  try {
    return jinja::parse_template(source);
  } catch (const jinja::SyntaxError& error) {
    throw InputError(cat(where, ": line ", error.line, ": ", error.message));
  }
}

}  // namespace

struct ChatTemplate::Impl {
  jinja::Template parsed;
  std::string where;
};

ChatTemplate::ChatTemplate(std::string_view source, const std::string& where)
    : impl_(new Impl{parse(source, where), where}) {}
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate::~ChatTemplate() = default;

std::string ChatTemplate::render(const Json& variables) const {
  return jinja::Interpreter(impl_->parsed, impl_->where, jinja::Limits{}).run(variables);
}

}  // namespace r1v
