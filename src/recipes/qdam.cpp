// Measures of pictures and of what they change.
#include "recipes/qdam.h"

#include "media/sharpness.h"
#include "verify/verify.h"

namespace r1v {
namespace {

constexpr double kSoftVariance = 100;
constexpr double kTilePixels = 448.0 * 448.0;

}  // namespace

double clarity(double laplacian_variance, double pixels) {
  return (10 * laplacian_variance / (laplacian_variance + kSoftVariance) + 10 * pixels / (pixels + kTilePixels)) / 2;
}

double clarity(const Picture& picture) {
  return clarity(laplacian_variance(picture), static_cast<double>(picture.width) * picture.height);
}

double necessity(const Json& with_pictures, const Json& without_pictures) {
  const Json &seeing = json_at(with_pictures, "correct", "answer with pictures"),
             &blind = json_at(without_pictures, "correct", "answer without pictures");
  if (blind == Json(true)) return 0;
  if (seeing == Json(true) && blind == Json(false)) return 10;
  if (seeing == Json(false) && blind == Json(false)) return 5;
  // At least one could not be judged: do the pictures change the answer?
  const std::string seen = json_string(with_pictures, "extracted", "answer with pictures");
  const std::string guessed = json_string(without_pictures, "extracted", "answer without pictures");
  return verify_answer(seen, guessed).correct == true || seen == guessed ? 0 : 10;
}

}  // namespace r1v
