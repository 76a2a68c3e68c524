// Outlines of the named shapes in the unit square around the origin.
#pragma once

#include <string>
#include <vector>

#include "gym/canvas.h"

namespace r1v {

/// A closed polygon within [-0.5, 0.5] x [-0.5, 0.5], y downwards; curves have enough corners to look smooth at 100 px.
std::vector<Point> shape_outline(const std::string& name);

}  // namespace r1v
