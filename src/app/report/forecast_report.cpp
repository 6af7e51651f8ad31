#include "app/report/forecast_report.h"

#include <fmt/format.h>

#include <cmath>

#include "app/report/forecast_charts.h"
#include "app/report/number_text.h"
#include "carousel/error.h"

namespace carousel::report {
namespace {

// The smaller the better, whatever the metric; NaN stays NaN.
double badness(const Metric& metric, double value) {
  switch (metric.better) {
    case Better::lower:
      return value;
    case Better::higher:
      return -value;
    case Better::near_goal:
      return std::abs(value - metric.goal);
  }
  return value;
}

std::vector<Score> all_scores(const Scores& scores) {
  std::vector<Score> all{scores.model};
  all.insert(all.end(), scores.baselines.begin(), scores.baselines.end());
  return all;
}

void check_scores(const Scores& scores) {
  for (const Score& score : all_scores(scores)) {
    if (score.values.size() == scores.metrics.size()) continue;
    throw Error(fmt::format("[report.forecast_report] score '{}' has {} values, expected {}, one a metric",
                            score.name, score.values.size(), scores.metrics.size()));
  }
}

double best_badness(const Metric& metric, const std::vector<Score>& scores, std::size_t m) {
  double best = NAN;
  for (const Score& score : scores) best = std::fmin(best, badness(metric, score.values[m]));
  return best;
}

/// The baseline with the best first metric, or nothing.
const Score* best_baseline(const Scores& scores) {
  const Score* best = nullptr;
  for (const Score& score : scores.baselines) {
    const double value = badness(scores.metrics[0], score.values[0]);
    if (std::isnan(value)) continue;
    if (best == nullptr || value < badness(scores.metrics[0], best->values[0])) best = &score;
  }
  return best;
}

// "34 %"; relative to the baseline, which may be zero.
std::string share_text(double model, double baseline) {
  return number_text(std::round(std::abs(model - baseline) / std::abs(baseline) * 1000) / 10) + " %";
}

// Other metrics in which a baseline is ahead of the model although the first is not.
std::string reservations(const Scores& scores) {
  std::string names;
  for (std::size_t m = 1; m < scores.metrics.size(); ++m) {
    const double model = badness(scores.metrics[m], scores.model.values[m]);
    if (best_badness(scores.metrics[m], scores.baselines, m) < model) {
      names += (names.empty() ? "" : ", ") + scores.metrics[m].name;
    }
  }
  return names.empty() ? "" : " A baseline is nevertheless better in: " + names + ".";
}

std::optional<Verdict> verdict(const Scores& scores) {
  if (scores.metrics.empty() || scores.model.values.empty()) return std::nullopt;
  const Metric& metric = scores.metrics[0];
  const double model = scores.model.values[0];
  if (!std::isfinite(model)) {
    return Verdict{
        false, "No usable score.",
        fmt::format("The {} of the network on the test part is not a finite number; do not use it.",
                    metric.name)};
  }
  const Score* baseline = best_baseline(scores);
  if (baseline == nullptr) return std::nullopt;
  const double other = baseline->values[0];
  const std::string figures =
      fmt::format("{} on the test part: {} for the network, {} for the best baseline, {}", metric.name,
                  number_text(model, metric.unit), number_text(other, metric.unit), baseline->name);
  const std::string share = other == 0 || model == other ? "" : " by " + share_text(model, other);
  if (badness(metric, model) < badness(metric, other)) {
    return Verdict{true, "Better than every baseline.",
                   fmt::format("{}. The network is better{}.{}", figures, share, reservations(scores))};
  }
  return Verdict{
      false, "Does not beat the baseline.",
      fmt::format("{}. The network is {}{}. On this data the simple method is the better forecast: "
                  "use it, or try more data, a longer context or a different network.",
                  figures, model == other ? "no better" : "worse", share)};
}

std::string summary(const ForecastRun& run) {
  const std::string what = fmt::format("This network forecasts {} up to {} {}{} ahead", run.target,
                                       run.horizon, run.step_name, run.horizon == 1 ? "" : "s");
  const Scores& scores = run.scores;
  if (scores.metrics.empty() || scores.model.values.empty()) return what + ".";
  const std::string tested =
      scores.test_values == 0
          ? "on data it had not seen"
          : fmt::format("on {} values it had not seen", number_text(static_cast<double>(scores.test_values)));
  const std::string figure = number_text(scores.model.values[0], scores.metrics[0].unit);
  if (scores.metrics[0].name == "MAE")
    return fmt::format("{}; {} it was off by {} on average.", what, tested, figure);
  return fmt::format("{}; {} its {} was {}.", what, tested, scores.metrics[0].name, figure);
}

Table score_table(const Scores& scores) {
  Table table{"Scores on the test part. ★ is the best of its column.", {{"", false}}, {}, 0};
  for (const Metric& metric : scores.metrics) {
    std::string title = metric.unit.empty() ? metric.name : fmt::format("{} ({})", metric.name, metric.unit);
    if (metric.better == Better::higher) title += ", higher is better";
    if (metric.better == Better::near_goal) title += ", best near " + number_text(metric.goal);
    table.columns.push_back({std::move(title), true});
  }
  const std::vector<Score> all = all_scores(scores);
  for (const Score& score : all) {
    std::vector<Cell> row{{score.name}};
    for (std::size_t m = 0; m < scores.metrics.size(); ++m) {
      // What only the network has, such as coverage, is not the best of anything.
      const bool compared = !std::isnan(best_badness(scores.metrics[m], scores.baselines, m));
      const double best = best_badness(scores.metrics[m], all, m);
      row.push_back(
          {number_text(score.values[m]), compared && badness(scores.metrics[m], score.values[m]) == best});
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Section score_section(const ForecastRun& run) {
  Section section{"How good is it?", {}, {}, {}};
  if (!run.scores.metrics.empty() && !run.scores.model.values.empty())
    section.tables = {score_table(run.scores)};
  if (!run.step_errors.empty()) section.charts.push_back(step_error_chart(run));
  return section;
}

/// The best of each row is marked.
Section origin_section(const ForecastRun& run) {
  const OriginErrors& errors = run.origin_errors;
  Section section{"From rolling origins", {}, {}, {}};
  if (errors.origins.empty()) return section;
  section.paragraphs = {"The same network, asked at one place after the other what comes next."};
  Table table{errors.metric + " by origin. ★ is the best of its row.", {{"origin", false}}, {}, std::nullopt};
  for (const std::string& name : errors.names) table.columns.push_back({name, true});
  for (const OriginError& origin : errors.origins) {
    double best = NAN;
    for (const double value : origin.values) best = std::fmin(best, value);
    std::vector<Cell> row{{origin.place}};
    for (const double value : origin.values) row.push_back({number_text(value), value == best});
    table.rows.push_back(std::move(row));
  }
  section.tables.push_back(std::move(table));
  section.charts.push_back(origin_error_chart(run));
  return section;
}

Section last_section(const ForecastRun& run) {
  Section section{"The forecast", {}, {}, {}};
  if (!run.last) return section;
  Chart chart = forecast_chart(run, *run.last, true);
  const std::size_t steps = run.last->times.size();
  chart.title = steps == 1 ? fmt::format("{}, the next {}", run.target, run.step_name)
                           : fmt::format("{}, the next {} {}s", run.target, steps, run.step_name);
  chart.note =
      run.last->quantiles.empty()
          ? "Made from the end of the data."
          : "Made from the end of the data. The shaded area should hold the truth as often as its name says.";
  chart.wide = true;
  section.charts.push_back(std::move(chart));
  return section;
}

Section history_section(const ForecastRun& run) {
  Section section{"Forecast against truth", {}, {}, {}};
  if (run.test) {
    Chart chart = forecast_chart(run, *run.test, false);
    chart.title = "The whole test part";
    chart.note = "Forecasts set end to end; the network never saw these values while it was trained.";
    chart.wide = true;
    section.charts.push_back(std::move(chart));
  }
  for (std::size_t k = 0; k < run.examples.size(); ++k) {
    Chart chart = forecast_chart(run, run.examples[k], true);
    chart.title = fmt::format("Example {} of {}", k + 1, run.examples.size());
    section.charts.push_back(std::move(chart));
  }
  return section;
}

Section gate_section(const ForecastRun& run, const GateActivity& gates) {
  return {"Inside " + gates.layer,
          {"What the layer does while it reads one sequence: time runs to the right, each row is one unit."},
          {},
          gate_charts(run, gates)};
}

Section pairs_section(std::string title, const char* first,
                      const std::vector<std::pair<std::string, std::string>>& pairs) {
  Section section{std::move(title), {}, {}, {}};
  if (pairs.empty()) return section;
  Table table{"", {{first, false}, {"value", false}}, {}, std::nullopt};
  for (const auto& [name, value] : pairs) table.rows.push_back({{name}, {value}});
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace

Report forecast_report(const ForecastRun& run) {
  check_scores(run.scores);
  Report report;
  report.title = run.name.empty() ? "Forecast of " + run.target
                                  : fmt::format("{}: forecast of {}", run.name, run.target);
  report.summary = summary(run);
  report.verdict = verdict(run.scores);
  report.sections = {last_section(run), score_section(run), origin_section(run), history_section(run)};
  report.sections.push_back({"Residuals", {}, {}, residual_charts(run)});
  report.sections.push_back({"Training", {}, {}, training_charts(run)});
  for (const GateActivity& gates : run.gates) report.sections.push_back(gate_section(run, gates));
  report.sections.push_back(pairs_section("Settings", "setting", run.settings));
  report.sections.push_back(pairs_section("Provenance", "fact", run.provenance));
  return report;
}

}  // namespace carousel::report
