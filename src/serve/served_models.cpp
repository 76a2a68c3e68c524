// Names to models; what is missing is refused with the names that there are.
#include "serve/served_models.h"

#include <algorithm>

#include "http/error.h"

namespace r1v {
namespace {

HttpError loading() {
  HttpError refusal(503, "loading", "the models are being loaded; ask again in a while");
  refusal.retry_after_s = 1;
  return refusal;
}

template <typename Role>
ServedModel find(const std::vector<ServedModel>& models, const std::string& name, const char* what,
                 const std::string& param, const Role& has_role) {
  std::string names;
  for (const ServedModel& model : models) {
    if (!has_role(model)) continue;
    if (name.empty() || model.name == name) return model;
    names += (names.empty() ? "" : ", ") + model.name;
  }
  if (name.empty()) throw HttpError(404, "model_not_found", cat("this server has no model that ", what), param);
  throw HttpError(
      404, "model_not_found",
      cat("there is no model \"", printable(name), "\" that ", what, names.empty() ? "" : "; there are: ", names),
      param);
}

}  // namespace

void ServedModels::add(ServedModel model) {
  const std::lock_guard lock(mutex_);
  models_.push_back(std::move(model));
}

std::vector<ServedModel> ServedModels::list() const {
  const std::lock_guard lock(mutex_);
  return models_;
}

ServedModel ServedModels::generator(const std::string& name) const {
  if (!is_ready()) throw loading();
  return find(list(), name, "answers", "model", [](const ServedModel& model) { return model.generator != nullptr; });
}

ServedModel ServedModels::scorer(const std::string& name, const std::string& param) const {
  if (!is_ready()) throw loading();
  return find(list(), name, "scores", param, [](const ServedModel& model) { return model.scorer != nullptr; });
}

}  // namespace r1v
