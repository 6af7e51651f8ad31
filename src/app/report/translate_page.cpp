#include "app/report/translate_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/report/number_text.h"
#include "app/report/sequence_sections.h"
#include "base/counted.h"

namespace carousel::report {

namespace {

constexpr std::size_t kMostSymbols = 32;  // of a line whose attention is shown
constexpr std::size_t kLowRows = 16;      // that there is room for beside another picture
constexpr std::size_t kPictures = 2;      // of right answers, and of wrong ones

std::string percent(double share) { return number_text(100 * share) + " %"; }

const TranslateScore& best_baseline(const TranslateEvaluation& evaluation) {
  return *std::ranges::min_element(evaluation.baselines, {}, &TranslateScore::symbol_error_rate);
}

Verdict verdict(const TranslateEvaluation& evaluation) {
  if (evaluation.diverged) return {false, "No usable score.", "The network gives no finite numbers."};
  const TranslateScore& baseline = best_baseline(evaluation);
  const std::string figures =
      fmt::format("Wrong {}s of the test part: {} for the network, {} for the best baseline, {}.",
                  name(judged_unit(evaluation.target_unit)), percent(evaluation.model.symbol_error_rate),
                  percent(baseline.symbol_error_rate), baseline.name);
  return evaluation.beats_baselines ? Verdict{true, "Better than every baseline.", figures}
                                    : Verdict{false, "Does not beat the baseline.", figures};
}

std::vector<Cell> score_row(const TranslateScore& score, bool is_best, bool words) {
  std::vector<Cell> row{
      {score.name}, {percent(score.line_error_rate), is_best}, {percent(score.symbol_error_rate), is_best}};
  if (words) row.push_back({number_text(100 * score.bleu), is_best});
  return row;
}

Section scores(const TranslateEvaluation& evaluation) {
  Section section{"Scores", {}, {}, {}, {}};
  section.paragraphs.push_back(fmt::format(
      "{} of the test part, with {}. {}",
      counted(evaluation.sources, "line was to be translated", "lines were to be translated"),
      counted(evaluation.pairs, "right answer", "right answers"),
      evaluation.unknown == 0 ? "" : fmt::format("{} of their symbols were unknown.", evaluation.unknown)));
  const LineUnit judged = judged_unit(evaluation.target_unit);
  const bool words = judged == LineUnit::word;
  const std::string unit(name(judged));
  Table table{fmt::format("A line is wrong when it is none of the right answers; {}s are counted against the "
                          "right answer that is nearest. ★ is the best of its column.",
                          unit),
              {{""}, {"lines wrong", true}, {unit + "s wrong", true}},
              {},
              0};
  if (words) table.columns.push_back({"BLEU", true});
  std::vector<TranslateScore> all{evaluation.model};
  all.front().name = "network";
  all.insert(all.end(), evaluation.baselines.begin(), evaluation.baselines.end());
  const auto worth = [](const TranslateScore& score) {
    return std::isnan(score.symbol_error_rate) ? HUGE_VAL : score.symbol_error_rate;
  };
  const double best = worth(std::ranges::min(all, {}, worth));
  for (const TranslateScore& score : all) table.rows.push_back(score_row(score, worth(score) == best, words));
  section.tables.push_back(std::move(table));
  section.paragraphs.push_back(
      "What takes no learning: copy answers with the source itself, most frequent with the commonest target "
      "of "
      "the "
      "training part, nearest with the target of the most similar source there.");
  return section;
}

std::string answers_text(const TranslateExample& example, LineUnit unit) {
  std::string text;
  for (const auto& target : example.targets) text += (text.empty() ? "" : " / ") + line_text(target, unit);
  return text;
}

Section examples(const TranslateEvaluation& evaluation) {
  Section section{"Examples", {}, {}, {}, {}};
  const LineUnit unit = evaluation.target_unit;
  Table right{"Answers that were right, the first of the test part.", {{"source"}, {"answer"}}, {}, {}},
      wrong{"Answers that were wrong.", {{"source"}, {"answer"}, {"what would have been right"}}, {}, {}};
  for (const TranslateAnswer& one : evaluation.right)
    right.rows.push_back(
        {{line_text(one.example.source, evaluation.source_unit)}, {line_text(one.answer.symbols, unit)}});
  for (const TranslateAnswer& one : evaluation.wrong)
    wrong.rows.push_back({{line_text(one.example.source, evaluation.source_unit)},
                          {line_text(one.answer.symbols, unit)},
                          {answers_text(one.example, unit)}});
  for (Table* table : {&wrong, &right})
    if (!table->rows.empty()) section.tables.push_back(std::move(*table));
  return section;
}

/// A blank would not be seen on an axis; in front of a word it goes without saying.
std::string axis_name(const std::string& symbol, LineUnit unit) {
  const std::string shown = valid_text(symbol, "", InvalidText::replace);
  if (!shown.starts_with(' ')) return shown;
  return (unit == LineUnit::word && shown.size() > 1 ? "" : "␣") + shown.substr(1);
}

std::vector<std::string> axis_names(const std::vector<std::string>& symbols, LineUnit unit) {
  std::vector<std::string> names;
  for (const std::string& symbol : symbols) names.push_back(axis_name(symbol, unit));
  return names;
}

Chart attention_chart(const TranslateAnswer& one, const TranslateEvaluation& evaluation, bool right) {
  const Tensor<float>& attention = one.answer.attention;
  HeatMap map{{"source", Scale::whole}, {"answer", Scale::whole}, "weight", {}, 0, {}};
  map.rows = attention.matrix().rows();
  for (std::size_t column = 0; column < attention.matrix().columns(); ++column)
    map.columns.push_back(static_cast<double>(column + 1));
  for (std::size_t row = 0; row < map.rows; ++row)
    for (const float weight : attention.matrix().row_span(row)) map.values.push_back(weight);
  // An encoder may put out fewer steps than there are symbols.
  if (one.source.size() == map.columns.size())
    map.column_names = axis_names(one.source, evaluation.source_unit);
  map.row_names = axis_names(one.answer.symbols, evaluation.target_unit);
  map.row_names.emplace_back("end");
  return {line_text(one.example.source, evaluation.source_unit),
          fmt::format("{} ({})", line_text(one.answer.symbols, evaluation.target_unit),
                      right ? "right" : "wrong"),
          map.rows > kLowRows, std::move(map)};
}

/// The longest among those that can be read.
void add_pictures(Section& section, std::vector<TranslateAnswer> answers,
                  const TranslateEvaluation& evaluation, bool right) {
  std::erase_if(answers, [](const TranslateAnswer& one) {
    return std::max(one.source.size(), one.answer.symbols.size()) > kMostSymbols ||
           one.answer.attention.size() == 0;
  });
  std::ranges::stable_sort(answers, std::ranges::greater(),
                           [](const TranslateAnswer& one) { return one.source.size(); });
  for (std::size_t i = 0; i < std::min(answers.size(), kPictures); ++i)
    section.charts.push_back(attention_chart(answers[i], evaluation, right));
}

Section attention(const TranslateEvaluation& evaluation) {
  Section section{"Where it looks", {}, {}, {}, {}};
  add_pictures(section, evaluation.right, evaluation, true);
  add_pictures(section, evaluation.wrong, evaluation, false);
  if (!section.charts.empty())
    section.paragraphs.push_back(
        "Each row is one symbol of the answer, from the first above to the end below: how its attention is "
        "shared out over the symbols of the source. A row sums to one.");
  return section;
}

}  // namespace

Report translate_page(const TranslatePage& page) {
  const TranslateEvaluation& evaluation = page.evaluation;
  Report report;
  report.title = page.run_name;
  report.summary = fmt::format("This network turns lines of {}s into lines of {}s, as in {}.",
                               name(evaluation.source_unit), name(evaluation.target_unit), evaluation.data);
  report.verdict = verdict(evaluation);
  report.sections = {scores(evaluation), attention(evaluation), examples(evaluation),
                     training_section(page.history), provenance_section(page.model_metadata)};
  return report;
}

}  // namespace carousel::report
