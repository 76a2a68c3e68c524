// Quality and difficulty assessment: what a question asks of the eyes and of the mind, 0 to 10 each.
#pragma once

#include <optional>

#include "base/json.h"
#include "io/picture.h"

namespace r1v {

/// Sub-criteria of the paper; a score is the mean of its sub-criteria (the paper does not say how they combine).
struct QueryScores {
  double clarity = 0;                                 // of the pictures; 0 where there are none
  std::optional<double> necessity;                    // of the pictures; none = not measured
  double quality = 0, difficulty = 0, reasoning = 0;  // of the question
  double integration = 0;

  double visual() const { return necessity ? (clarity + *necessity) / 2 : clarity; }
  double textual() const { return (quality + difficulty + reasoning) / 3; }
};

/// Mean of sharpness and size, each 10 v / (v + middle): v the Laplacian's variance with middle 100, below which
/// photographs look soft, and v the pixels with middle 448 * 448, one tile of the family. [ours: the paper names both
/// measures and no scale]
double clarity(const Picture& picture);
double clarity(double laplacian_variance, double pixels);

/// Context ablation: 0 where the answer without pictures is right, or the same as with them; 10 where only the one with
/// them is right; 5 where both are wrong, which tells nothing. Both as written by answer_lines.
double necessity(const Json& with_pictures, const Json& without_pictures);

}  // namespace r1v
