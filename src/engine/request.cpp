// Names of the finish reasons, as the JSON of the commands and of the server writes them.
#include "engine/request.h"

#include "base/error.h"

namespace r1v {

const char* finish_reason_name(FinishReason reason) {
  switch (reason) {
    case FinishReason::stop:
      return "stop";
    case FinishReason::length:
      return "length";
    case FinishReason::budget:
      return "budget";
    case FinishReason::loop:
      return "loop";
    case FinishReason::cancelled:
      return "cancelled";
  }
  R1V_CHECK(false, "finish reason ", static_cast<int>(reason));
  return "";
}

}  // namespace r1v
