// The refusal that clients know how to answer: by asking shorter.
#pragma once

#include "base/error.h"

namespace r1v {

/// What is to be read alone fills the model's context.
class TooLongError : public InputError {
 public:
  using InputError::InputError;
};

}  // namespace r1v
