#include "app/cli/music_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/cli/comparison.h"
#include "app/cli/left_out.h"
#include "app/cli/terminal.h"
#include "app/cli/text_table.h"
#include "base/counted.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

TextTable scores_table(const MusicEvaluation& evaluation) {
  std::vector<MusicScore> scores{evaluation.model};
  scores.insert(scores.end(), evaluation.baselines.begin(), evaluation.baselines.end());
  const double least = std::ranges::min(scores, {}, &MusicScore::nats).nats,
               most = std::ranges::max(scores, {}, &MusicScore::accuracy).accuracy;
  TextTable table;
  table.header.emplace_back("");
  std::vector<TableCell> nats{{"nats a step"}}, accuracy{{"accuracy of notes"}};
  for (const MusicScore& score : scores) {
    table.header.push_back(score.name);
    nats.push_back({short_number(score.nats), score.nats == least});
    accuracy.push_back({fmt::format("{:.1f} %", 100 * score.accuracy), score.accuracy == most});
  }
  table.rows = {std::move(nats), std::move(accuracy)};
  return table;
}

std::string verdict(const MusicEvaluation& evaluation) {
  if (evaluation.diverged) return diverged_text("The model's score is no finite number");
  if (evaluation.baselines.empty()) return no_baselines_text(evaluation);
  const MusicScore& best = *std::ranges::min_element(evaluation.baselines, {}, &MusicScore::nats);
  const std::string figures =
      fmt::format("{} nats a step against {} of {}", short_number(evaluation.model.nats),
                  short_number(best.nats), best.name);
  return evaluation.beats_baselines
             ? fmt::format("The model beats every baseline: {}.", figures)
             : fmt::format("The model does not beat the baselines: {}. More epochs or more music may help.",
                           figures);
}

ordered_json score_json(const MusicScore& score) {
  ordered_json json;
  json["nats"] = score.nats;
  json["accuracy"] = score.accuracy;
  return json;
}

}  // namespace

std::string evaluation_text(const MusicEvaluation& evaluation, std::size_t width, bool colours) {
  const std::string part = evaluation.test_part ? "the test part of " + evaluation.data : evaluation.data;
  const std::string title =
      fmt::format("{}: {} of {} told from those before (* best)", part,
                  counted(evaluation.steps, "step", "steps"), counted(evaluation.pieces, "piece", "pieces"));
  return wrapped(one_line(title), 0, width) + "\n\n" + to_text(scores_table(evaluation), width, colours) +
         '\n' +
         styled(wrapped(verdict(evaluation), 0, width),
                evaluation.beats_baselines ? Style::green : Style::yellow, colours) +
         '\n' + left_out_text(evaluation.left_out, width);
}

ordered_json evaluation_json(const MusicEvaluation& evaluation) {
  ordered_json json;
  json["data"] = evaluation.data;
  json["part"] = evaluation.test_part ? "test" : "all";
  json["unit"] = name(GenerateUnit::note);
  json["pieces"] = evaluation.pieces;
  json["steps"] = evaluation.steps;
  json["notes"] = evaluation.notes;
  json["left_out"] = left_out_json(evaluation.left_out);
  json["beats_baselines"] = beats_json(evaluation);
  json["model"] = score_json(evaluation.model);
  json["baselines"] = ordered_json::object();
  for (const MusicScore& baseline : evaluation.baselines)
    json["baselines"][baseline.name] = score_json(baseline);
  json["pitches"] = ordered_json::array();
  for (const PitchScore& score : evaluation.scores)
    json["pitches"].push_back({{"pitch", score.pitch},
                               {"steps", score.steps},
                               {"nats", score.model},
                               {"nats_of_best_baseline", score.best_baseline}});
  return json;
}

}  // namespace carousel::cli
