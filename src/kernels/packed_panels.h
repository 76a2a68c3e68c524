// Rows of weights become panels (packed_product_loops.h), a panel at a time, on all threads.
#pragma once

#include "kernels/packed_product_loops.h"
#include "tensor/weight_rows.h"

namespace r1v {

inline int64_t num_panels(int64_t outputs) { return (outputs + kPanelOutputs - 1) / kPanelOutputs; }

/// Every byte of the panels is written; outputs that are not there become zeros. `type` is float32 or bfloat16.
void write_float_panels(const FloatRows& rows, at::ScalarType type, const PanelLayout& layout, uint8_t* panels);
void write_integer_panels(const IntegerRows& rows, const PanelLayout& layout, uint8_t* panels);

}  // namespace r1v
