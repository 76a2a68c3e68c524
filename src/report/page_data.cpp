// Runs to JSON: curves thinned and summed up, options compared, samples judged, chosen and shortened.
#include "report/page_data.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <numeric>

#include "base/error.h"
#include "report/curve_kind.h"
#include "report/suspicion.h"

namespace r1v {
namespace {

// Six digits are more than a chart shows, and keep the page small.
double rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return std::strtod(text, nullptr);
}

Json rounded_list(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(rounded(value));
  return list;
}

Json step_list(const std::vector<double>& steps) {
  Json list = Json::array();
  for (const double step : steps) {
    const auto whole = static_cast<int64_t>(step);
    list.push_back(static_cast<double>(whole) == step ? Json(whole) : Json(step));
  }
  return list;
}

Json point_json(const CurvePoint& point) { return {rounded(point.value), point.step}; }

Json curve_json(const Curve& curve, size_t limit) {
  Json json = {{"not_finite", curve.not_finite.size()}, {"count", curve.points.size()}};
  std::vector<double> marks = curve.not_finite;
  while (marks.size() > limit) {  // every second one is as good a warning
    for (size_t i = 0; 2 * i < marks.size(); ++i) marks[i] = marks[2 * i];
    marks.resize((marks.size() + 1) / 2);
  }
  json["gaps"] = step_list(marks);
  const ThinCurve thin = thin_out(curve, limit);
  json["steps"] = step_list(thin.to);
  json["values"] = rounded_list(thin.mean);
  if (thin.to.size() < curve.points.size()) {
    json.update({{"from", step_list(thin.from)}, {"low", rounded_list(thin.low)}, {"high", rounded_list(thin.high)}});
  }
  if (curve.points.empty()) return json;
  const CurveSummary summary = summarize(curve);
  json.update({{"last", point_json(summary.last)},
               {"lowest", point_json(summary.lowest)},
               {"highest", point_json(summary.highest)},
               {"late_mean", rounded(summary.mean_of_last_tenth)}});
  return json;
}

const char* better_name(Better better) {
  return better == Better::higher ? "higher" : better == Better::lower ? "lower" : "";
}

// One entry for each name, with one curve or null for each run; by group, then in the order of first appearance.
Json curves_json(const std::vector<RunRecord>& runs, size_t limit) {
  std::vector<std::string> names;
  for (const RunRecord& run : runs) {
    for (const Curve& curve : run.curves) {
      if (std::ranges::find(names, curve.name) == names.end()) names.push_back(curve.name);
    }
  }
  std::ranges::stable_sort(names, {}, [](const std::string& name) { return curve_kind(name).rank; });
  Json list = Json::array();
  for (const std::string& name : names) {
    const CurveKind kind = curve_kind(name);
    Json entry = {{"name", name}, {"group", kind.group}, {"better", better_name(kind.better)}, {"runs", Json::array()}};
    for (const RunRecord& run : runs) {
      const auto curve = std::ranges::find(run.curves, name, &Curve::name);
      entry["runs"].push_back(curve == run.curves.end() ? Json() : curve_json(*curve, limit));
    }
    list.push_back(std::move(entry));
  }
  return list;
}

Json options_json(const std::vector<RunRecord>& runs) {
  std::vector<OptionLines> lines;
  for (const RunRecord& run : runs) lines.push_back(run.options);
  Json list = Json::array();
  for (const OptionRow& row : compare_options(lines)) {
    Json values = Json::array();
    for (const auto& value : row.values) values.push_back(value ? Json(*value) : Json());
    list.push_back({{"name", row.name}, {"values", values}, {"differs", row.differs}});
  }
  return list;
}

Json number_json(const std::optional<double>& value) { return value ? Json(rounded(*value)) : Json(); }

Json pairs_json(const std::vector<std::pair<std::string, std::string>>& pairs, size_t limit_bytes) {
  Json list = Json::array();
  for (const auto& [name, text] : pairs) list.push_back({name, shorten(text, limit_bytes)});
  return list;
}

Json sample_json(const SampleLine& sample, const Suspicion& suspicion, size_t limit_bytes) {
  Json signs = Json::array();
  for (const Sign& sign : suspicion.signs) signs.push_back({{"kind", sign_name(sign.kind)}, {"why", sign.why}});
  return {{"step", number_json(sample.step)},
          {"id", shorten(sample.id, 200)},
          {"question", shorten(sample.question, limit_bytes)},
          {"text", shorten(sample.text, limit_bytes)},
          {"scored", shorten(sample.scored, limit_bytes)},
          {"gold", shorten(sample.gold, 2000)},
          {"extracted", shorten(sample.extracted, 2000)},
          {"judged", sample.is_judged},
          {"reward", number_json(sample.reward)},
          {"accuracy", number_json(sample.accuracy)},
          {"format", number_json(sample.format)},
          {"advantage", number_json(sample.advantage)},
          {"length", number_json(sample.length)},
          {"reasons", pairs_json(sample.reasons, 500)},
          {"others", pairs_json(sample.others, 500)},
          {"suspicion", rounded(suspicion.score)},
          {"rank", rounded(suspicion.reward_rank)},
          {"signs", signs}};
}

// A sample of one of the runs, before it is decided whether the page shows it.
struct Candidate {
  size_t run, index;
  Suspicion suspicion;
};

std::vector<Candidate> all_candidates(const std::vector<RunRecord>& runs) {
  std::vector<Candidate> candidates;
  for (size_t run = 0; run < runs.size(); ++run) {
    std::vector<Suspicion> found = find_suspicious(runs[run].samples);
    for (size_t i = 0; i < found.size(); ++i) candidates.push_back({run, i, std::move(found[i])});
  }
  return candidates;
}

// The most suspicious samples get their pictures first.
void add_pictures(Json& samples, const std::vector<const SampleLine*>& shown, const std::vector<RunRecord>& runs,
                  const PageOptions& options, PictureShelf& shelf) {
  std::vector<size_t> order(shown.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::greater(), [&](size_t i) { return samples[i]["suspicion"].get<double>(); });
  for (const size_t i : order) {
    const auto& folder = runs[samples[i]["run"].get<size_t>()].folder;
    Json pictures = Json::array(), problems = Json::array();
    for (const std::string& path : shown[i]->pictures) {
      const PictureShelf::Place place = shelf.add(options.images_root.value_or(folder), path);
      if (place.index >= 0) pictures.push_back(place.index);
      if (place.index < 0) problems.push_back(place.problem);
    }
    samples[i].update({{"pictures", pictures}, {"picture_problems", problems}});
  }
}

void add_samples(Json& data, const std::vector<RunRecord>& runs, const PageOptions& options) {
  const std::vector<Candidate> candidates = all_candidates(runs);
  std::vector<double> scores;
  for (const Candidate& candidate : candidates) scores.push_back(candidate.suspicion.score);
  const auto limit = static_cast<size_t>(options.limits.samples);
  Json samples = Json::array();
  std::vector<const SampleLine*> shown;
  for (const size_t i : choose_samples(scores, limit)) {
    const Candidate& candidate = candidates[i];
    shown.push_back(&runs[candidate.run].samples[candidate.index]);
    samples.push_back(sample_json(*shown.back(), candidate.suspicion, options.limits.text_bytes));
    samples.back()["run"] = candidate.run;
  }
  PictureShelf shelf(options.limits.pictures);
  add_pictures(samples, shown, runs, options, shelf);
  if (candidates.size() > shown.size()) {
    data["notes"].push_back(cat("The page shows ", shown.size(), " of ", candidates.size(),
                                " samples: the most suspicious, and an even spread of the others (--samples)."));
  }
  std::vector<int64_t> num_suspicious(runs.size());
  for (const Candidate& candidate : candidates) num_suspicious[candidate.run] += candidate.suspicion.score > 0 ? 1 : 0;
  for (size_t run = 0; run < runs.size(); ++run) data["runs"][run]["suspicious"] = num_suspicious[run];
  data["samples"] = std::move(samples);
  data["pictures"] = shelf.urls();
}

Json run_json(const RunRecord& run) {
  std::optional<double> first, last, tokens;
  const auto meet = [&](double step) {
    first = std::min(first.value_or(step), step);
    last = std::max(last.value_or(step), step);
  };
  for (const Curve& curve : run.curves) {
    for (const double step : curve.not_finite) meet(step);
    for (const CurvePoint& point : curve.points) meet(point.step);
    if (curve.name != "tokens") continue;
    tokens = 0;
    for (const CurvePoint& point : curve.points) *tokens += point.value;
  }
  return {{"name", run.name},
          {"folder", run.folder.string()},
          {"first_step", number_json(first)},
          {"last_step", number_json(last)},
          {"lines", run.num_metric_lines},
          {"tokens", number_json(tokens)},
          {"samples", run.samples.size()},
          {"notes", run.notes}};
}

}  // namespace

std::vector<size_t> choose_samples(const std::vector<double>& scores, size_t limit) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (scores.size() <= limit) return order;
  std::ranges::stable_sort(order, std::greater(), [&](size_t i) { return scores[i]; });
  const auto half = static_cast<std::ptrdiff_t>((limit + 1) / 2);
  std::vector<size_t> chosen(order.begin(), order.begin() + half), rest(order.begin() + half, order.end());
  std::ranges::sort(rest);
  const size_t spread = limit - chosen.size();
  for (size_t i = 0; i < spread; ++i) chosen.push_back(rest[i * rest.size() / spread]);
  std::ranges::sort(chosen);
  return chosen;
}

std::string shorten(const std::string& text, size_t limit_bytes) {
  if (text.size() <= limit_bytes) return text;
  const auto is_inside = [&](size_t at) { return at < text.size() && (text[at] & 0xC0) == 0x80; };
  size_t head = limit_bytes / 2, tail = text.size() - limit_bytes / 2;
  while (head > 0 && is_inside(head)) --head;
  while (is_inside(tail)) ++tail;
  return cat(text.substr(0, head), " [... ", tail - head, " bytes left out ...] ", text.substr(tail));
}

Json page_data(const std::vector<RunRecord>& runs, const PageOptions& options) {
  Json data = {{"title", options.title}, {"runs", Json::array()}, {"notes", Json::array()}};
  for (const RunRecord& run : runs) data["runs"].push_back(run_json(run));
  data["curves"] = curves_json(runs, options.limits.stretches);
  data["options"] = options_json(runs);
  add_samples(data, runs, options);
  return data;
}

}  // namespace r1v
