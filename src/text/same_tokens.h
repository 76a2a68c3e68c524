// Two networks that must read the same ids: do their tokenizers agree?
#pragma once

#include <string>

#include "text/tokenizer.h"

namespace r1v {

/// `other` names an option and its folder. throws InputError at the first id whose token is another one, or is missing.
void expect_same_tokens(const Tokenizer& other_tokens, const std::string& other, const Tokenizer& tokens);

}  // namespace r1v
