// Named colours, backgrounds and fonts as a level asks for them.
#include <algorithm>
#include <array>

#include "base/error.h"
#include "gym/canvas.h"

namespace r1v {

namespace {

const std::array<Paint, 12> kPaints = {{{"red", 0.86, 0.12, 0.12},
                                        {"orange", 1.00, 0.55, 0.05},
                                        {"yellow", 0.97, 0.84, 0.10},
                                        {"green", 0.13, 0.62, 0.22},
                                        {"cyan", 0.10, 0.78, 0.82},
                                        {"blue", 0.12, 0.30, 0.85},
                                        {"purple", 0.52, 0.16, 0.66},
                                        {"pink", 1.00, 0.56, 0.74},
                                        {"brown", 0.52, 0.32, 0.14},
                                        {"gray", 0.55, 0.55, 0.55},
                                        {"black", 0.06, 0.06, 0.06},
                                        {"white", 1.00, 1.00, 1.00}}};

}  // namespace

Paint paint(const std::string& name) {
  const auto found = std::find_if(kPaints.begin(), kPaints.end(), [&](const Paint& one) { return one.name == name; });
  R1V_CHECK(found != kPaints.end(), "no colour is called ", name);
  return *found;
}

Paint paint(const std::string& name, Rng& rng) {
  Paint varied = paint(name);
  for (double* component : {&varied.red, &varied.green, &varied.blue}) {
    *component = std::clamp(*component + rng.uniform(-0.04, 0.04), 0.0, 1.0);
  }
  return varied;
}

Paint paper(Rng& rng, int level) {
  if (rng.chance(level == 1 ? 0.7 : 0.4)) {
    return paint("white");
  }
  return {"white", rng.uniform(0.91, 1.0), rng.uniform(0.91, 1.0), rng.uniform(0.91, 1.0)};
}

Font pick_font(Rng& rng, int level) {
  if (level <= 2) {
    return Font::sans;
  }
  constexpr std::array kFonts = {Font::sans,      Font::sans_bold, Font::mono,
                                 Font::mono_bold, Font::serif,     Font::serif_bold};
  return rng.pick(kFonts);
}

}  // namespace r1v
