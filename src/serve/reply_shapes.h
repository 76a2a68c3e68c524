// What the routes answer, as tables for the OpenAPI description.
#pragma once

#include "serve/shape.h"

namespace r1v {

Shape chat_reply_shape();
Shape completions_reply_shape();
Shape responses_reply_shape();
Shape score_reply_shape();
Shape models_reply_shape();
Shape model_reply_shape();
Shape tokenize_reply_shape();
Shape detokenize_reply_shape();
Shape control_reply_shape();
Shape health_reply_shape();
Shape version_reply_shape();
Shape error_reply_shape();

}  // namespace r1v
