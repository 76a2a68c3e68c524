// The opening tag is put back where the prompt had it.
#include "prompt/answered.h"

namespace r1v {

Conversation answered(const Conversation& question, const std::string& output, bool opens_thinking) {
  Conversation whole = question;
  Message answer{.role = "assistant", .extra = Json::object()};
  const bool has_tag = !opens_thinking || output.starts_with("<think>");
  answer.parts.push_back({.text = (has_tag ? "" : "<think>\n") + output});
  whole.messages.push_back(std::move(answer));
  return whole;
}

}  // namespace r1v
