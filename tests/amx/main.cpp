// The tile products on a bare processor: equal to the AVX-512 ones for integers, near double for bfloat16, and every
// row independent of its company. Runs in an emulator (run.sh): without a system, a library or LibTorch.
#include <cstdint>
#include <initializer_list>

#include "kernels/packed_product_loops.h"

extern "C" {
void* memcpy(void* to, const void* from, unsigned long count) {
  for (unsigned long i = 0; i < count; ++i) static_cast<char*>(to)[i] = static_cast<const char*>(from)[i];
  return to;
}
void* memset(void* to, int value, unsigned long count) {
  for (unsigned long i = 0; i < count; ++i) static_cast<char*>(to)[i] = static_cast<char>(value);
  return to;
}
}

namespace r1v {
namespace {

constexpr int64_t kMostRows = 40, kMostInputs = 3000, kMostWords = 3024, kMostGroups = 128;

constexpr uint16_t kSerialPort = 0x3F8;

void write_port(int offset, uint8_t value) {
  asm volatile("outb %0, %1" : : "a"(value), "d"(static_cast<uint16_t>(kSerialPort + offset)));
}

constexpr uint8_t kRoomForOne = 0x20, kAllSent = 0x40;
void wait_for(uint8_t wanted) {
  uint8_t status = 0;
  while ((status & wanted) == 0)
    asm volatile("inb %1, %0" : "=a"(status) : "d"(static_cast<uint16_t>(kSerialPort + 5)));
}

void open_serial_port() {
  write_port(3, 0x80);  // 115,200 bits a second
  write_port(0, 1);
  write_port(1, 0);
  write_port(3, 3);  // 8 bits, no parity
}

void say(const char* text) {
  for (; *text != 0; ++text) {
    wait_for(kRoomForOne);
    write_port(0, static_cast<uint8_t>(*text));
  }
}

void say(int64_t number) {
  if (number < 0) return say("-"), say(-number);
  if (number >= 10) say(number / 10);
  const char digit[2] = {static_cast<char>('0' + number % 10), 0};
  say(digit);
}

uint32_t random_bits() {  // xorshift32
  static uint32_t state = 2463534242u;
  state ^= state << 13;
  state ^= state >> 17;
  return state ^= state << 5;
}

/// -1..1, in so few bits that bfloat16 holds it.
float random_number() { return static_cast<float>(static_cast<int32_t>(random_bits() >> 24) - 128) / 128.0f; }

struct Case {
  PanelLayout layout;
  int64_t rows, outputs;
  bool adds;
};

alignas(64) uint8_t panel[1 << 20];
float x[kMostRows * kMostInputs], bias[64];
alignas(64) float partial[kMostRows * 64];
uint32_t words[kMostRows * kMostWords];
float scales[kMostRows * kMostGroups];
int32_t sums[kMostRows * kMostGroups];

/// y [rows, outputs] of rows `first` to `first + rows`. What a product must not read is NaN.
void run(const ProductLoops& loops, const Case& test, int64_t first, int64_t rows, float* y) {
  memset(words, 0xFF, sizeof(words));
  memset(partial, 0xFF, sizeof(partial));
  const PreparedRows prepared{words, kMostWords, scales, sums, kMostGroups};
  for (int64_t row = 0; row < rows; ++row) {
    PreparedRows one = prepared;
    one.words += row * kMostWords;
    one.scales += row * kMostGroups;
    one.sums += row * kMostGroups;
    loops.prepare(test.layout, x + (first + row) * test.layout.inputs, one);
  }
  for (int64_t i = 0; i < rows * test.outputs; ++i) y[i] = 0.5f;
  loops.multiply({.layout = &test.layout,
                  .panel = panel,
                  .num_outputs = test.outputs,
                  .x = prepared,
                  .rows = rows,
                  .bias = bias,
                  .y = y,
                  .y_stride = test.outputs,
                  .adds = test.adds,
                  .partial = partial});
}

bool same_bits(const float* a, const float* b, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    uint32_t bits_a, bits_b;
    memcpy(&bits_a, a + i, 4);
    memcpy(&bits_b, b + i, 4);
    if (bits_a != bits_b) return false;
  }
  return true;
}

float together[kMostRows * 64], other[kMostRows * 64];
int64_t num_cases = 0, num_failures = 0;

void expect(bool holds, const char* what, const Case& test) {
  ++num_cases;
  if (holds) return;
  ++num_failures;
  say("failed: ");
  say(what);
  for (const int64_t number : {test.layout.inputs, test.layout.group, test.rows, test.outputs}) say(" "), say(number);
  say("\n");
}

void expect_rows_alone(const ProductLoops& loops, const Case& test, const char* what) {
  bool holds = true;
  for (int64_t row = 0; row < test.rows; ++row) {
    run(loops, test, row, 1, other);
    holds = holds && same_bits(other, together + row * test.outputs, test.outputs);
  }
  expect(holds, what, test);
}

void test_integers(bool is_int4, int64_t inputs, int64_t group, int64_t rows, int64_t outputs) {
  const int64_t activation_group = group > 128 && group != inputs ? (group % 128 == 0  ? 128
                                                                     : group % 64 == 0 ? 64
                                                                                       : 32)
                                   : group > 128                  ? 128
                                                                  : group;
  PanelLayout layout{.inputs = inputs, .group = group, .activation_group = activation_group};
  layout.has_zeros = group != 64;
  for (uint8_t& zero : layout.common_zeros) zero = is_int4 ? 8 : 128;
  layout.zeros_offset = 64 * 4;
  layout.numbers_offset = layout.zeros_offset + (layout.has_zeros ? 64 : 0);
  layout.group_bytes = layout.numbers_offset + group * 64 / (is_int4 ? 2 : 1);
  layout.panel_bytes = layout.group_bytes * (inputs / group);
  for (int64_t i = 0; i < layout.panel_bytes; ++i) panel[i] = static_cast<uint8_t>(random_bits() >> 16);
  for (int64_t g = 0; g < inputs / group; ++g) {
    for (int64_t output = 0; output < 64; ++output) {
      const float scale = 0.02f + 0.01f * random_number();
      memcpy(panel + g * layout.group_bytes + output * 4, &scale, 4);
    }
  }
  for (int64_t i = 0; i < rows * inputs; ++i) x[i] = random_number();
  const Case test{layout, rows, outputs, rows % 2 == 1};
  const ProductLoops& tiles = is_int4 ? kInt4ProductAmx : kInt8ProductAmx;
  run(is_int4 ? kInt4ProductAvx512 : kInt8ProductAvx512, test, 0, rows, other);
  run(tiles, test, 0, rows, together);
  expect(same_bits(together, other, rows * outputs), is_int4 ? "int4" : "int8", test);
  expect_rows_alone(tiles, test, is_int4 ? "int4 rows alone" : "int8 rows alone");
}

uint16_t upper_half(float number) {
  uint32_t bits;
  memcpy(&bits, &number, 4);
  return static_cast<uint16_t>(bits >> 16);
}

void test_bfloats(int64_t inputs, int64_t rows, int64_t outputs) {
  PanelLayout layout{.panel_bytes = (inputs + 1) / 2 * 256, .inputs = inputs, .group = inputs};
  memset(panel, 0, static_cast<unsigned long>(layout.panel_bytes));
  static float weights[kMostInputs * 64];
  for (int64_t i = 0; i < inputs; ++i) {
    for (int64_t output = 0; output < 64; ++output) {
      const uint16_t half = upper_half(weights[i * 64 + output] = random_number());
      memcpy(panel + (i / 2 * 64 + output) * 4 + i % 2 * 2, &half, 2);
    }
  }
  for (int64_t i = 0; i < rows * inputs; ++i) x[i] = random_number();
  const Case test{layout, rows, outputs, rows % 2 == 1};
  run(kBfloatProductAmx, test, 0, rows, together);
  bool holds = true;
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t output = 0; output < outputs; ++output) {
      double sum = bias[output] + (test.adds ? 0.5 : 0.0);
      for (int64_t i = 0; i < inputs; ++i) sum += static_cast<double>(weights[i * 64 + output]) * x[row * inputs + i];
      const double difference = together[row * outputs + output] - sum;
      // products of 8 bits by 8 bits are exact, and 3,000 of their sums nearly so
      holds = holds && difference < 1e-3 && difference > -1e-3;
    }
  }
  expect(holds, "bfloat16", test);
  expect_rows_alone(kBfloatProductAmx, test, "bfloat16 rows alone");
}

void test_all() {
  for (float& number : bias) number = random_number();
  for (const int64_t rows : {1, 3, 15, 16, 17, 40}) {
    for (const int64_t outputs : {64, 50}) {
      for (const int64_t inputs : {1, 2, 5, 31, 32, 33, 64, 100, 1024, 1500, 3000}) test_bfloats(inputs, rows, outputs);
      for (const int64_t inputs : {32, 64, 96, 160, 256, 768, 1024}) {
        for (const int64_t group : {inputs, int64_t{32}, int64_t{64}, int64_t{96}, int64_t{128}, int64_t{256}}) {
          if (inputs % group != 0) continue;
          test_integers(/*is_int4=*/false, inputs, group, rows, outputs);
          test_integers(/*is_int4=*/true, inputs, group, rows, outputs);
        }
      }
    }
  }
}

}  // namespace
}  // namespace r1v

int main() {
  r1v::open_serial_port();
  r1v::say("tiles: begin\n");
  r1v::test_all();
  r1v::say("tiles: ");
  r1v::say(r1v::num_cases);
  r1v::say(" cases, ");
  r1v::say(r1v::num_failures);
  r1v::say(r1v::num_failures == 0 ? " failures, passed\n" : " failures, FAILED\n");
  r1v::wait_for(r1v::kAllSent);
  return 0;
}
