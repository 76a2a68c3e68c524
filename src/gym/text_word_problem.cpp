// Text families told as small stories: one step at level 1, three steps at level 5.
#include <algorithm>

#include "base/error.h"
#include "gym/calculation.h"
#include "gym/draft.h"
#include "gym/families.h"
#include "gym/words.h"

namespace r1v {

namespace {

struct Story {
  std::vector<std::string> tellings;
  int answer = 0;
  std::string steps;
  int slip = 0;
  std::string mistake;
  Json scene;
};

struct Cast {
  std::string anna, ben;  // two different names
  std::string apples;
};

Cast choose_cast(Draft& draft) {
  std::vector<std::string> names(kNames.begin(), kNames.end());
  draft.rng.shuffle(names);
  return {names[0], names[1], draft.rng.pick(kFruits)};
}

Story gain(const Cast& cast, int a, int b) {
  return {{cat(cast.anna, " has ", a, " ", cast.apples, " and gets ", b, " more. How many ", cast.apples, " does ",
               cast.anna, " have now?"),
           cat(cast.anna, " has ", a, " ", cast.apples, " and ", cast.ben, " has ", b, ". How many ", cast.apples,
               " do they have together?")},
          a + b,
          "Add. " + worked_sum(a, b),
          std::abs(a - b),
          "took away instead of adding",
          {{"story", "gain"}, {"numbers", {a, b}}}};
}

Story loss(const Cast& cast, int a, int b) {
  return {{cat(cast.anna, " has ", a, " ", cast.apples, " and gives ", b, " to ", cast.ben, ". How many ", cast.apples,
               " are left?"),
           cat("There are ", a, " ", cast.apples, " in a box. ", cast.anna, " eats ", b, ". How many are left?")},
          a - b,
          "Take away. " + worked_difference(a, b),
          a + b,
          "added instead of taking away",
          {{"story", "loss"}, {"numbers", {a, b}}}};
}

Story groups(const Cast& cast, int a, int b) {
  return {
      {cat(cast.anna, " has ", a, " boxes with ", b, " ", cast.apples, " each. How many ", cast.apples, " are there?"),
       cat("One box holds ", b, " ", cast.apples, ". How many ", cast.apples, " are in ", a, " boxes?")},
      a * b,
      "Multiply. " + worked_product(a, b),
      a + b,
      "added instead of multiplying",
      {{"story", "groups"}, {"numbers", {a, b}}}};
}

Story share(const Cast& cast, int each, int people) {
  return {{cat(people, " children share ", each * people, " ", cast.apples, " equally. How many does each child get?"),
           cat(cast.anna, " puts ", each * people, " ", cast.apples, " into ", people,
               " boxes, the same number in each. How many are in one box?")},
          each,
          "Divide. " + worked_quotient(each * people, people),
          each * people - people,
          "took away instead of dividing",
          {{"story", "share"}, {"numbers", {each * people, people}}}};
}

Story groups_and_loss(const Cast& cast, int boxes, int each, int eaten) {
  const int all = boxes * each;
  return {{cat(cast.anna, " has ", boxes, " boxes with ", each, " ", cast.apples, " each and eats ", eaten,
               ". How many are left?")},
          all - eaten,
          cat(worked_product(boxes, each), ". ", worked_difference(all, eaten)),
          all,
          "forgot those eaten",
          {{"story", "groups and loss"}, {"numbers", {boxes, each, eaten}}}};
}

Story times_as_many(const Cast& cast, int first, int factor) {
  const int second = first * factor;
  return {{cat(cast.anna, " has ", first, " ", cast.apples, ". ", cast.ben, " has ", factor,
               " times as many. How many do they have together?")},
          first + second,
          cat(cast.ben, " has ", worked_product(first, factor), ". ", worked_sum(second, first)),
          second,
          "gave only the second number",
          {{"story", "times as many"}, {"numbers", {first, factor}}}};
}

Story more_than(const Cast& cast, int first, int more) {
  const int second = first + more;
  return {{cat(cast.anna, " has ", first, " ", cast.apples, ". ", cast.ben, " has ", more, " more than ", cast.anna,
               ". How many do they have together?")},
          first + second,
          cat(cast.ben, " has ", worked_sum(first, more), ". ", worked_sum(second, first)),
          second,
          "gave only the second number",
          {{"story", "more than"}, {"numbers", {first, more}}}};
}

Story change(const Cast& cast, int price, int count, int note) {
  const int cost = price * count;
  return {{cat("One of the ", cast.apples, " costs ", price, " cents. ", cast.anna, " buys ", count, " and pays with ",
               note, " cents. How many cents come back?")},
          note - cost,
          cat(worked_product(price, count), ". ", worked_difference(note, cost)),
          cost,
          "gave the price",
          {{"story", "change"}, {"numbers", {price, count, note}}}};
}

Story two_prices(const Cast& cast, int first_price, int first_count, int second_price, int second_count) {
  const int first = first_price * first_count, second = second_price * second_count;
  return {{cat(cast.anna, " buys ", first_count, " melons at ", first_price, " cents each and ", second_count, " ",
               cast.apples, " at ", second_price, " cents each. How many cents is that in total?")},
          first + second,
          cat(worked_product(first_price, first_count), ". ", worked_product(second_price, second_count), ". ",
              worked_sum(first, second)),
          first,
          "left out the second purchase",
          {{"story", "two prices"}, {"numbers", {first_price, first_count, second_price, second_count}}}};
}

Story share_rest(const Cast& cast, int boxes, int each, int eaten, int people) {
  const int all = boxes * each, rest = all - eaten;
  return {{cat(cast.anna, " has ", boxes, " boxes with ", each, " ", cast.apples, " each. ", eaten, " are bad. ",
               people, " children share the rest equally. How many does each child get?")},
          rest / people,
          cat(worked_product(boxes, each), ". ", worked_difference(all, eaten), ". ", worked_quotient(rest, people)),
          rest,
          "forgot to share",
          {{"story", "share rest"}, {"numbers", {boxes, each, eaten, people}}}};
}

Story plan(Draft& draft) {
  const auto n = [&](int low, int high) { return draft.number(low, high); };
  Cast cast = choose_cast(draft);
  const int kind = n(0, 2);
  switch (draft.task.level) {
    case 1:
      if (kind == 0) return gain(cast, n(2, 15), n(2, 9));
      return kind == 1 ? loss(cast, n(10, 20), n(1, 9)) : groups(cast, n(2, 5), n(2, 9));
    case 2:
      if (kind == 0) return gain(cast, n(11, 60), n(11, 39));
      return kind == 1           ? loss(cast, n(40, 99), n(11, 39))
             : draft.chance(0.5) ? groups(cast, n(2, 9), n(4, 15))
                                 : share(cast, n(2, 9), n(2, 9));
    case 3:
      if (kind == 0) return groups_and_loss(cast, n(2, 9), n(5, 12), n(1, 9));
      return kind == 1 ? times_as_many(cast, n(3, 15), n(2, 5)) : more_than(cast, n(11, 40), n(3, 20));
    case 4:
      if (kind == 0) return change(cast, n(11, 30), n(2, 6), 200);
      return kind == 1 ? groups_and_loss(cast, n(3, 9), n(11, 25), n(11, 30)) : times_as_many(cast, n(15, 40), n(3, 6));
    default:
      break;
  }
  if (cast.apples == "melons") cast.apples = "nuts";
  if (kind == 0) return two_prices(cast, n(21, 60), n(2, 6), n(11, 30), n(2, 9));
  const int people = n(2, 6), boxes = n(3, 9), each = n(6, 15);
  const int rest = boxes * each % people;
  return kind == 1 ? change(cast, n(31, 80), n(3, 6), 500)
                   : share_rest(cast, boxes, each, rest == 0 ? people : rest, people);
}

}  // namespace

Task make_text_word_problem(uint64_t seed, int level, Split) {
  Draft draft("text_word_problem", seed, level);
  const Story story = plan(draft);
  draft.task.scene = story.scene;
  draft.ask(story.tellings, story.answer);
  draft.task.solution = story.steps + ".";
  draft.slip(story.slip, story.mistake);
  draft.slip(story.answer + 10, "made a mistake in the tens");
  draft.slip(story.answer + 1, "off by one");
  return draft.task;
}

}  // namespace r1v
