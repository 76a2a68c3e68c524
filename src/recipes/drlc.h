// Dynamic reasoning length control: the easier a question, the higher the repetition penalty of its answer.
#pragma once

#include <span>
#include <vector>

namespace r1v {

/// Weights of the formula; the paper does not publish them. With alpha = ln 2 the cap just binds.
struct PenaltyRule {
  double alpha = 0.6931471805599453;
  double beta = 1;   // of the text's score
  double gamma = 1;  // of the score of how text and pictures belong together

  void fields(auto& field) {
    field("alpha", alpha, "how steeply the penalty rises; ln 2 lets it run from 1 (hardest) to 2 (easiest)");
    field("beta", beta, "weight of the text's score beside the picture's");
    field("gamma", gamma, "weight of the score of text and picture together");
  }
};

/// (x - least) / (most - least); where all are equal they say nothing: 0.5 each.
std::vector<double> min_max(std::span<const double> values);

/// min(2, exp(alpha (1 - (Sv + beta St + gamma SI) / (1 + beta + gamma)))) of scores that min_max has made.
/// source: arXiv 2504.05599, section 2.3.
double length_penalty(double visual, double textual, double integration, const PenaltyRule& rule);

}  // namespace r1v
