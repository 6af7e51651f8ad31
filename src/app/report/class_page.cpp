#include "app/report/class_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/report/number_text.h"
#include "app/report/sequence_sections.h"
#include "base/counted.h"

namespace carousel::report {

namespace {

constexpr std::size_t kClassesListed = 100;

std::string percent(double share) { return std::isnan(share) ? "–" : fmt::format("{:.2f}", 100 * share); }

const ClassScore& best_baseline(const ClassEvaluation& evaluation) {
  return *std::ranges::max_element(evaluation.baselines, {}, &ClassScore::accuracy);
}

Verdict verdict(const ClassEvaluation& evaluation) {
  const ClassScore& baseline = best_baseline(evaluation);
  const std::string figures =
      fmt::format("Right on the test part: {} % for the network, {} % for the best baseline, {}.",
                  percent(evaluation.model.accuracy), percent(baseline.accuracy), baseline.name);
  if (evaluation.diverged) return {false, "No usable score.", "The network's score is not a finite number."};
  return evaluation.beats_baselines ? Verdict{true, "Better than every baseline.", figures}
                                    : Verdict{false, "Does not beat the baseline.", figures};
}

Table score_table(const ClassEvaluation& evaluation) {
  Table table{"Macro F1 is the mean of the classes' F1. ★ is the best of its column.",
              {{""}, {"right (%)", true}, {"macro F1", true}},
              {},
              0};
  std::vector<ClassScore> all{evaluation.model};
  all.front().name = "network";
  all.insert(all.end(), evaluation.baselines.begin(), evaluation.baselines.end());
  const double accuracy = std::ranges::max(all, {}, &ClassScore::accuracy).accuracy,
               f1 = std::ranges::max(all, {}, &ClassScore::macro_f1).macro_f1;
  for (const ClassScore& score : all)
    table.rows.push_back({{score.name},
                          {percent(score.accuracy), score.accuracy == accuracy},
                          {number_text(score.macro_f1), score.macro_f1 == f1}});
  return table;
}

Table class_table(const ClassEvaluation& evaluation) {
  Table table{
      "Of each class: how often it was there; how often what was taken for it was it (precision), and it was "
      "taken for it (recall).",
      {{"class"}, {"there", true}, {"precision (%)", true}, {"recall (%)", true}, {"F1", true}},
      {},
      {}};
  for (std::size_t k = 0; k < std::min(evaluation.classes.size(), kClassesListed); ++k) {
    const DetectionCounts counts = evaluation.confusion.of_class(k);
    table.rows.push_back({{evaluation.classes[k]},
                          {grouped(counts.hits + counts.misses)},
                          {percent(counts.precision())},
                          {percent(counts.recall())},
                          {std::isnan(counts.f1()) ? "–" : number_text(counts.f1())}});
  }
  return table;
}

Section scores(const ClassEvaluation& evaluation) {
  Section section{"Scores", {}, {}, {}, {}};
  const bool steps = evaluation.job == SequenceJob::label;
  std::string text =
      fmt::format("Judged on {} of the test part", counted(evaluation.examples, "sequence", "sequences"));
  if (steps) text += fmt::format(", {}", counted(evaluation.judged, "step", "steps"));
  text += fmt::format(". The true class cost {} nats a {} on average.", number_text(evaluation.nats),
                      steps ? "step" : "sequence");
  if (!std::isnan(evaluation.roc_auc))
    text += fmt::format(" The area under the ROC curve is {}{}.", number_text(evaluation.roc_auc),
                        evaluation.classes.size() > 2 ? ", the mean of each class against all others" : "");
  if (evaluation.unknown > 0)
    text += fmt::format(" {} are of classes that training never saw and count as wrong.",
                        grouped(evaluation.unknown));
  if (!evaluation.left_out.empty())
    text += fmt::format(" {} left out.",
                        counted(evaluation.left_out.size(), "bad example was", "bad examples were"));
  section.paragraphs.push_back(std::move(text));
  section.tables.push_back(score_table(evaluation));
  section.tables.push_back(class_table(evaluation));
  return section;
}

/// A row for each true class, in shares of it.
Section confusion(const ClassEvaluation& evaluation) {
  const std::size_t K = evaluation.confusion.classes();
  HeatMap map;
  map.x = {"taken for", Scale::whole};
  map.y = {"class", Scale::whole};
  map.value_title = "share of the class (%)";
  map.rows = K;
  map.high = 100;
  for (std::size_t truth = 0; truth < K; ++truth) {
    map.columns.push_back(static_cast<double>(truth + 1));
    const DetectionCounts counts = evaluation.confusion.of_class(truth);
    const double there = static_cast<double>(std::max<std::uint64_t>(counts.hits + counts.misses, 1));
    for (std::size_t predicted = 0; predicted < K; ++predicted)
      map.values.push_back(100 * static_cast<double>(evaluation.confusion.count(truth, predicted)) / there);
  }
  map.column_names = map.row_names = evaluation.classes;
  return {"What is taken for what",
          {},
          {},
          {{"Confusion matrix",
            "Each row is a class, the cells say what its examples were taken for; right ones lie on the "
            "diagonal.",
            true, std::move(map)}},
          {}};
}

Section mistakes(const ClassEvaluation& evaluation) {
  Section section{"Mistakes", {}, {}, {}, {}};
  if (evaluation.mistakes.empty()) return section;
  const bool steps = evaluation.job == SequenceJob::label;
  Table table{"The ones that the network was surest of.",
              {{"example"}, {"is"}, {"taken for"}, {"probability it gave (%)", true}},
              {},
              {}};
  for (const ClassMistake& mistake : evaluation.mistakes)
    table.rows.push_back(
        {{steps ? fmt::format("{}, step {}", mistake.example, mistake.step) : mistake.example},
         {mistake.truth},
         {mistake.predicted},
         {percent(mistake.probability)}});
  section.tables.push_back(std::move(table));
  return section;
}

/// Truth and answer, a piece a step, one under the other.
Section strips(const ClassEvaluation& evaluation) {
  Section section{"Along the sequence", {}, {}, {}, {}};
  for (const LabelStrip& strip : evaluation.strips) {
    ColouredText text{
        strip.example,
        "Above what is there, below what the network says: blue where it is right, orange where it is wrong, "
        "the stronger the surer it is.",
        {},
        {}};
    constexpr std::size_t kColumns = 100;
    const auto short_name = [](const std::string& name) {
      return name.size() <= 1 ? name : name.substr(0, 8) + " ";
    };
    for (std::size_t begin = 0; begin < strip.truth.size(); begin += kColumns) {
      const std::size_t end = std::min(begin + kColumns, strip.truth.size());
      const auto line = [&](const std::vector<std::string>& pieces, bool coloured) {
        for (std::size_t t = begin; t < end; ++t) {
          text.pieces.push_back(short_name(pieces[t]));
          const double sign = strip.truth[t] == strip.predicted[t] ? 1 : -1;
          text.values.push_back(coloured ? sign * strip.probability[t] : std::nan(""));
        }
        text.pieces.emplace_back("\n");
        text.values.push_back(std::nan(""));
      };
      if (!strip.symbols.empty()) line(strip.symbols, false);
      line(strip.truth, false);
      line(strip.predicted, true);
      text.pieces.emplace_back("\n");
      text.values.push_back(std::nan(""));
    }
    section.texts.push_back(std::move(text));
  }
  return section;
}

}  // namespace

Report class_page(const ClassPage& page) {
  const ClassEvaluation& evaluation = page.evaluation;
  Report report;
  report.title = page.run_name;
  report.summary =
      evaluation.job == SequenceJob::label
          ? fmt::format("This network labels every step of sequences like those of {}.", evaluation.data)
          : fmt::format("This network tells of sequences like those of {} what they are.", evaluation.data);
  report.verdict = verdict(evaluation);
  report.sections.push_back(scores(evaluation));
  report.sections.push_back(strips(evaluation));
  report.sections.push_back(confusion(evaluation));
  report.sections.push_back(mistakes(evaluation));
  report.sections.push_back(training_section(page.history));
  report.sections.push_back(provenance_section(page.model_metadata));
  return report;
}

}  // namespace carousel::report
