// Their mistakes are told, ours are logged.
#include "http/run_handler.h"

#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "http/error.h"

namespace r1v {

void run_handler(const HttpRoute& route, const std::shared_ptr<ServerExchange>& exchange) {
  if (exchange->is_gone()) return;
  std::optional<HttpError> failure;
  try {
    route.handler(exchange);
    return;
  } catch (const HttpError& error) {
    failure = error;
  } catch (const InputError& error) {
    failure.emplace(400, "invalid_value", error.what());
  } catch (const std::exception& error) {
    log_warning(cat("request ", exchange->request().id, " failed: ", printable(error.what(), 1000)));
    failure.emplace(500, "internal_error", "the server failed at this request; its log says why");
  }
  exchange->reply_unless_begun(error_reply(*failure));
}

}  // namespace r1v
