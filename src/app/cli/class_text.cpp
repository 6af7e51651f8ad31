#include "app/cli/class_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/cli/comparison.h"
#include "app/cli/left_out.h"
#include "app/cli/terminal.h"
#include "app/cli/text_table.h"
#include "base/counted.h"
#include "data/cells.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t kConfusions = 5;

std::vector<const ClassScore*> all_scores(const ClassEvaluation& evaluation) {
  std::vector<const ClassScore*> scores{&evaluation.model};
  for (const ClassScore& baseline : evaluation.baselines) scores.push_back(&baseline);
  return scores;
}

TextTable scores_table(const ClassEvaluation& evaluation) {
  const std::vector<const ClassScore*> scores = all_scores(evaluation);
  TextTable table;
  table.header.emplace_back("");
  for (const ClassScore* score : scores) table.header.push_back(score->name);
  const auto add = [&](const std::string& name, double scale, double ClassScore::*value) {
    const double best = std::ranges::max(scores, {}, [&](const ClassScore* s) { return s->*value; })->*value;
    std::vector<TableCell> row{{name}};
    for (const ClassScore* score : scores)
      row.push_back({short_number(scale * score->*value), score->*value == best});
    table.rows.push_back(std::move(row));
  };
  add("accuracy (%)", 100, &ClassScore::accuracy);
  add("macro F1", 1, &ClassScore::macro_f1);
  if (!std::isnan(evaluation.roc_auc)) {
    std::vector<TableCell> row{{"ROC AUC"}, {short_number(evaluation.roc_auc)}};
    row.resize(table.header.size(), {"-"});  // baselines tell a class, and not how sure they are
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string verdict(const ClassEvaluation& evaluation) {
  if (evaluation.diverged) return diverged_text("The model's score is no finite number");
  if (evaluation.baselines.empty()) return no_baselines_text(evaluation);
  const ClassScore& best = *std::ranges::max_element(evaluation.baselines, {}, &ClassScore::accuracy);
  const std::string figures = fmt::format("{:.2f} % right against {:.2f} % of {}",
                                          100 * evaluation.model.accuracy, 100 * best.accuracy, best.name);
  if (evaluation.beats_baselines) return fmt::format("The model beats every baseline: {}.", figures);
  return fmt::format("The model does not beat the baselines: {}. {}", figures,
                     evaluation.model.accuracy < 1
                         ? "More epochs or more examples may help."
                         : "Nothing can: these data are too easy to tell them apart.");
}

/// "h taken for _ 211 times": the worst pairs.
std::string confusions(const ClassEvaluation& evaluation) {
  struct Pair {
    std::uint64_t count;
    std::size_t truth, predicted;
  };
  std::vector<Pair> pairs;
  const std::size_t K = evaluation.confusion.classes();
  for (std::size_t truth = 0; truth < K; ++truth)
    for (std::size_t predicted = 0; predicted < K; ++predicted)
      if (const auto count = evaluation.confusion.count(truth, predicted); truth != predicted && count > 0)
        pairs.push_back({count, truth, predicted});
  std::ranges::stable_sort(pairs, std::ranges::greater(), &Pair::count);
  std::string text;
  for (std::size_t i = 0; i < std::min(pairs.size(), kConfusions); ++i)
    text += fmt::format("{}{} taken for {} ({})", i == 0 ? "Most often wrong: " : ", ",
                        shown(evaluation.classes[pairs[i].truth]),
                        shown(evaluation.classes[pairs[i].predicted]), grouped(pairs[i].count));
  return text.empty() ? text : text + '.';
}

ordered_json score_json(const ClassScore& score) {
  ordered_json json;
  json["accuracy"] = score.accuracy;
  json["macro_f1"] = score.macro_f1;
  return json;
}

}  // namespace

std::string evaluation_text(const ClassEvaluation& evaluation, std::size_t width, bool colours) {
  const std::string part = evaluation.test_part ? "the test part of " + evaluation.data : evaluation.data;
  std::string title = fmt::format("{}: {}", part, counted(evaluation.examples, "sequence", "sequences"));
  if (evaluation.job == SequenceJob::label)
    title += fmt::format(" of {}", counted(evaluation.judged, "step", "steps"));
  std::string out = wrapped(one_line(title + " (* best)"), 0, width) + "\n\n";
  out += to_text(scores_table(evaluation), width, colours) + '\n';
  out += styled(wrapped(verdict(evaluation), 0, width),
                evaluation.beats_baselines ? Style::green : Style::yellow, colours);
  if (const std::string text = confusions(evaluation); !text.empty())
    out += '\n' + wrapped(one_line(text), 0, width);
  if (evaluation.unknown > 0)
    out += '\n' + wrapped(fmt::format("{} are of classes that training never saw and count as wrong.",
                                      grouped(evaluation.unknown)),
                          0, width);
  return out + '\n' + left_out_text(evaluation.left_out, width);
}

ordered_json evaluation_json(const ClassEvaluation& evaluation) {
  ordered_json json;
  json["data"] = evaluation.data;
  json["part"] = evaluation.test_part ? "test" : "all";
  json["sequences"] = evaluation.examples;
  json["judged"] = evaluation.judged;
  json["unknown"] = evaluation.unknown;
  json["left_out"] = left_out_json(evaluation.left_out);
  json["beats_baselines"] = beats_json(evaluation);
  json["model"] = score_json(evaluation.model);
  json["model"]["nats"] = evaluation.nats;
  if (evaluation.job == SequenceJob::classify) json["model"]["roc_auc"] = evaluation.roc_auc;
  json["baselines"] = ordered_json::object();
  for (const ClassScore& baseline : evaluation.baselines)
    json["baselines"][baseline.name] = score_json(baseline);
  json["classes"] = ordered_json::array();
  const std::size_t K = evaluation.confusion.classes();
  for (std::size_t k = 0; k < K; ++k) {
    const DetectionCounts counts = evaluation.confusion.of_class(k);
    ordered_json one;
    one["class"] = evaluation.classes[k];
    one["precision"] = counts.precision();
    one["recall"] = counts.recall();
    one["f1"] = counts.f1();
    for (std::size_t other = 0; other < K; ++other)
      one["taken_for"].push_back(evaluation.confusion.count(k, other));
    json["classes"].push_back(std::move(one));
  }
  return json;
}

}  // namespace carousel::cli
