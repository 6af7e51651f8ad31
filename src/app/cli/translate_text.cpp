#include "app/cli/translate_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/cli/comparison.h"
#include "app/cli/left_out.h"
#include "app/cli/terminal.h"
#include "app/cli/text_table.h"
#include "base/counted.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

std::vector<const TranslateScore*> all_scores(const TranslateEvaluation& evaluation) {
  std::vector<const TranslateScore*> scores{&evaluation.model};
  for (const TranslateScore& baseline : evaluation.baselines) scores.push_back(&baseline);
  return scores;
}

TextTable scores_table(const TranslateEvaluation& evaluation) {
  const std::vector<const TranslateScore*> scores = all_scores(evaluation);
  TextTable table;
  table.header.emplace_back("");
  for (const TranslateScore* score : scores) table.header.push_back(score->name);
  // In percent; sign: -1 where more is better.
  const auto add = [&](const std::string& name, double TranslateScore::*value, double sign) {
    const auto worth = [&](const TranslateScore* score) {
      return std::isnan(score->*value) ? HUGE_VAL : sign * (score->*value);
    };
    const double best = worth(std::ranges::min(scores, {}, worth));
    std::vector<TableCell> row{{name}};
    for (const TranslateScore* score : scores)
      row.push_back({short_number(100 * (score->*value)), worth(score) == best});
    table.rows.push_back(std::move(row));
  };
  add("% of lines wrong", &TranslateScore::line_error_rate, 1);
  add(fmt::format("% of {}s wrong", name(judged_unit(evaluation.target_unit))),
      &TranslateScore::symbol_error_rate, 1);
  if (judged_unit(evaluation.target_unit) == LineUnit::word) add("BLEU", &TranslateScore::bleu, -1);
  return table;
}

std::string verdict(const TranslateEvaluation& evaluation) {
  if (evaluation.diverged) return diverged_text("The model gives no finite numbers");
  if (evaluation.baselines.empty()) return no_baselines_text(evaluation);
  const TranslateScore& best =
      *std::ranges::min_element(evaluation.baselines, {}, &TranslateScore::symbol_error_rate);
  const std::string figures = fmt::format(
      "{} % of {}s wrong against {} % of {}", short_number(100 * evaluation.model.symbol_error_rate),
      name(judged_unit(evaluation.target_unit)), short_number(100 * best.symbol_error_rate), best.name);
  if (evaluation.beats_baselines)
    return fmt::format("The model beats every baseline: {}. It answers {:.1f} % of the lines rightly.",
                       figures, 100 * (1 - evaluation.model.line_error_rate));
  return fmt::format("The model does not beat the baselines: {}. More epochs or more pairs may help.",
                     figures);
}

ordered_json score_json(const TranslateScore& score) {
  ordered_json json;
  json["line_error_rate"] = score.line_error_rate;
  json["symbol_error_rate"] = score.symbol_error_rate;
  if (!std::isnan(score.bleu)) json["bleu"] = score.bleu;
  return json;
}

}  // namespace

std::string evaluation_text(const TranslateEvaluation& evaluation, std::size_t width, bool colours) {
  const std::string part = evaluation.test_part ? "the test part of " + evaluation.data : evaluation.data;
  std::string out = wrapped(one_line(fmt::format("{}: {} with {} (* best)", part,
                                                 counted(evaluation.sources, "source", "sources"),
                                                 counted(evaluation.pairs, "right answer", "right answers"))),
                            0, width) +
                    "\n\n";
  out += to_text(scores_table(evaluation), width, colours) + '\n';
  out += styled(wrapped(verdict(evaluation), 0, width),
                evaluation.beats_baselines ? Style::green : Style::yellow, colours);
  if (evaluation.unknown > 0)
    out += '\n' + wrapped(fmt::format("{} of the sources' {}s are not in the vocabulary and count as the "
                                      "unknown one.",
                                      grouped(evaluation.unknown), name(evaluation.source_unit)),
                          0, width);
  return out + '\n' + left_out_text(evaluation.left_out, width);
}

ordered_json evaluation_json(const TranslateEvaluation& evaluation) {
  ordered_json json;
  json["data"] = evaluation.data;
  json["part"] = evaluation.test_part ? "test" : "all";
  json["source_unit"] = name(evaluation.source_unit);
  json["target_unit"] = name(evaluation.target_unit);
  json["sources"] = evaluation.sources;
  json["pairs"] = evaluation.pairs;
  json["unknown"] = evaluation.unknown;
  json["left_out"] = left_out_json(evaluation.left_out);
  json["beats_baselines"] = beats_json(evaluation);
  json["model"] = score_json(evaluation.model);
  json["model"]["loss"] = evaluation.loss;
  json["baselines"] = ordered_json::object();
  for (const TranslateScore& baseline : evaluation.baselines)
    json["baselines"][baseline.name] = score_json(baseline);
  return json;
}

}  // namespace carousel::cli
