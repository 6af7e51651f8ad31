#include "app/report/control_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "app/report/number_text.h"
#include "app/report/sequence_sections.h"
#include "base/counted.h"

namespace carousel::report {

namespace {

constexpr std::size_t kMostLines = 5;  // that one chart of what is seen, or done, may have

std::string percent(double share) { return number_text(100 * share) + " %"; }

Verdict verdict(const ControlEvaluation& evaluation) {
  if (evaluation.diverged) return {false, "No usable score.", "The network gives no finite numbers."};
  const ControlScore& best = *std::ranges::max_element(evaluation.baselines, {}, &ControlScore::mean);
  const std::string figures = fmt::format(
      "Mean return {} for the policy, {} for acting without looking ({}). {} of the episodes are solved.",
      number_text(evaluation.model.mean), number_text(best.mean), best.name,
      percent(evaluation.model.solved));
  return evaluation.beats_baselines ? Verdict{true, "Better than acting without looking.", figures}
                                    : Verdict{false, "No better than acting without looking.", figures};
}

Section scores(const ControlEvaluation& evaluation) {
  Section section{"Scores", {}, {}, {}, {}};
  section.paragraphs.push_back(
      fmt::format("{} that the policy was not trained on. The most that one can bring is {}.",
                  counted(evaluation.episodes, "episode", "episodes"), number_text(evaluation.best_return)));
  Table table{
      "A return is the sum of an episode's rewards. ★ is the best of its column.",
      {{""}, {"solved", true}, {"mean return", true}, {"deviation", true}, {"worst", true}, {"steps", true}},
      {},
      0};
  std::vector<ControlScore> all{evaluation.model};
  all.front().name = "policy";
  all.insert(all.end(), evaluation.baselines.begin(), evaluation.baselines.end());
  const auto best = [&](double ControlScore::*value) {
    double most = -HUGE_VAL;
    for (const ControlScore& score : all) most = std::fmax(most, score.*value);
    return most;
  };
  for (const ControlScore& score : all)
    table.rows.push_back({{score.name},
                          {percent(score.solved), score.solved == best(&ControlScore::solved)},
                          {number_text(score.mean), score.mean == best(&ControlScore::mean)},
                          {number_text(score.deviation)},
                          {number_text(score.worst), score.worst == best(&ControlScore::worst)},
                          {number_text(score.steps)}});
  section.tables.push_back(std::move(table));
  section.paragraphs.push_back(
      "What takes no learning: random does anything with the same chance, always does at every step the one "
      "thing that turns out best.");
  return section;
}

Colour colour_of(Tone tone) {
  switch (tone) {
    case Tone::ground:
      return Colour::quiet;
    case Tone::agent:
      return Colour::model;
    case Tone::thing:
      return Colour::second;
    case Tone::target:
      return Colour::third;
    case Tone::unseen:
      return Colour::quiet;
  }
  return Colour::quiet;
}

std::vector<Shape> shapes_of(const std::vector<DrawnShape>& drawn) {
  std::vector<Shape> shapes;
  for (const DrawnShape& one : drawn)
    shapes.push_back(
        {static_cast<Shape::Kind>(one.kind), colour_of(one.tone), one.x, one.y, one.to_x, one.to_y});
  return shapes;
}

std::string caption(const PlayedEpisode& played, std::size_t step, double so_far) {
  std::string text = fmt::format("step {}, return {}", step, number_text(so_far));
  if (step < played.done.size()) {
    std::vector<std::string> numbers;
    for (const float value : played.done[step]) numbers.push_back(number_text(value));
    text += fmt::format(", does {}", fmt::join(numbers, " "));
  }
  return text;
}

Chart animation(const PlayedEpisode& played) {
  Animation pictures{played.stage.left,
                     played.stage.bottom,
                     played.stage.right,
                     played.stage.top,
                     shapes_of(played.stage.shapes),
                     {},
                     {}};
  const std::size_t every = (played.frames.size() - 1) / kMaxFrames + 1;
  double so_far = 0;
  for (std::size_t step = 0; step < played.frames.size(); ++step) {
    if (step > 0) so_far += played.rewards[step - 1];
    if (step % every != 0) continue;
    pictures.frames.push_back(shapes_of(played.frames[step]));
    pictures.captions.push_back(caption(played, step, so_far));
  }
  return {"The episode", every == 1 ? "Step by step." : fmt::format("One step in {}.", every), true,
          std::move(pictures)};
}

/// Numbers of each step as lines, the first few of them.
Chart lines(std::string title, std::string note, const std::string& of,
            const std::vector<std::vector<float>>& rows) {
  LineChart plot{{"step", Scale::whole}, {of}, {}, {}, {}};
  constexpr Colour kColours[kMostLines] = {Colour::model, Colour::second, Colour::third, Colour::truth,
                                           Colour::quiet};
  const std::size_t width = rows.empty() ? 0 : rows.front().size();
  for (std::size_t i = 0; i < std::min(width, kMostLines); ++i) {
    Line line{fmt::format("{} {}", of, i + 1), {}, {}, kColours[i], Stroke::solid};
    for (std::size_t t = 0; t < rows.size(); ++t) {
      line.x.push_back(static_cast<double>(t));
      line.y.push_back(static_cast<double>(rows[t][i]));
    }
    plot.lines.push_back(std::move(line));
  }
  if (width > kMostLines) note += fmt::format(" The first {} of {}.", kMostLines, width);
  return {std::move(title), std::move(note), false, std::move(plot)};
}

Section played_section(const PlayedEpisode& played) {
  Section section{"An episode", {}, {}, {}, {}};
  if (played.frames.empty()) return section;
  section.paragraphs.push_back(
      fmt::format("Test episode {}, whose return is the median of all.", played.number));
  section.charts.push_back(animation(played));
  section.charts.push_back(
      lines("What it sees", "The numbers that go into the network.", "number", played.seen));
  section.charts.push_back(
      lines("What it does", "The choice made, or the numbers put out.", "act", played.done));
  return section;
}

Section training(const std::vector<ProgressRecord>& history) {
  Section section{"Training", {}, {}, {}, {}};
  Line policy{"policy", {}, {}, Colour::model, Stroke::solid},
      tried{"tried", {}, {}, Colour::second, Stroke::dashed};
  for (const ProgressRecord& record : history) {
    const auto epoch = static_cast<double>(record.epoch);
    if (!std::isnan(record.validation_loss))
      policy.x.push_back(epoch), policy.y.push_back(-record.validation_loss);
    if (!std::isnan(record.loss)) tried.x.push_back(epoch), tried.y.push_back(-record.loss);
  }
  LineChart plot{{"epoch", Scale::whole}, {"mean return"}, {}, {policy, tried}, {}};
  section.charts.push_back(
      {"Mean return",
       "The policy's own on episodes that are the same in every epoch, and that of what was "
       "tried on the way.",
       true, std::move(plot)});
  return section;
}

}  // namespace

Report control_page(const ControlPage& page) {
  const ControlEvaluation& evaluation = page.evaluation;
  Report report;
  report.title = page.run_name;
  report.summary = fmt::format("This network acts in the world {}.", evaluation.environment);
  report.verdict = verdict(evaluation);
  report.sections = {scores(evaluation), played_section(evaluation.played), training(page.history),
                     provenance_section(page.model_metadata)};
  return report;
}

}  // namespace carousel::report
