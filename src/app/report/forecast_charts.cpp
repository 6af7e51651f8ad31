#include "app/report/forecast_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "app/report/number_text.h"

namespace carousel::report {
namespace {

LineChart line_chart(Axis x, Axis y) {
  LineChart plot;
  plot.x = std::move(x);
  plot.y = std::move(y);
  return plot;
}

// A curve over more than this ratio is easier to read on a log axis.
constexpr double kLogRatio = 20;

std::string steps_ahead(const ForecastRun& run) { return run.step_name + "s ahead"; }

// Widest interval first, so that the narrower ones are drawn on top of it.
std::vector<Band> interval_bands(const Forecast& forecast) {
  std::vector<Quantile> low;
  for (const Quantile& quantile : forecast.quantiles) {
    if (quantile.level < 0.5) low.push_back(quantile);
  }
  std::sort(low.begin(), low.end(), [](const Quantile& a, const Quantile& b) { return a.level < b.level; });
  std::vector<Band> bands;
  for (const Quantile& quantile : low) {
    const auto partner = std::find_if(
        forecast.quantiles.begin(), forecast.quantiles.end(),
        [&](const Quantile& other) { return std::abs(other.level + quantile.level - 1) < 1e-6; });
    if (partner == forecast.quantiles.end()) continue;
    const std::string name = number_text(100 * (1 - 2 * quantile.level)) + " % interval";
    bands.push_back({name, forecast.times, quantile.values, partner->values, Colour::model});
  }
  return bands;
}

Scale scale_for(const std::vector<double>& values) {
  double low = INFINITY;
  double high = -INFINITY;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return low > 0 && high / low > kLogRatio ? Scale::log : Scale::number;
}

// Values that stand at one place of the x axis, and what is shown of them.
struct Spread {
  std::vector<double> x, mean, low, high;

  void add(double at, std::vector<double> values) {
    std::sort(values.begin(), values.end());
    double sum = 0;
    for (const double value : values) sum += value;
    const double last = static_cast<double>(values.size() - 1);
    x.push_back(at);
    mean.push_back(sum / static_cast<double>(values.size()));
    low.push_back(values[static_cast<std::size_t>(std::lround(0.1 * last))]);
    high.push_back(values[static_cast<std::size_t>(std::lround(0.9 * last))]);
  }
};

LineChart spread_chart(Axis x, Axis y, const Spread& spread) {
  LineChart plot = line_chart(std::move(x), std::move(y));
  plot.bands.push_back({"8 of 10 residuals", spread.x, spread.low, spread.high, Colour::model});
  plot.lines.push_back({"mean residual", spread.x, spread.mean, Colour::model, Stroke::solid});
  return plot;
}

void add_zero_line(LineChart& plot, double first, double last) {
  plot.lines.push_back({"no error", {first, last}, {0, 0}, Colour::truth, Stroke::dashed});
}

// Single points while they can be told apart; more of them as mean and spread of equal stretches of time.
Chart residuals_over_time(const ForecastRun& run, const std::vector<Residual>& residuals) {
  constexpr std::size_t kMaxPoints = 1500;
  constexpr std::size_t kStretches = 300;
  Axis y{"residual of " + target_title(run)};
  Chart chart{"Over time",
              "What happened less what was forecast; above the line the forecast was too low.",
              true,
              {}};
  LineChart plot;
  if (residuals.size() <= kMaxPoints) {
    Line points{"residual", {}, {}, Colour::model, Stroke::points};
    for (const Residual& residual : residuals) {
      points.x.push_back(residual.time);
      points.y.push_back(residual.value);
    }
    plot = line_chart(time_axis(run), y);
    plot.lines.push_back(std::move(points));
  } else {
    Spread spread;
    for (std::size_t k = 0; k < kStretches; ++k) {
      const std::size_t begin = residuals.size() * k / kStretches;
      const std::size_t end = residuals.size() * (k + 1) / kStretches;
      std::vector<double> values;
      for (std::size_t t = begin; t < end; ++t) values.push_back(residuals[t].value);
      spread.add(residuals[begin].time, std::move(values));
    }
    plot = spread_chart(time_axis(run), y, spread);
  }
  add_zero_line(plot, residuals.front().time, residuals.back().time);
  chart.plot = std::move(plot);
  return chart;
}

// Bin width by Freedman and Diaconis (1981): 2 IQR / cbrt(n); the number of bins kept readable.
Chart residual_histogram(const ForecastRun& run, const std::vector<Residual>& residuals) {
  std::vector<double> values;
  for (const Residual& residual : residuals) values.push_back(residual.value);
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  const double range = values.back() - values.front();
  const double width = 2 * (values[n * 3 / 4] - values[n / 4]) / std::cbrt(static_cast<double>(n));
  const double wanted = width > 0 ? std::ceil(range / width) : 1;
  const auto bins = static_cast<std::size_t>(std::clamp(wanted, 5.0, 50.0));
  const double step = range > 0 ? range / static_cast<double>(bins) : 1;
  const double start = range > 0 ? values.front() : values.front() - 0.5 * static_cast<double>(bins);

  BarChart plot{{"residual of " + target_title(run)},
                {"number of residuals", Scale::whole},
                {},
                std::vector<double>(bins),
                Colour::model};
  for (std::size_t k = 0; k <= bins; ++k) plot.edges.push_back(start + step * static_cast<double>(k));
  for (const double value : values) {
    const auto bin = static_cast<std::size_t>(std::max(0.0, (value - start) / step));
    plot.heights[std::min(bin, bins - 1)] += 1;
  }
  return {"How large they are", "A good forecast has a narrow heap around zero.", false, std::move(plot)};
}

Chart residuals_by_step(const ForecastRun& run, const std::vector<Residual>& residuals) {
  std::map<std::size_t, std::vector<double>> by_step;
  for (const Residual& residual : residuals) by_step[residual.step].push_back(residual.value);
  Spread spread;
  for (auto& [step, values] : by_step) spread.add(static_cast<double>(step), std::move(values));
  LineChart plot =
      spread_chart({steps_ahead(run), Scale::whole}, {"residual of " + target_title(run)}, spread);
  plot.lines.front().stroke = Stroke::solid_with_points;
  add_zero_line(plot, spread.x.front(), spread.x.back());
  return {"By distance",
          "Whether the forecast leans to one side, and how much wider it misses further ahead.", false,
          std::move(plot)};
}

std::vector<double> column(const std::vector<Epoch>& epochs, double Epoch::*field) {
  std::vector<double> out;
  for (const Epoch& epoch : epochs) out.push_back(epoch.*field);
  return out;
}

bool any_number(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

/// The largest finite size, 1 where all are 0.
double largest_of(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values)
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  return largest > 0 ? largest : 1;
}

Chart gate_map(const ForecastRun& run, const GateActivity& gates, std::string title, std::string note,
               const std::vector<double>& values, double limit) {
  HeatMap plot;
  plot.x = time_axis(run);
  plot.y = {"unit", Scale::whole};
  plot.value_title = "value";
  plot.columns = gates.times;
  plot.rows = values.size() / gates.times.size();  // heads, blocks and cells of a layer are not as many
  plot.values = values;
  plot.low = limit > 0 ? -limit : 0;
  plot.high = limit > 0 ? limit : 1;
  plot.ramp = limit > 0 ? Ramp::diverging : Ramp::sequential;
  return {std::move(title), std::move(note), false, std::move(plot)};
}

constexpr Colour kBaselineColours[] = {Colour::quiet, Colour::second, Colour::third};

}  // namespace

std::string target_title(const ForecastRun& run) {
  return run.unit.empty() || run.unit == run.target ? run.target
                                                    : fmt::format("{} ({})", run.target, run.unit);
}

Axis time_axis(const ForecastRun& run) {
  return run.has_time ? Axis{"time", Scale::time} : Axis{"row", Scale::whole};
}

Chart forecast_chart(const ForecastRun& run, const Forecast& forecast, bool mark_origin) {
  LineChart plot = line_chart(time_axis(run), {target_title(run)});
  plot.bands = interval_bands(forecast);
  Line truth{"what happened", forecast.history_times, forecast.history, Colour::truth, Stroke::solid};
  if (!forecast.truth.empty()) {
    truth.x.insert(truth.x.end(), forecast.times.begin(), forecast.times.end());
    truth.y.insert(truth.y.end(), forecast.truth.begin(), forecast.truth.end());
  }
  if (!truth.x.empty()) plot.lines.push_back(std::move(truth));
  const Stroke stroke = forecast.times.size() <= 40 ? Stroke::solid_with_points : Stroke::solid;
  plot.lines.push_back({"forecast", forecast.times, forecast.values, Colour::model, stroke});
  if (mark_origin && !forecast.times.empty())
    plot.markers.push_back({forecast.times.front(), "forecast starts"});
  return {"", "", false, std::move(plot)};
}

Chart origin_error_chart(const ForecastRun& run) {
  const OriginErrors& errors = run.origin_errors;
  const Axis x = errors.has_time ? time_axis(run) : Axis{"rows before the end", Scale::whole};
  LineChart plot = line_chart(x, {errors.metric});
  for (std::size_t k = 0; k < errors.names.size(); ++k) {
    Line line{errors.names[k], {}, {}, Colour::model, Stroke::solid_with_points};
    for (const OriginError& origin : errors.origins) {
      line.x.push_back(origin.time);
      line.y.push_back(origin.values[k]);
    }
    if (!errors.has_time) {  // they came the oldest first, which has the most rows left
      std::ranges::reverse(line.x);
      std::ranges::reverse(line.y);
    }
    if (k > 0) {
      line.colour = kBaselineColours[(k - 1) % std::size(kBaselineColours)];
      line.stroke = Stroke::dashed;
    }
    plot.lines.push_back(std::move(line));
  }
  return {"Error by origin",
          "How far off the forecast is, by the place that it is made from. Lower is better.", true,
          std::move(plot)};
}

Chart step_error_chart(const ForecastRun& run) {
  LineChart plot =
      line_chart({steps_ahead(run), Scale::whole}, {"mean absolute error of " + target_title(run)});
  for (std::size_t k = 0; k < run.step_errors.size(); ++k) {
    const StepError& error = run.step_errors[k];
    Line line{error.name, {}, error.values, Colour::model, Stroke::solid_with_points};
    for (std::size_t step = 1; step <= error.values.size(); ++step)
      line.x.push_back(static_cast<double>(step));
    if (k > 0) {
      line.colour = kBaselineColours[(k - 1) % std::size(kBaselineColours)];
      line.stroke = Stroke::dashed;
    }
    plot.lines.push_back(std::move(line));
  }
  return {"Error by distance", "How far off the forecast is, the further ahead it looks. Lower is better.",
          true, std::move(plot)};
}

std::vector<Chart> residual_charts(const ForecastRun& run) {
  std::vector<Residual> residuals;
  for (const Residual& residual : run.residuals) {
    if (std::isfinite(residual.value)) residuals.push_back(residual);
  }
  if (residuals.empty()) return {};
  // They come window by window, and windows overlap.
  std::stable_sort(residuals.begin(), residuals.end(),
                   [](const Residual& a, const Residual& b) { return a.time < b.time; });
  return {residuals_over_time(run, residuals), residual_histogram(run, residuals),
          residuals_by_step(run, residuals)};
}

std::vector<Chart> training_charts(const ForecastRun& run) {
  const std::vector<double> number = column(run.epochs, &Epoch::number);
  const std::vector<double> training = column(run.epochs, &Epoch::training_loss);
  const std::vector<double> validation = column(run.epochs, &Epoch::validation_loss);
  const std::vector<double> rate = column(run.epochs, &Epoch::learning_rate);
  std::vector<Chart> charts;
  std::vector<double> both = training;
  both.insert(both.end(), validation.begin(), validation.end());
  if (any_number(both)) {
    LineChart plot = line_chart({"epoch", Scale::whole},
                                {run.loss_name.empty() ? "loss" : run.loss_name, scale_for(both)});
    plot.lines.push_back({"training", number, training, Colour::model, Stroke::solid});
    if (any_number(validation)) {
      plot.lines.push_back({"validation", number, validation, Colour::second, Stroke::dashed});
    }
    if (run.best_epoch) plot.markers.push_back({*run.best_epoch, "kept: best epoch"});
    charts.push_back({"Loss",
                      "Validation far above training means that the network learned its data by heart.",
                      false, std::move(plot)});
  }
  if (any_number(rate)) {
    LineChart plot = line_chart({"epoch", Scale::whole}, {"learning rate", scale_for(rate)});
    plot.lines.push_back({"learning rate", number, rate, Colour::third, Stroke::solid});
    charts.push_back({"Learning rate", "How large the steps of the optimizer were.", false, std::move(plot)});
  }
  if (charts.size() == 1) charts.front().wide = true;
  return charts;
}

std::vector<Chart> gate_charts(const ForecastRun& run, const GateActivity& gates) {
  std::vector<Chart> charts;
  if (!gates.inputs.empty()) {
    LineChart plot = line_chart(time_axis(run), {target_title(run) + ", scaled"});
    plot.lines.push_back({"input", gates.times, gates.inputs, Colour::truth, Stroke::solid});
    charts.push_back({"The sequence that is read", "", false, std::move(plot)});
  }
  const auto add = [&](const char* title, const char* note, const std::vector<double>& values, double limit) {
    if (!values.empty()) charts.push_back(gate_map(run, gates, title, note, values, limit));
  };
  add("Cell state c", "What the cell remembers.", gates.c, largest_of(gates.c));
  add("Input gate i", "1 lets the candidate into the cell, 0 keeps it out.", gates.i, 0);
  add("Forget gate f", "1 keeps the memory, 0 wipes it.", gates.f, 0);
  add("Candidate g", "What would be written.", gates.g, std::max(1.0, largest_of(gates.g)));
  add("Output gate o", "1 shows the cell to the layer above, 0 hides it.", gates.o, 0);
  add("Update gate z", "Of a gru 1 keeps the state, of min_gru and min_lstm 1 replaces it by the candidate.",
      gates.z, 0);
  add("Reset gate r", "1 lets the candidate see the state, 0 hides it.", gates.r, 0);
  add("Candidate or normaliser n", "What a gru would write; what an slstm divides its cell state by.",
      gates.n, std::max(1.0, largest_of(gates.n)));
  return charts;
}

}  // namespace carousel::report
