// Picks the inner loops for this processor.
#include "kernels/row_loops.h"

#include "kernels/instruction_set.h"

namespace r1v {

template <>
const RowLoops<float>* row_loops() {
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return &kRowLoopsAvx512;
    case InstructionSet::avx2:
      return &kRowLoopsAvx2;
    case InstructionSet::none:
      return nullptr;
  }
  return nullptr;
}

template <>
const RowLoops<uint16_t>* row_loops() {
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return &kRowLoopsBfloatAvx512;
    case InstructionSet::avx2:
      return &kRowLoopsBfloatAvx2;
    case InstructionSet::none:
      return nullptr;
  }
  return nullptr;
}

}  // namespace r1v
