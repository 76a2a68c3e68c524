// How much of what an answer says it sees is not on the picture.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace r1v {

/// What one answer claims.
struct Claims {
  int64_t made = 0;
  int64_t wrong = 0;
};

/// A claim is one item of a list that follows "I see", up to the end of the sentence: "I see dates 4, kiwis 6" makes
/// two. Items stand between commas and semicolons. A heading with a colon ("second: circles 3") belongs to every item
/// behind it ("thu: anna 7" says what "anna: thu 7" says); one without ("dice 1, 3") to none. Where the transcript has
/// no colon, a colon ends the list, because steps follow it.
///
/// A claim is wrong when the transcript does not have the same item, or not so often. Order does not matter, and what
/// is left out is no claim. Conclusions ("So 7.") are none either: verify judges them.
Claims count_claims(const std::string& answer, const std::string& transcript);

/// Claims of many answers.
class ClaimRate {
 public:
  void add(const Claims& claims);

  int64_t answers() const { return answers_; }  // that make a claim
  int64_t silent() const { return silent_; }    // that make none
  int64_t made() const { return made_; }
  int64_t wrong() const { return wrong_; }
  int64_t answers_wrong() const { return answers_wrong_; }  // with at least one wrong claim
  double rate() const;
  /// 95 % of wrong claims among all. Claims of one answer are not independent: the Wilson interval is that of as many
  /// independent claims as have the same variance between answers, and of one an answer where there is none.
  std::pair<double, double> interval() const;

 private:
  int64_t answers_ = 0, silent_ = 0, made_ = 0, wrong_ = 0, answers_wrong_ = 0;
  double made_squares_ = 0, wrong_squares_ = 0, products_ = 0;  // over answers
};

}  // namespace r1v
