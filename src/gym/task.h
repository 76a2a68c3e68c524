// A procedural task with pictures: question, answer, scene, worked solution.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "io/picture.h"

namespace r1v {

/// Something visible, with its place, so that every visual token can be told what it looks at and every false claim
/// about the picture can be counted. Pixels of the picture; (cx, cy) is the centre.
struct Mark {
  std::string kind;   // "char" (one printed or handwritten character), or a shape: circle, square, bar, hand, ...
  std::string label;  // the character itself, or a name ("apples"); may be empty
  std::string color;  // a colour name of canvas.h; empty when it does not matter
  double cx = 0, cy = 0, width = 0, height = 0;
  int value = -1;  // an integer 0..99 that the mark shows (a bar's height, a die's pips); -1 = none
};

struct GymPicture {
  Picture picture;
  std::vector<Mark> marks;
};

struct Distractor {
  std::string answer;  // plausible and wrong
  std::string slip;    // the mistake that leads to it
};

struct Task {
  std::string family;
  int level = 1;
  std::vector<GymPicture> pictures;  // empty for text families
  Json scene;                        // every object, value and label, as data
  std::string question;
  std::string kind;  // number, choice, word, expression
  std::string answer;
  std::string transcript;  // what is read off the picture, one or two lines ("apples 12, pears 7"); "" for text
  std::string solution;    // thinking of a careful solver: first what is read off, then the steps; no tags, no box
  std::vector<Distractor> distractors;
};

enum class Split { train, dev, test };

/// Draws one task. Deterministic: the same seed and level give the same bytes on every machine. The split only matters
/// to families that draw from a finite pool (handwritten digits); split.h keeps the contents of the splits apart.
using TaskMaker = Task (*)(uint64_t seed, int level, Split split);

class DigitPool;  // handwritten digits, see digits.h
/// The same for families that show handwritten digits.
using DigitTaskMaker = Task (*)(uint64_t seed, int level, Split split, const DigitPool& digits);

struct TaskFamily {
  const char* name;         // "count_objects"
  const char* description;  // one line for `r1v gym list`
  bool has_picture;
  TaskMaker make;  // null when make_with_digits is there
  DigitTaskMaker make_with_digits = nullptr;
};

/// The explicit table of all families (no static registration).
const std::vector<TaskFamily>& gym_families();

}  // namespace r1v
