// The bodies of the smaller routes.
#include "serve/request_shapes.h"

namespace r1v {

using namespace shapes;

Shape empty_shape() { return object("Nothing", {}, "nothing, or {}"); }

}  // namespace r1v
