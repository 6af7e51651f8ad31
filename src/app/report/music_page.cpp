#include "app/report/music_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/report/number_text.h"
#include "app/report/sequence_sections.h"
#include "base/counted.h"

namespace carousel::report {

namespace {

constexpr std::size_t kPitchesShown = 12;  // of those that cost most

/// "C4" for 60: scientific pitch notation.
std::string note_name(std::size_t pitch) {
  static constexpr std::array<const char*, 12> kNames = {"C",  "C♯", "D",  "D♯", "E",  "F",
                                                         "F♯", "G",  "G♯", "A",  "A♯", "B"};
  return fmt::format("{}{}", kNames[pitch % 12], static_cast<int>(pitch / 12) - 1);
}

Verdict verdict(const MusicEvaluation& evaluation) {
  if (evaluation.diverged) return {false, "No usable score.", "The network's score is not a finite number."};
  const MusicScore& baseline = *std::ranges::min_element(evaluation.baselines, {}, &MusicScore::nats);
  const std::string figures =
      fmt::format("Nats a step on the test part: {} for the network, {} for the best baseline, {}.",
                  number_text(evaluation.model.nats), number_text(baseline.nats), baseline.name);
  return evaluation.beats_baselines ? Verdict{true, "Better than every baseline.", figures}
                                    : Verdict{false, "Does not beat the baseline.", figures};
}

Section scores(const MusicEvaluation& evaluation) {
  Section section{"Scores", {}, {}, {}, {}};
  section.paragraphs.push_back(fmt::format(
      "Of each of {} in {} it was to be told, from the steps before, which of {} keys sound. Nats are the "
      "sum "
      "over all keys of −log p of what each did, averaged over the steps. The accuracy counts keys that were "
      "held for likelier than not and sounded, by all that were held for that or sounded.",
      counted(evaluation.steps, "step", "steps"), counted(evaluation.pieces, "piece", "pieces"),
      evaluation.scores.size()));
  Table table{
      "The baselines count the training part: how often each key sounds, and how often it does behind a step "
      "in which it did, or did not. ★ is the best of its column.",
      {{""}, {"nats a step", true}, {"accuracy of notes", true}},
      {},
      0};
  std::vector<MusicScore> all{evaluation.model};
  all.front().name = "network";
  all.insert(all.end(), evaluation.baselines.begin(), evaluation.baselines.end());
  const double least = std::ranges::min(all, {}, &MusicScore::nats).nats,
               most = std::ranges::max(all, {}, &MusicScore::accuracy).accuracy;
  for (const MusicScore& score : all)
    table.rows.push_back({{score.name},
                          {number_text(score.nats), score.nats == least},
                          {fmt::format("{:.1f} %", 100 * score.accuracy), score.accuracy == most}});
  section.tables.push_back(std::move(table));
  return section;
}

/// The keys that sound in any of the pictures, and one more on either side.
struct KeyRange {
  std::size_t lowest, count;
};

KeyRange keys_shown(const MusicEvaluation& evaluation) {
  const std::size_t first = lowest_pitch(evaluation.keys), end = first + pitches(evaluation.keys);
  std::size_t low = end, high = first;
  for (const PitchSteps* steps : {&evaluation.excerpt, &evaluation.sample})
    for (const auto& step : *steps)
      for (const std::size_t pitch : step) low = std::min(low, pitch), high = std::max(high, pitch);
  if (low > high) return {first, end - first};
  low = std::max(first + 1, low) - 1;
  return {low, std::min(end, high + 2) - low};
}

/// value_of(step, pitch), the highest pitch at the top.
template <class ValueOf>
Chart roll_chart(std::string title, std::string note, std::size_t steps, const KeyRange& keys,
                 const ValueOf& value_of) {
  HeatMap map{{"step", Scale::whole}, {"pitch"}, "sounds", {}, keys.count, {}};
  for (std::size_t t = 0; t < steps; ++t) map.columns.push_back(static_cast<double>(t + 1));
  for (std::size_t row = 0; row < keys.count; ++row) {
    const std::size_t pitch = keys.lowest + keys.count - 1 - row;
    map.row_names.push_back(note_name(pitch));
    for (std::size_t t = 0; t < steps; ++t) map.values.push_back(value_of(t, pitch));
  }
  return {std::move(title), std::move(note), true, std::move(map)};
}

Section rolls(const MusicEvaluation& evaluation) {
  Section section{"What it writes, beside a real piece", {}, {}, {}, {}};
  const std::size_t steps = evaluation.sample.size();
  if (steps == 0) return section;
  const KeyRange keys = keys_shown(evaluation);
  const auto sounds = [](const PitchSteps& roll) {
    return [&roll](std::size_t t, std::size_t pitch) {
      return std::ranges::find(roll[t], pitch) != roll[t].end() ? 1.0 : 0.0;
    };
  };
  section.charts.push_back(roll_chart("What the network writes by itself",
                                      "Each note is drawn by itself at temperature 1, seed 0.", steps, keys,
                                      sounds(evaluation.sample)));
  section.charts.push_back(roll_chart("The beginning of a real piece", evaluation.excerpt_name, steps, keys,
                                      sounds(evaluation.excerpt)));
  section.charts.push_back(roll_chart(
      "What the network expected of it",
      "At each step from the real steps before it: the probability of each note.", steps, keys,
      [&](std::size_t t, std::size_t pitch) {
        return evaluation.expected[t * pitches(evaluation.keys) + pitch - lowest_pitch(evaluation.keys)];
      }));
  return section;
}

Section notes(const MusicEvaluation& evaluation) {
  Section section{"Note by note", {}, {}, {}, {}};
  Line network{"network", {}, {}, Colour::model, Stroke::solid},
      baseline{"best baseline", {}, {}, Colour::second, Stroke::dashed};
  for (const PitchScore& score : evaluation.scores) {
    network.x.push_back(score.pitch);
    baseline.x.push_back(score.pitch);
    network.y.push_back(score.model);
    baseline.y.push_back(score.best_baseline);
  }
  section.charts.push_back({"What each pitch costs", "Its share of the nats a step; 60 is middle C.", true,
                            LineChart{{"pitch", Scale::whole}, {"nats"}, {}, {network, baseline}, {}}});
  Table table{"The pitches that cost most.",
              {{"note"},
               {"pitch", true},
               {"steps in which it sounds", true},
               {"nats", true},
               {"best baseline", true}},
              {},
              {}};
  std::vector<PitchScore> order = evaluation.scores;
  std::ranges::stable_sort(order, std::ranges::greater(), &PitchScore::model);
  for (const PitchScore& score : std::span(order).first(std::min(order.size(), kPitchesShown)))
    table.rows.push_back({{note_name(score.pitch)},
                          {fmt::format("{}", score.pitch)},
                          {fmt::format("{:.1f} %", 100.0 * static_cast<double>(score.steps) /
                                                       static_cast<double>(evaluation.steps))},
                          {number_text(score.model)},
                          {number_text(score.best_baseline)}});
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace

Report music_page(const MusicPage& page) {
  const MusicEvaluation& evaluation = page.evaluation;
  Report report;
  report.title = page.run_name;
  report.summary =
      fmt::format("This network writes music like {}, one step after the other.", page.settings.data);
  report.verdict = verdict(evaluation);
  report.sections = {scores(evaluation), rolls(evaluation), notes(evaluation), training_section(page.history),
                     provenance_section(page.model_metadata)};
  return report;
}

}  // namespace carousel::report
