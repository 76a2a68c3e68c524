// Task lines as judges know them.
#include "recipes/ratings.h"

#include "base/error.h"

namespace r1v {

std::vector<Rating> ratings_of(Judge& judge, std::span<const TaskLine> lines, Criterion criterion) {
  std::vector<PairsLine> judged;
  for (const TaskLine& line : lines) judged.push_back(line.judged(line.solution));
  std::vector<const PairsLine*> pointers;
  for (const PairsLine& line : judged) pointers.push_back(&line);
  std::vector<Rating> ratings = judge.ratings(pointers, criterion);
  R1V_CHECK(ratings.size() == lines.size(), "a rating a line");
  return ratings;
}

}  // namespace r1v
