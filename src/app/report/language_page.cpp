#include "app/report/language_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/report/number_text.h"
#include "app/report/sequence_sections.h"
#include "base/counted.h"

namespace carousel::report {

namespace {

constexpr double kWorstShown = 5;       // nats, at which a piece has the full colour
constexpr std::size_t kUnitsShown = 6;  // of each layer, whose states colour the text

const LanguageScore& best_baseline(const LanguageEvaluation& evaluation) {
  return *std::ranges::min_element(evaluation.baselines, {}, &LanguageScore::nats);
}

Verdict verdict(const LanguageEvaluation& evaluation) {
  const LanguageScore& baseline = best_baseline(evaluation);
  const std::string figures =
      fmt::format("Nats on the test part: {} for the network, {} for the best baseline, {}.",
                  number_text(evaluation.model.nats), number_text(baseline.nats), baseline.name);
  if (evaluation.diverged) return {false, "No usable score.", "The network's score is not a finite number."};
  return evaluation.beats_baselines ? Verdict{true, "Better than every baseline.", figures}
                                    : Verdict{false, "Does not beat the baseline.", figures};
}

Section scores(const LanguageEvaluation& evaluation) {
  const std::string unit(name(evaluation.unit));
  Section section{"Scores", {}, {}, {}, {}};
  section.paragraphs.push_back(fmt::format(
      "Each of {} of the test part was to be told from those before it. Of {:.1f} % the one that the network "
      "held for "
      "likeliest was right. {}",
      counted(evaluation.symbols, evaluation.unit), 100 * evaluation.accuracy,
      evaluation.unknown == 0 ? "" : fmt::format("{} were unknown to it.", grouped(evaluation.unknown))));
  Table table{
      "Nats and perplexity are of one " + unit +
          ". The baselines count what followed what in the training part. ★ is the best of its column.",
      {{""}, {"nats", true}, {"nats a character", true}, {"bits a character", true}, {"perplexity", true}},
      {},
      0};
  std::vector<LanguageScore> all{evaluation.model};
  all.front().name = "network";
  all.insert(all.end(), evaluation.baselines.begin(), evaluation.baselines.end());
  const double best = std::ranges::min(all, {}, &LanguageScore::nats).nats;
  for (const LanguageScore& score : all) {
    const bool is_best = score.nats == best;
    table.rows.push_back({{score.name},
                          {number_text(score.nats), is_best},
                          {number_text(score.nats_per_character), is_best},
                          {number_text(score.bits_per_character), is_best},
                          {number_text(score.perplexity), is_best}});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section surprise(const LanguageEvaluation& evaluation) {
  Section section{"Where it is surprised", {}, {}, {}, {}};
  ColouredText text{
      "The beginning of the test part",
      fmt::format("The stronger the colour, the less the network expected what stands there; full at {} "
                  "nats.",
                  kWorstShown),
      evaluation.excerpt,
      {}};
  for (const double loss : evaluation.losses) text.values.push_back(-loss / kWorstShown);
  section.texts.push_back(std::move(text));
  return section;
}

/// The rows that vary most.
std::vector<std::size_t> liveliest(const LanguageRecording& recording, std::size_t columns) {
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t row = 0; row < recording.rows; ++row) {
    const auto values = std::span(recording.values).subspan(row * columns, columns);
    double sum = 0, squares = 0;
    for (const double value : values) sum += value, squares += value * value;
    order.emplace_back(sum * sum / static_cast<double>(columns) - squares, row);
  }
  std::ranges::sort(order);
  std::vector<std::size_t> rows;
  for (const auto& [negative, row] : order)
    if (rows.size() < kUnitsShown) rows.push_back(row);
  return rows;
}

/// The cell states, or what stands in their place, over the text.
Section inside(const LanguageEvaluation& evaluation) {
  Section section{"Inside the network", {}, {}, {}, {}};
  const std::size_t columns = evaluation.excerpt.size();
  for (const LanguageRecording& recording : evaluation.recordings) {
    if (recording.quantity != "c" && recording.quantity != "h") continue;
    for (const std::size_t row : liveliest(recording, columns)) {
      ColouredText text{fmt::format("{}, {}, unit {}", recording.layer, recording.quantity, row + 1),
                        "",
                        evaluation.excerpt,
                        {}};
      const auto values = std::span(recording.values).subspan(row * columns, columns);
      double largest = 1e-9;
      for (const double value : values) largest = std::max(largest, std::abs(value));
      for (const double value : values) text.values.push_back(value / largest);
      section.texts.push_back(std::move(text));
    }
  }
  if (!section.texts.empty())
    section.paragraphs.push_back(
        "What single units remember while the network reads: blue above zero, orange below, as a share of "
        "the unit's "
        "largest value. Shown are those of each layer that change most.");
  return section;
}

}  // namespace

Report language_page(const LanguagePage& page) {
  const LanguageEvaluation& evaluation = page.evaluation;
  Report report;
  report.title = page.run_name;
  report.summary = fmt::format("This network writes text like {}, one {} after the other.",
                               page.settings.data, name(evaluation.unit));
  report.verdict = verdict(evaluation);
  report.sections.push_back(scores(evaluation));
  if (!evaluation.sample.empty())
    report.sections.push_back({"What it writes",
                               {},
                               {},
                               {},
                               {{"A sample", "Drawn at temperature 0.8, seed 0.", {evaluation.sample}, {}}}});
  report.sections.push_back(surprise(evaluation));
  report.sections.push_back(inside(evaluation));
  report.sections.push_back(training_section(page.history));
  report.sections.push_back(provenance_section(page.model_metadata));
  return report;
}

}  // namespace carousel::report
