// The one form of errors, which clients of the OpenAI API read.
#include "http/exchange.h"

#include "base/json.h"
#include "http/error.h"

namespace r1v {
namespace {

const char* error_type(int status) {
  if (status == 401) return "authentication_error";
  if (status == 403) return "permission_error";
  if (status == 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

}  // namespace

HttpReply error_reply(const HttpError& error) {
  const auto text_or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json fields = Json::object();
  fields["message"] = error.what();
  fields["type"] = error_type(error.status);
  fields["param"] = text_or_null(error.param);
  fields["code"] = text_or_null(error.code);
  HttpReply reply{.status = error.status, .body = dump_json(Json{{"error", fields}})};
  if (error.retry_after_s > 0) reply.headers.emplace_back("Retry-After", std::to_string(error.retry_after_s));
  return reply;
}

}  // namespace r1v
