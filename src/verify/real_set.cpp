// Pieces are cut at all ends; complement and intersection give every other operation.
#include "verify/real_set.h"

#include <algorithm>

namespace r1v {
namespace {

using End = RealSet::End;
using Piece = RealSet::Piece;
using Values = std::map<std::string, Number>;

constexpr size_t kMaxPieces = 64;

End minus_infinity() { return {.infinity = -1}; }
End plus_infinity() { return {.infinity = 1}; }
End at(Number value, bool is_closed) { return {.value = std::move(value), .is_closed = is_closed}; }

class SetMaker {
 public:
  explicit SetMaker(const Arithmetic& arithmetic) : arithmetic_(arithmetic) {}

  std::optional<RealSet> from(const Answer& answer) const;
  RealSet unite(RealSet a, const RealSet& b) const;
  RealSet complement(const RealSet& set) const;
  RealSet intersect(const RealSet& a, const RealSet& b) const {
    return complement(unite(complement(a), complement(b)));
  }
  bool same_end(const End& a, const End& b) const { return compare(a, b) == 0 && a.is_closed == b.is_closed; }

 private:
  // Sign of a - b, whatever is closed.
  int compare(const End& a, const End& b) const {
    if (a.infinity != 0 || b.infinity != 0) return a.infinity - b.infinity;
    return arithmetic_.subtract(a.value, b.value).sign();
  }
  bool is_empty(const Piece& piece) const {
    const int order = compare(piece.low, piece.high);
    return order > 0 || (order == 0 && !(piece.low.is_closed && piece.high.is_closed));
  }
  std::optional<End> end_of(const Answer& answer, bool is_closed) const;
  std::optional<RealSet> from_list(const Answer& answer) const;
  std::optional<RealSet> from_relation(const Answer& answer) const;
  std::optional<RealSet> from_link(const Answer::Link& link, const std::string& name) const;

  const Arithmetic& arithmetic_;
};

// Sorted by their lower ends, pieces that meet become one.
RealSet SetMaker::unite(RealSet a, const RealSet& b) const {
  std::vector<Piece> all = std::move(a.pieces);
  all.insert(all.end(), b.pieces.begin(), b.pieces.end());
  if (all.size() > kMaxPieces) throw Undecidable{"a set of too many pieces"};
  std::erase_if(all, [&](const Piece& piece) { return is_empty(piece); });
  std::ranges::sort(all, [&](const Piece& x, const Piece& y) {
    const int order = compare(x.low, y.low);
    return order < 0 || (order == 0 && x.low.is_closed && !y.low.is_closed);
  });
  RealSet out;
  for (Piece& piece : all) {
    const int gap = out.pieces.empty() ? 1 : compare(piece.low, out.pieces.back().high);
    const bool meets = gap < 0 || (gap == 0 && (piece.low.is_closed || out.pieces.back().high.is_closed));
    if (out.pieces.empty() || !meets) {
      out.pieces.push_back(std::move(piece));
      continue;
    }
    End& high = out.pieces.back().high;
    const int order = compare(piece.high, high);
    if (order > 0) high = piece.high;
    if (order == 0) high.is_closed = high.is_closed || piece.high.is_closed;
  }
  return out;
}

RealSet SetMaker::complement(const RealSet& set) const {
  RealSet out;
  End low = minus_infinity();
  for (const Piece& piece : set.pieces) {
    End high = piece.low;
    high.is_closed = high.infinity == 0 && !high.is_closed;
    Piece gap = {low, high};
    if (!is_empty(gap)) out.pieces.push_back(std::move(gap));
    low = piece.high;
    low.is_closed = low.infinity == 0 && !low.is_closed;
  }
  Piece rest = {low, plus_infinity()};
  if (!is_empty(rest)) out.pieces.push_back(std::move(rest));
  return out;
}

std::optional<End> SetMaker::end_of(const Answer& answer, bool is_closed) const {
  if (answer.form == Answer::Form::infinity) return answer.sign < 0 ? minus_infinity() : plus_infinity();
  if (!answer.is_constant()) return std::nullopt;
  return at(evaluate(answer.value, arithmetic_, {}), is_closed);
}

std::optional<RealSet> SetMaker::from_list(const Answer& answer) const {
  if (answer.open == '(' || answer.open == '[') {
    if (answer.items.size() != 2) return std::nullopt;
    const auto low = end_of(answer.items[0], answer.open == '[');
    const auto high = end_of(answer.items[1], answer.close == ']');
    if (!low || !high || low->infinity > 0 || high->infinity < 0) return std::nullopt;
    if (compare(*low, *high) > 0) return std::nullopt;  // a pair
    return unite({{{*low, *high}}}, {});
  }
  RealSet together;
  std::optional<RealSet> common;
  const bool are_relations =
      std::ranges::all_of(answer.items, [](const Answer& a) { return a.form == Answer::Form::relation; });
  for (const Answer& item : answer.items) {
    const auto set = from(item);
    if (!set) return std::nullopt;
    together = unite(std::move(together), *set);
    if (are_relations) common = common ? intersect(*common, *set) : *set;
  }
  // "x > 1, x < 4" means both, "x < 1, x > 4" can only mean either.
  const bool is_both = common && !answer.is_alternative && (answer.is_conjunction || !common->pieces.empty());
  return is_both ? common : together;
}

// left < right as right - left > 0, which is linear in the variable: three points show it, two give its root.
std::optional<RealSet> SetMaker::from_link(const Answer::Link& link, const std::string& name) const {
  const auto gap = [&](int64_t x) {
    const Values values = {{name, Number(x)}};
    return arithmetic_.subtract(evaluate(link.right, arithmetic_, values), evaluate(link.left, arithmetic_, values));
  };
  const Number at_zero = gap(0), slope = arithmetic_.subtract(gap(1), at_zero);
  const Number five_steps = arithmetic_.subtract(gap(5), at_zero);
  const bool is_linear = arithmetic_.subtract(five_steps, arithmetic_.multiply(Number(5), slope)).is_zero();
  const bool is_still = !is_linear || slope.is_zero();
  if (is_still ||
      !arithmetic_.subtract(gap(-7), arithmetic_.subtract(at_zero, arithmetic_.multiply(Number(7), slope))).is_zero()) {
    return std::nullopt;
  }
  const Number root = arithmetic_.negate(arithmetic_.divide(at_zero, slope));
  if (link.comparison == Answer::Comparison::unequal) return complement({{{at(root, true), at(root, true)}}});
  const bool is_closed = link.comparison == Answer::Comparison::less_or_equal;
  if (slope.sign() > 0) return RealSet{{{at(root, is_closed), plus_infinity()}}};
  return RealSet{{{minus_infinity(), at(root, is_closed)}}};
}

std::optional<RealSet> SetMaker::from_relation(const Answer& answer) const {
  std::set<std::string> names;
  for (const Answer::Link& link : answer.links) {
    names.insert(link.left.symbols.begin(), link.left.symbols.end());
    names.insert(link.right.symbols.begin(), link.right.symbols.end());
  }
  if (names.size() != 1) return std::nullopt;
  RealSet common{{{minus_infinity(), plus_infinity()}}};
  for (const Answer::Link& link : answer.links) {
    const auto set = from_link(link, *names.begin());
    if (!set) return std::nullopt;
    common = intersect(common, *set);
  }
  return common;
}

std::optional<RealSet> SetMaker::from(const Answer& answer) const {
  using Form = Answer::Form;
  if (answer.form == Form::list) return from_list(answer);
  if (answer.form == Form::relation) return from_relation(answer);
  if (answer.is_constant() ||
      (answer.form == Form::equation && answer.is_assignment() && answer.value.symbols.empty())) {
    const Number value = evaluate(answer.value, arithmetic_, {});
    return RealSet{{{at(value, true), at(value, true)}}};
  }
  if (answer.form != Form::set) return std::nullopt;
  if (answer.name == "R") return RealSet{{{minus_infinity(), plus_infinity()}}};
  if (answer.name == "empty") return RealSet{};
  if (answer.items.size() != 2) return std::nullopt;  // N, Z, Q, C
  const auto left = from(answer.items[0]), right = from(answer.items[1]);
  if (!left || !right) return std::nullopt;
  if (answer.name == "cup") return unite(*left, *right);
  return intersect(*left, answer.name == "cap" ? *right : complement(*right));
}

}  // namespace

std::optional<RealSet> real_set(const Answer& answer, const Arithmetic& arithmetic) {
  return SetMaker(arithmetic).from(answer);
}

bool same_set(const RealSet& a, const RealSet& b, const Arithmetic& arithmetic) {
  const SetMaker maker(arithmetic);
  return std::ranges::equal(a.pieces, b.pieces, [&](const Piece& x, const Piece& y) {
    return maker.same_end(x.low, y.low) && maker.same_end(x.high, y.high);
  });
}

}  // namespace r1v
