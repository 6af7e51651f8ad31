#include "app/report/language_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

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

/// In place, as a share of the largest.
void stretch(std::span<double> values) {
  double largest = 1e-9;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  for (double& value : values) value /= largest;
}

bool is_memory(const LanguageRecording& recording) {
  return recording.quantity == "c" || recording.quantity == "h";
}

/// The cell states, or what stands in their place, over the text.
Section inside(const LanguageEvaluation& evaluation) {
  Section section{"Inside the network", {}, {}, {}, {}};
  const std::size_t columns = evaluation.excerpt.size();
  for (const LanguageRecording& recording : evaluation.recordings) {
    if (!is_memory(recording)) continue;
    for (const std::size_t row : liveliest(recording, columns)) {
      const auto values = std::span(recording.values).subspan(row * columns, columns);
      section.texts.push_back({fmt::format("{}, {}, unit {}", recording.layer, recording.quantity, row + 1),
                               "",
                               evaluation.excerpt,
                               {values.begin(), values.end()}});
      stretch(section.texts.back().values);
    }
  }
  if (!section.texts.empty())
    section.paragraphs.push_back(
        "What single units remember while the network reads: blue above zero, orange below, as a share of "
        "the unit's "
        "largest value. Shown are those of each layer that change most.");
  return section;
}

/// A gate of one layer, open at 1 and shut at 0.
struct Gate {
  std::string name;
  const LanguageRecording* recording;
};

using GateNames = std::vector<std::pair<std::string, std::string>>;  // of the quantity, of the gate

/// Those of so many that the layer has; what lies outside 0 and 1 opens and shuts nothing, as exponential
/// gates.
std::vector<Gate> gates_named(std::span<const LanguageRecording> layer, const GateNames& names) {
  std::vector<Gate> gates;
  for (const auto& [quantity, name] : names) {
    const auto found = std::ranges::find(layer, quantity, &LanguageRecording::quantity);
    if (found != layer.end() && std::ranges::all_of(found->values, [](double v) { return v >= 0 && v <= 1; }))
      gates.push_back({name, &*found});
  }
  return gates;
}

/// In an lstm wired by hand the letter of a GRU's update gate is another thing.
std::vector<Gate> gates_of(std::span<const LanguageRecording> layer) {
  const std::vector<Gate> gates =
      gates_named(layer, {{"i", "input gate"}, {"f", "forget gate"}, {"o", "output gate"}});
  if (!gates.empty() || std::ranges::any_of(layer, is_memory)) return gates;
  return gates_named(layer, {{"z", "update gate"}, {"r", "reset gate"}});
}

/// Of all units, how far a gate is more open than on the average of the text.
std::vector<double> mean_gate(const LanguageRecording& gate, std::size_t columns) {
  std::vector<double> values(columns);
  for (std::size_t row = 0; row < gate.rows; ++row)
    for (std::size_t t = 0; t < columns; ++t) values[t] += gate.values[row * columns + t];
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(columns);
  for (double& value : values) value -= mean;
  stretch(values);
  return values;
}

/// Of the unit with this row of so many: cells of a block share their gates.
std::vector<double> unit_gate(const LanguageRecording& gate, std::size_t row, std::size_t rows,
                              std::size_t columns) {
  const auto values = std::span(gate.values).subspan(row * gate.rows / rows * columns, columns);
  std::vector<double> shares;
  for (const double value : values) shares.push_back(2 * value - 1);
  return shares;
}

ChoiceText gate_text(std::span<const LanguageRecording> layer, const std::vector<Gate>& gates,
                     const std::vector<std::string>& excerpt) {
  ChoiceText text{layer.front().layer, "", "units", excerpt, {}, {{"mean of all", {}}}};
  const auto add = [](ChoiceText::Choice& choice, const std::vector<double>& row) {
    choice.values.insert(choice.values.end(), row.begin(), row.end());
  };
  for (const auto& [name, gate] : gates) {
    text.rows.push_back(name);
    add(text.choices.front(), mean_gate(*gate, excerpt.size()));
  }
  const auto memory = std::ranges::find_if(layer, is_memory);
  const LanguageRecording& units = memory == layer.end() ? *gates.front().recording : *memory;
  for (const std::size_t row : liveliest(units, excerpt.size())) {
    text.choices.push_back({fmt::format("unit {}", row + 1), {}});
    for (const Gate& gate : gates)
      add(text.choices.back(), unit_gate(*gate.recording, row, units.rows, excerpt.size()));
  }
  return text;
}

Section gates(const LanguageEvaluation& evaluation) {
  Section section{"Its gates over the text", {}, {}, {}, {}};
  for (auto begin = evaluation.recordings.begin(); begin != evaluation.recordings.end();) {
    const auto end = std::find_if(begin, evaluation.recordings.end(), [&](const LanguageRecording& other) {
      return other.layer != begin->layer;
    });
    const std::span<const LanguageRecording> layer(begin, end);
    const std::vector<Gate> open = gates_of(layer);
    if (!open.empty()) section.choice_texts.push_back(gate_text(layer, open, evaluation.excerpt));
    begin = end;
  }
  if (!section.choice_texts.empty())
    section.paragraphs.push_back(
        "How far gates are open at each piece that the network reads. Of a unit: blue is open, orange is "
        "shut, no colour is half open. Of the mean of all units: blue is more open than on the average of "
        "this text, orange less, as a share of the largest difference. The units are those of each layer "
        "that change most.");
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
  report.sections.push_back(gates(evaluation));
  report.sections.push_back(training_section(page.history));
  report.sections.push_back(provenance_section(page.model_metadata));
  return report;
}

}  // namespace carousel::report
