#include "app/cli/transcribe_text.h"

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

constexpr std::size_t kShown = 5;

std::vector<const TranscribeScore*> all_scores(const TranscribeEvaluation& evaluation) {
  std::vector<const TranscribeScore*> scores{&evaluation.model};
  for (const TranscribeScore& baseline : evaluation.baselines) scores.push_back(&baseline);
  return scores;
}

TextTable scores_table(const TranscribeEvaluation& evaluation) {
  const std::vector<const TranscribeScore*> scores = all_scores(evaluation);
  TextTable table;
  table.header.emplace_back("");
  for (const TranscribeScore* score : scores) table.header.push_back(score->name);
  const auto add = [&](const std::string& name, const auto& value) {
    double best = value(*scores.front());
    for (const TranscribeScore* score : scores) best = std::min(best, value(*score));
    std::vector<TableCell> row{{name}};
    for (const TranscribeScore* score : scores)
      row.push_back({short_number(100 * value(*score)), value(*score) == best});
    table.rows.push_back(std::move(row));
  };
  add("symbol errors (%)", [](const TranscribeScore& s) { return s.labels.rate(); });
  add("word errors (%)", [](const TranscribeScore& s) { return s.words.rate(); });
  add("texts with any (%)", [](const TranscribeScore& s) { return s.labels.sequence_rate(); });
  return table;
}

std::string verdict(const TranscribeEvaluation& evaluation) {
  if (evaluation.diverged) return diverged_text("The model's outputs are no finite numbers");
  if (evaluation.baselines.empty()) return no_baselines_text(evaluation);
  const auto best = std::ranges::min_element(evaluation.baselines, {},
                                             [](const TranscribeScore& s) { return s.labels.rate(); });
  const EditCounts& counts = evaluation.model.labels.counts();
  const std::string figures =
      fmt::format("{:.2f} % symbol errors against {:.2f} % of {}", 100 * evaluation.model.labels.rate(),
                  100 * best->labels.rate(), best->name);
  const std::string kinds = fmt::format(
      "Of {}: {} substituted, {} missing, {} too many.", counted(counts.reference(), "symbol", "symbols"),
      grouped(counts.substitutions), grouped(counts.deletions), grouped(counts.insertions));
  return evaluation.beats_baselines
             ? fmt::format("The model beats every baseline: {}. {}", figures, kinds)
             : fmt::format(
                   "The model does not beat the baselines: {}. More epochs or more examples may help.",
                   figures);
}

/// "says 31415, read 3145": wrong ones first.
std::string excerpt(const TranscribeEvaluation& evaluation, std::size_t width) {
  std::vector<const Transcript*> order;
  for (const Transcript& one : evaluation.transcripts) order.push_back(&one);
  std::ranges::stable_sort(order, [](const Transcript* a, const Transcript* b) {
    return a->edits.distance() > 0 && b->edits.distance() == 0;
  });
  std::string text;
  for (std::size_t i = 0; i < std::min(order.size(), kShown); ++i)
    text += wrapped(one_line(fmt::format("{}: says \"{}\", read \"{}\"", order[i]->example, order[i]->truth,
                                         order[i]->text)),
                    2, width) +
            '\n';
  return text;
}

std::string keywords_text(const TranscribeEvaluation& evaluation, std::size_t width, bool colours) {
  if (evaluation.keywords.empty()) return "";
  TextTable table;
  table.header = {"keyword", "there", "precision (%)", "recall (%)", "F1"};
  for (const KeywordScore& one : evaluation.keywords)
    table.rows.push_back({{one_line(one.keyword)},
                          {grouped(one.counts.hits + one.counts.misses)},
                          {short_number(100 * one.counts.precision())},
                          {short_number(100 * one.counts.recall())},
                          {short_number(one.counts.f1())}});
  return '\n' + to_text(table, width, colours) +
         wrapped(
             fmt::format("Keywords count from a score of {} on, the best threshold on the validation part.",
                         short_number(evaluation.threshold)),
             0, width) +
         '\n';
}

ordered_json score_json(const TranscribeScore& score) {
  ordered_json json;
  json["symbol_error_rate"] = score.labels.rate();
  json["word_error_rate"] = score.words.rate();
  json["text_error_rate"] = score.labels.sequence_rate();
  json["substitutions"] = score.labels.counts().substitutions;
  json["insertions"] = score.labels.counts().insertions;
  json["deletions"] = score.labels.counts().deletions;
  json["symbols"] = score.labels.counts().reference();
  return json;
}

}  // namespace

std::string evaluation_text(const TranscribeEvaluation& evaluation, std::size_t width, bool colours) {
  const std::string part = evaluation.test_part ? "the test part of " + evaluation.data : evaluation.data;
  const std::string title =
      fmt::format("{}: {} (* best)", part, counted(evaluation.sequences, "sequence", "sequences"));
  std::string out = wrapped(one_line(title), 0, width) + "\n\n";
  out += to_text(scores_table(evaluation), width, colours) + '\n';
  out += styled(wrapped(verdict(evaluation), 0, width),
                evaluation.beats_baselines ? Style::green : Style::yellow, colours) +
         "\n\n";
  out += excerpt(evaluation, width);
  return out + keywords_text(evaluation, width, colours) + left_out_text(evaluation.left_out, width);
}

ordered_json evaluation_json(const TranscribeEvaluation& evaluation) {
  ordered_json json;
  json["data"] = evaluation.data;
  json["part"] = evaluation.test_part ? "test" : "all";
  json["sequences"] = evaluation.sequences;
  json["left_out"] = left_out_json(evaluation.left_out);
  json["beats_baselines"] = beats_json(evaluation);
  json["model"] = score_json(evaluation.model);
  json["baselines"] = ordered_json::object();
  for (const TranscribeScore& baseline : evaluation.baselines)
    json["baselines"][baseline.name] = score_json(baseline);
  if (evaluation.keywords.empty()) return json;
  json["keyword_threshold"] = evaluation.threshold;
  for (const KeywordScore& one : evaluation.keywords) {
    ordered_json keyword;
    keyword["keyword"] = one.keyword;
    keyword["precision"] = one.counts.precision();
    keyword["recall"] = one.counts.recall();
    keyword["f1"] = one.counts.f1();
    json["keywords"].push_back(std::move(keyword));
  }
  return json;
}

}  // namespace carousel::cli
