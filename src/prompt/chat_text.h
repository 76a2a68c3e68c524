// A conversation as the variables of a chat template, foreign text and pictures marked.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "prompt/conversation.h"
#include "prompt/protect.h"

namespace r1v {

/// messages (contents flattened to strings), add_generation_prompt, tools, bos_token, eos_token, template_kwargs.
///
/// Every picture of a message becomes a mark: in place of the `<image>` markers that the message's text has (LLaVA
/// style; their numbers must agree), otherwise where the picture part stands, followed by a line break.
/// An assistant's own `<think>` and `</think>` stay as they are, since templates look for them.
/// throws InputError naming the message when markers and pictures differ in number.
Json template_variables(const Conversation& conversation, Protector& protector, const Json& tokenizer_config);

/// Thinking tags of an assistant's turn are its own; everything else in it is foreign like any text.
std::string protect_reply(std::string_view text, Protector& protector);

/// A token of tokenizer_config.json: a string, or an object with "content"; "" when it has none.
std::string config_token(const Json& tokenizer_config, const char* key);

}  // namespace r1v
