#include "app/cli/language_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/cli/comparison.h"
#include "app/cli/terminal.h"
#include "app/cli/text_table.h"
#include "base/counted.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

std::vector<const LanguageScore*> all_scores(const LanguageEvaluation& evaluation) {
  std::vector<const LanguageScore*> scores{&evaluation.model};
  for (const LanguageScore& baseline : evaluation.baselines) scores.push_back(&baseline);
  return scores;
}

TextTable scores_table(const LanguageEvaluation& evaluation) {
  const std::vector<const LanguageScore*> scores = all_scores(evaluation);
  TextTable table;
  table.header.emplace_back("");
  for (const LanguageScore* score : scores) table.header.push_back(score->name);
  const auto add = [&](const std::string& name, double LanguageScore::*value) {
    const double best =
        std::ranges::min(scores, {}, [&](const LanguageScore* s) { return s->*value; })->*value;
    std::vector<TableCell> row{{name}};
    for (const LanguageScore* score : scores)
      row.push_back({short_number(score->*value), score->*value == best});
    table.rows.push_back(std::move(row));
  };
  add(fmt::format("nats a {}", name(evaluation.unit)), &LanguageScore::nats);
  if (evaluation.unit != GenerateUnit::character) add("nats a character", &LanguageScore::nats_per_character);
  add("bits a character", &LanguageScore::bits_per_character);
  add("perplexity", &LanguageScore::perplexity);
  return table;
}

std::string verdict(const LanguageEvaluation& evaluation) {
  if (evaluation.diverged) return diverged_text("The model's score is no finite number");
  if (evaluation.baselines.empty()) return no_baselines_text(evaluation);
  const LanguageScore& best = *std::ranges::min_element(evaluation.baselines, {}, &LanguageScore::nats);
  const std::string figures = fmt::format("{} nats against {} of {}", short_number(evaluation.model.nats),
                                          short_number(best.nats), best.name);
  if (evaluation.beats_baselines)
    return fmt::format("The model beats every baseline: {}. {:.1f} % of the time its likeliest was right.",
                       figures, 100 * evaluation.accuracy);
  return fmt::format("The model does not beat the baselines: {}. More epochs or more text may help.",
                     figures);
}

ordered_json score_json(const LanguageScore& score) {
  ordered_json json;
  json["nats"] = score.nats;
  json["nats_per_character"] = score.nats_per_character;
  json["bits_per_character"] = score.bits_per_character;
  json["perplexity"] = score.perplexity;
  return json;
}

}  // namespace

std::string evaluation_text(const LanguageEvaluation& evaluation, std::size_t width, bool colours) {
  const std::string part = evaluation.test_part ? "the test part of " + evaluation.data : evaluation.data;
  std::string title = fmt::format("{}: {} told from those before (* best)", part,
                                  counted(evaluation.symbols, evaluation.unit));
  std::string out = wrapped(one_line(title), 0, width) + "\n\n";
  out += to_text(scores_table(evaluation), width, colours) + '\n';
  out += styled(wrapped(verdict(evaluation), 0, width),
                evaluation.beats_baselines ? Style::green : Style::yellow, colours);
  if (evaluation.unknown > 0)
    out += '\n' + wrapped(fmt::format("{} of them are not in the vocabulary and count as the unknown one.",
                                      grouped(evaluation.unknown)),
                          0, width);
  return out + '\n';
}

ordered_json evaluation_json(const LanguageEvaluation& evaluation) {
  ordered_json json;
  json["data"] = evaluation.data;
  json["part"] = evaluation.test_part ? "test" : "all";
  json["unit"] = name(evaluation.unit);
  json["symbols"] = evaluation.symbols;
  json["unknown"] = evaluation.unknown;
  json["beats_baselines"] = beats_json(evaluation);
  json["model"] = score_json(evaluation.model);
  json["model"]["accuracy"] = evaluation.accuracy;
  json["baselines"] = ordered_json::object();
  for (const LanguageScore& baseline : evaluation.baselines)
    json["baselines"][baseline.name] = score_json(baseline);
  return json;
}

}  // namespace carousel::cli
