#include "app/report/transcribe_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/report/number_text.h"
#include "app/report/sequence_sections.h"
#include "base/counted.h"

namespace carousel::report {

namespace {

constexpr std::size_t kMistakes = 30;
constexpr double kDeviations = 2.5;  // of scaled features, at which colours end

std::string percent(double share) { return std::isnan(share) ? "–" : fmt::format("{:.2f}", 100 * share); }

const TranscribeScore& best_baseline(const TranscribeEvaluation& evaluation) {
  return *std::ranges::min_element(evaluation.baselines, {},
                                   [](const TranscribeScore& s) { return s.labels.rate(); });
}

Verdict verdict(const TranscribeEvaluation& evaluation) {
  const TranscribeScore& baseline = best_baseline(evaluation);
  const std::string figures =
      fmt::format("Symbol errors on the test part: {} % for the network, {} % for the best baseline, {}.",
                  percent(evaluation.model.labels.rate()), percent(baseline.labels.rate()), baseline.name);
  if (evaluation.diverged)
    return {false, "No usable score.", "The network's outputs are not finite numbers."};
  return evaluation.beats_baselines ? Verdict{true, "Better than every baseline.", figures}
                                    : Verdict{false, "Does not beat the baseline.", figures};
}

Section scores(const TranscribeEvaluation& evaluation) {
  Section section{"Scores", {}, {}, {}, {}};
  const EditCounts& counts = evaluation.model.labels.counts();
  section.paragraphs.push_back(
      fmt::format("Judged on {} of the test part, {}: {} were substituted, {} missing, {} too many.",
                  counted(evaluation.sequences, "sequence", "sequences"),
                  counted(counts.reference(), "symbol", "symbols"), grouped(counts.substitutions),
                  grouped(counts.deletions), grouped(counts.insertions)));
  Table table{
      "An error rate is the fewest substitutions, insertions and deletions that lead from what was read to "
      "what "
      "is said, over what is said. ★ is the best of its column.",
      {{""}, {"symbol errors (%)", true}, {"word errors (%)", true}, {"texts with any (%)", true}},
      {},
      0};
  std::vector<TranscribeScore> all{evaluation.model};
  all.front().name = "network";
  all.insert(all.end(), evaluation.baselines.begin(), evaluation.baselines.end());
  double best = all.front().labels.rate();
  for (const TranscribeScore& score : all) best = std::min(best, score.labels.rate());
  for (const TranscribeScore& score : all)
    table.rows.push_back({{score.name},
                          {percent(score.labels.rate()), score.labels.rate() == best},
                          {percent(score.words.rate())},
                          {percent(score.labels.sequence_rate())}});
  section.tables.push_back(std::move(table));
  if (evaluation.keywords.empty()) return section;
  Table keywords{
      fmt::format(
          "Keywords, found where their score is at least {}, the best threshold on the validation part.",
          number_text(evaluation.threshold)),
      {{"keyword"}, {"there", true}, {"precision (%)", true}, {"recall (%)", true}, {"F1", true}},
      {},
      {}};
  for (const KeywordScore& one : evaluation.keywords)
    keywords.rows.push_back({{one.keyword},
                             {grouped(one.counts.hits + one.counts.misses)},
                             {percent(one.counts.precision())},
                             {percent(one.counts.recall())},
                             {std::isnan(one.counts.f1()) ? "–" : number_text(one.counts.f1())}});
  section.tables.push_back(std::move(keywords));
  return section;
}

/// Where a step lies on the axis of time.
struct TimeAxis {
  double step_seconds;
  Axis axis() const { return step_seconds > 0 ? Axis{"time (s)"} : Axis{"step", Scale::whole}; }
  double at(double step) const { return step_seconds > 0 ? step * step_seconds : step + 1; }
};

/// What went in, features from low to high up the picture.
Chart heard(const TranscriptPicture& picture, const TimeAxis& time) {
  HeatMap map;
  map.x = time.axis();
  map.y = {time.step_seconds > 0 ? "band, high to low" : "feature", Scale::whole};
  map.value_title = "deviations";
  map.low = -kDeviations;
  map.high = kDeviations;
  map.ramp = Ramp::diverging;
  map.rows = picture.features;
  for (std::size_t t = 0; t < picture.steps; ++t) map.columns.push_back(time.at(static_cast<double>(t)));
  const bool turned = time.step_seconds > 0;
  for (std::size_t f = 0; f < picture.features; ++f)
    for (std::size_t t = 0; t < picture.steps; ++t) {
      const std::size_t row = turned ? picture.features - 1 - f : f;
      map.values.push_back(static_cast<double>(picture.x[t * picture.features + row]));
    }
  return {fmt::format("{}: says “{}”", picture.transcript.example, picture.transcript.truth),
          "What the network is given, each feature in deviations from its mean.", true, std::move(map)};
}

/// What it reads there, over the same time: a row for each symbol that was read, and one for the blank. Of
/// frames that share a column the highest probability, so that what was said in one of them is seen.
Chart read(const TranscriptPicture& picture, const TimeAxis& time) {
  HeatMap map;
  map.x = time.axis();
  map.y = {"symbol", Scale::whole};
  map.value_title = "probability";
  map.rows = picture.names.size();
  map.row_names = picture.names;
  const std::size_t together = (picture.frames - 1) / kMaxHeatMapSide + 1;
  const double stretch = static_cast<double>(picture.steps) / static_cast<double>(picture.frames);
  for (std::size_t t = 0; t < picture.frames; t += together)
    map.columns.push_back(time.at(static_cast<double>(t) * stretch));
  for (const std::vector<double>& curve : picture.outputs)
    for (std::size_t t = 0; t < picture.frames; t += together)
      map.values.push_back(*std::max_element(
          curve.begin() + static_cast<std::ptrdiff_t>(t),
          curve.begin() + static_cast<std::ptrdiff_t>(std::min(t + together, picture.frames))));
  return {fmt::format("reads “{}”", picture.transcript.text),
          "Where each symbol is read, and where the network says nothing (blank).", true, std::move(map)};
}

/// Of a transducer: how much of the text it has written by when.
Chart written(const TranscriptPicture& picture, const TimeAxis& time) {
  LineChart plot;
  plot.x = time.axis();
  plot.y = {"symbols written", Scale::whole};
  Line line{"symbols", {time.at(0)}, {0}, Colour::model, Stroke::solid_with_points};
  for (const ReadSymbol& symbol : picture.transcript.symbols) {
    plot.markers.push_back({time.at(static_cast<double>(symbol.begin)), symbol.symbol});
    line.x.push_back(plot.markers.back().x);
    line.y.push_back(static_cast<double>(plot.markers.size()));
  }
  line.x.push_back(time.at(static_cast<double>(picture.steps)));
  line.y.push_back(line.y.back());
  plot.lines.push_back(std::move(line));
  return {fmt::format("reads “{}”", picture.transcript.text), "When each symbol is written.", true,
          std::move(plot)};
}

/// The text under what it was read from.
Section pictures(const TranscribeEvaluation& evaluation) {
  Section section{"What it hears and reads", {}, {}, {}, {}};
  const TimeAxis time{evaluation.step_seconds};
  for (const TranscriptPicture& picture : evaluation.pictures) {
    section.charts.push_back(heard(picture, time));
    section.charts.push_back(picture.frames == 0 ? written(picture, time) : read(picture, time));
  }
  return section;
}

Section mistakes(const TranscribeEvaluation& evaluation) {
  Section section{"Mistakes", {}, {}, {}, {}};
  std::vector<const Transcript*> wrong;
  for (const Transcript& one : evaluation.transcripts)
    if (one.edits.distance() > 0) wrong.push_back(&one);
  if (wrong.empty()) return section;
  std::ranges::stable_sort(wrong, std::ranges::greater(),
                           [](const Transcript* t) { return t->edits.distance(); });
  Table table{"The worst first.", {{"sequence"}, {"says"}, {"read"}, {"errors", true}}, {}, {}};
  for (std::size_t i = 0; i < std::min(wrong.size(), kMistakes); ++i)
    table.rows.push_back(
        {{wrong[i]->example}, {wrong[i]->truth}, {wrong[i]->text}, {grouped(wrong[i]->edits.distance())}});
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace

Report transcribe_page(const TranscribePage& page) {
  const TranscribeEvaluation& evaluation = page.evaluation;
  Report report;
  report.title = page.run_name;
  report.summary =
      fmt::format("This network writes down what sequences like those of {} say.", evaluation.data);
  report.verdict = verdict(evaluation);
  report.sections.push_back(scores(evaluation));
  report.sections.push_back(pictures(evaluation));
  report.sections.push_back(mistakes(evaluation));
  report.sections.push_back(training_section(page.history));
  report.sections.push_back(provenance_section(page.model_metadata));
  return report;
}

}  // namespace carousel::report
