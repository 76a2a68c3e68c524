// How sharp a picture is, in numbers that need no model.
#pragma once

#include "io/picture.h"

namespace r1v {

/// Variance of the Laplacian [0 1 0; 1 -4 1; 0 1 0] over all pixels of the grey picture (0.299 R + 0.587 G + 0.114 B,
/// 0 to 255), the border mirrored without repeating its row: OpenCV's Laplacian(CV_64F).var() but for the rounding of
/// grey values. Low = blurred; below about 100 a photograph looks soft.
/// source: Pech-Pacheco et al., 2000.
double laplacian_variance(const Picture& picture);

}  // namespace r1v
