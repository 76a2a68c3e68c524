// Bodies were checked against their shape; what is left here is what shapes cannot say.
#include "serve/read_messages.h"

#include "http/error.h"
#include "serve/body.h"

namespace r1v {
namespace {

class Reader {
 public:
  explicit Reader(RequestPictures& pictures) : pictures_(pictures) {}

  Message message(const Json& json, const std::string& where) {
    Message out{.role = json.at("role").get<std::string>(), .extra = Json::object()};
    if (out.role == "developer") out.role = "system";
    const Json& content = json.at("content");
    out.content_was_list = content.is_array();
    if (content.is_string()) {
      out.parts.push_back({.text = content.get<std::string>()});
    } else {
      for (size_t i = 0; i < content.size(); ++i) part(content[i], cat(where, ".content[", i, "]"), out);
    }
    put_extra(json, out);
    return out;
  }

  bool all_low(const std::string& where) const {
    if (num_low_ == 0) return false;
    if (num_low_ == conversation.pictures.size()) return true;
    refuse_value(where, "asks for detail \"low\" of some pictures and not of others; expected the same for all");
  }

  Conversation conversation;

 private:
  /// A template knows thoughts under either name; both say the same.
  static void put_extra(const Json& json, Message& out) {
    for (const char* key : {"reasoning_content", "reasoning"}) {
      if (const Json* thoughts = field_of(json, key)) {
        out.extra["reasoning_content"] = *thoughts;
        break;
      }
    }
    if (const Json* name = field_of(json, "name")) out.extra["name"] = *name;
  }

  void part(const Json& json, const std::string& where, Message& out) {
    if (json.at("type") == "text") {
      out.parts.push_back({.text = json.at("text").get<std::string>()});
      return;
    }
    const Json& holder = json.at("image_url");
    const bool is_whole = holder.is_object();
    const auto& url = (is_whole ? holder.at("url") : holder).get_ref<const std::string&>();
    out.parts.push_back({.kind = Part::Kind::picture, .picture_index = conversation.pictures.size()});
    conversation.pictures.push_back(pictures_.read(url, cat(where, ".image_url", is_whole ? ".url" : "")));
    conversation.picture_names.push_back(cat("picture ", conversation.pictures.size()));
    if (is_whole && text_of(holder, "detail") == "low") ++num_low_;
  }

  RequestPictures& pictures_;
  size_t num_low_ = 0;
};

int64_t effort_budget(const std::string& effort) {
  if (effort == "minimal") return 256;
  if (effort == "low") return 1024;
  if (effort == "medium") return 4096;
  return -1;
}

}  // namespace

Conversation read_messages(const Json& messages, const std::string& where, RequestPictures& pictures, bool& all_low) {
  Reader reader(pictures);
  for (size_t i = 0; i < messages.size(); ++i) {
    reader.conversation.messages.push_back(reader.message(messages[i], cat(where, "[", i, "]")));
  }
  all_low = reader.all_low(where);
  return std::move(reader.conversation);
}

ThinkingWish read_thinking(const Json& request, const std::string& effort, const std::string& effort_param) {
  ThinkingWish wish;
  const Json* thinking = field_of(request, "thinking");
  const Json* kwargs = field_of(request, "chat_template_kwargs");
  const Json* switched = thinking == nullptr ? nullptr : field_of(*thinking, "enabled");
  const Json* by_template = kwargs == nullptr ? nullptr : field_of(*kwargs, "enable_thinking");
  if (!effort.empty() && (thinking != nullptr || by_template != nullptr)) {
    refuse_value(effort_param, "and thinking say the same thing twice; give one of them");
  }
  if (switched != nullptr && by_template != nullptr && *switched != *by_template) {
    refuse_value("chat_template_kwargs.enable_thinking", "contradicts thinking.enabled");
  }
  if (const Json* said = switched != nullptr ? switched : by_template) wish.is_enabled = said->get<bool>();
  if (thinking != nullptr) wish.budget = integer_of(*thinking, "budget_tokens", -1);
  if (!wish.is_enabled && wish.budget >= 0) {
    refuse_value("thinking.budget_tokens", "is a budget for thinking that is not enabled");
  }
  if (effort == "none") wish.is_enabled = false;
  if (!effort.empty()) {
    wish.budget = effort_budget(effort);
    wish.is_budget_soft = true;
  }
  return wish;
}

}  // namespace r1v
