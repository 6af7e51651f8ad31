#include "app/cli/control_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/text_table.h"
#include "base/counted.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

TextTable scores_table(const ControlEvaluation& evaluation) {
  std::vector<const ControlScore*> scores{&evaluation.model};
  for (const ControlScore& baseline : evaluation.baselines) scores.push_back(&baseline);
  TextTable table;
  table.header.emplace_back("");
  for (const ControlScore* score : scores) table.header.push_back(score->name);
  const auto add = [&](const std::string& name, double ControlScore::*value, double factor, bool more) {
    const auto worth = [&](const ControlScore* score) {
      return std::isnan(score->*value) ? -HUGE_VAL : score->*value;
    };
    const double best = worth(std::ranges::max(scores, {}, worth));
    std::vector<TableCell> row{{name}};
    for (const ControlScore* score : scores)
      row.push_back({short_number(factor * (score->*value)), more && worth(score) == best});
    table.rows.push_back(std::move(row));
  };
  add("% of episodes solved", &ControlScore::solved, 100, true);
  add("mean return", &ControlScore::mean, 1, true);
  add("its deviation", &ControlScore::deviation, 1, false);
  add("worst return", &ControlScore::worst, 1, true);
  add("best return", &ControlScore::best, 1, true);
  add("steps an episode", &ControlScore::steps, 1, false);
  return table;
}

std::string verdict(const ControlEvaluation& evaluation) {
  if (evaluation.diverged)
    return "The model gives no finite numbers: training has diverged. A smaller --learning-rate or "
           "--deviation may help.";
  const ControlScore& best = *std::ranges::max_element(evaluation.baselines, {}, &ControlScore::mean);
  const std::string figures =
      fmt::format("a mean return of {} against {} of '{}'", short_number(evaluation.model.mean),
                  short_number(best.mean), best.name);
  if (evaluation.beats_baselines)
    return fmt::format("The policy beats what takes no learning: {}. It solves {:.1f} % of the episodes.",
                       figures, 100 * evaluation.model.solved);
  return fmt::format(
      "The policy does not beat what takes no learning: {}. More epochs, another --method or a larger "
      "network "
      "may help.",
      figures);
}

ordered_json score_json(const ControlScore& score) {
  return {{"solved", score.solved}, {"mean_return", score.mean}, {"deviation", score.deviation},
          {"worst", score.worst},   {"best", score.best},        {"steps", score.steps}};
}

}  // namespace

std::string evaluation_text(const ControlEvaluation& evaluation, std::size_t width, bool colours) {
  std::string out =
      wrapped(one_line(fmt::format("{}: {} that it was not trained on (* best)", evaluation.environment,
                                   counted(evaluation.episodes, "episode", "episodes"))),
              0, width) +
      "\n\n";
  out += to_text(scores_table(evaluation), width, colours) + '\n';
  return out +
         styled(wrapped(verdict(evaluation), 0, width),
                evaluation.beats_baselines ? Style::green : Style::yellow, colours) +
         '\n';
}

ordered_json evaluation_json(const ControlEvaluation& evaluation) {
  ordered_json json;
  json["environment"] = evaluation.environment;
  json["episodes"] = evaluation.episodes;
  json["best_return_possible"] = evaluation.best_return;
  json["beats_baselines"] = evaluation.beats_baselines;
  json["model"] = score_json(evaluation.model);
  json["baselines"] = ordered_json::object();
  for (const ControlScore& baseline : evaluation.baselines)
    json["baselines"][baseline.name] = score_json(baseline);
  return json;
}

}  // namespace carousel::cli
