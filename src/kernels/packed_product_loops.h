// The inner loops of products with packed weights, one table of functions for each format and instruction set.
#pragma once

#include <cstdint>

namespace r1v {

constexpr int64_t kVectorOutputs = 16;
constexpr int64_t kPanelOutputs = 64;

/// Where things lie in a panel of 64 outputs. A step is four 64-byte vectors of 16 outputs, each with a word of 4 bytes
/// for every output: float32 one input a word; bfloat16 two; int8 four (unsigned: 128 is added to signed ones); int4
/// four in the lower halves of the bytes and the next four in the upper halves. The numbers of a group of integers
/// follow its 64 scales and its 64 zero points. So the whole matrix is one stream, read from front to back.
struct PanelLayout {
  int64_t panel_bytes = 0;
  int64_t inputs = 0;
  int64_t group = 0;             // inputs that share a scale
  int64_t activation_group = 0;  // inputs of a row that are rounded with one scale; the last one may be shorter
  int64_t group_bytes = 0;       // scales, zero points and numbers
  int64_t zeros_offset = 0;      // from the group's start; scales come first
  int64_t numbers_offset = 0;
  bool half_scales = false;              // float16 instead of float32
  bool has_zeros = false;                // otherwise every zero point is the one below
  uint8_t common_zeros[kVectorOutputs];  // as stored, so 128 for signed numbers around 0
};

/// Rows of activations as the panels want them: words of 4 bytes, and for integers a scale and a sum for every group.
struct PreparedRows {
  uint32_t* words = nullptr;
  int64_t word_stride = 0;
  float* scales = nullptr;
  int32_t* sums = nullptr;
  int64_t group_stride = 0;
};

/// `rows` rows times one panel.
struct PanelTask {
  const PanelLayout* layout = nullptr;
  const uint8_t* panel = nullptr;
  int64_t num_outputs = 0;  // at most 64
  PreparedRows x;
  int64_t rows = 0;
  const float* bias = nullptr;  // or null
  float* y = nullptr;
  int64_t y_stride = 0;
  bool adds = false;
  float* partial = nullptr;  // scratch for rows * 64 floats, 64-byte aligned
};

struct ProductLoops {
  const char* name;
  int64_t inputs_a_word;  // of prepared rows
  bool rounds_to_groups;  // whether rows get scales and sums
  /// Rounds one row; fills up with zeros to whole words, and to a whole vector of the weights.
  void (*prepare)(const PanelLayout& layout, const float* x, const PreparedRows& row);
  void (*multiply)(const PanelTask& task);
};

extern const ProductLoops kFloatProductAvx512, kBfloatProductAvx512, kInt8ProductAvx512, kInt4ProductAvx512;
extern const ProductLoops kBfloatProductAvx512Bfloat;
extern const ProductLoops kBfloatProductAmx, kInt8ProductAmx, kInt4ProductAmx;
extern const ProductLoops kFloatProductAvx2, kBfloatProductAvx2, kInt8ProductAvx2, kInt4ProductAvx2;
extern const ProductLoops kFloatProductPlain, kBfloatProductPlain, kInt8ProductPlain, kInt4ProductPlain;

}  // namespace r1v
