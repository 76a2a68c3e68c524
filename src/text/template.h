// Chat templates: the Jinja subset that Hugging Face templates use, rendered byte for byte.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"

namespace r1v {

/// A parsed template. Own interpreter without attribute access to anything but the given JSON: limits on depth, steps
/// and output size, so that a template from a hostile checkpoint can do no harm.
class ChatTemplate {
 public:
  /// `where` names the source in messages. throws InputError with the template's line: syntax, unknown filter.
  ChatTemplate(std::string_view source, const std::string& where);
  ChatTemplate(ChatTemplate&&) noexcept;
  ~ChatTemplate();

  /// variables: messages, add_generation_prompt, tools, bos_token, eos_token and any extra template_kwargs.
  /// trim_blocks and lstrip_blocks are on, as in transformers. throws InputError: raise_exception(...), undefined where
  /// Jinja would fail, a string operation on a list (with the template's line), limits exceeded.
  std::string render(const Json& variables) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace r1v
