#include "app/cli/detect_options.h"

#include <CLI/CLI.hpp>

#include "app/cli/arguments.h"
#include "app/cli/forecast_options.h"
#include "app/cli/option_group.h"

namespace carousel::cli {

namespace {

void add_data_options(CLI::App& parser, ForecastSettings& series) {
  OptionGroup group(parser, "Data");
  group.names("--target", series.targets, "columns to watch", "the last number column");
  group.names("--covariates", series.past, "other columns to look at", "none");
  group.text("--time", "NAME", "column of time stamps; none: rows are only counted",
             "the first that holds some",
             [&](const std::string& text) { series.time = text == "none" ? "" : text; });
  group.text("--date-order", "WORD", "how 03/04/2020 is read: day-first or month-first", "found out",
             [&](const std::string& text) { series.date_order = parse_date_order_flag(text); });
  group.text("--missing", "WORD",
             "missing values: error; mask; or interpolate, which looks at the values after a gap",
             std::string(name(series.missing)),
             [&](const std::string& text) { series.missing = parse_missing(text); });
  group.text("--split", "PARTS",
             "training, validation and test part, in order of time: shares 0.7,0.1,0.2, rows 8640,2880,2880, "
             "or the last rows for validation and test 12,24; the first two are held to be normal",
             to_string(standard_split(series)),
             [&](const std::string& text) { series.split = parse_split(text); });
}

void add_method_options(CLI::App& parser, DetectSettings& settings) {
  ForecastSettings& series = settings.series;
  OptionGroup group(parser, "Detection");
  group.text(
      "--method", "WORD",
      "residual: how far forecasts are off; autoencoder: how badly the last rows are written down again "
      "from memory",
      std::string(name(settings.method)),
      [&](const std::string& text) { settings.method = parse_detect_method(text); });
  group.count("--horizon", settings.horizon, "residual: steps that each row is forecast from before", "5", 1);
  group.count("--context", series.context, "rows that a forecast, or the memory, looks back on",
              "from horizon and season", 1);
  group.text(
      "--lags", "N,N",
      "residual: values of the targets so many rows before each forecast step as inputs, each at least "
      "the horizon",
      "none", [&](const std::string& text) { series.lags = parse_lags_flag(text); });
  group.count("--season", series.season, "steps of the yearly, weekly or daily cycle; 0: none",
              "from the time stamps", 0);
  group.text("--calendar", "NAMES",
             "residual: hour_of_day, day_of_week, day_of_year, month_of_year as inputs, or none",
             "from the time stamps",
             [&](const std::string& text) { series.calendar = parse_calendar_flag(text); });
  group.text("--anchor", "WORD",
             "residual: what the network's outputs are added to: auto, none, last or seasonal value",
             std::string(name(series.anchor)),
             [&](const std::string& text) { series.anchor = parse_anchor(text); });
  group.text("--transform", "WORD", "of the targets: auto, none or log", std::string(name(series.transform)),
             [&](const std::string& text) { series.transform = parse_transform(text); });
  group.text("--scaling", "WORD", "of all columns: standard, minmax or none",
             std::string(name(series.scaling)),
             [&](const std::string& text) { series.scaling = parse_scaling(text); });
}

void add_likelihood_options(CLI::App& parser, DetectSettings& settings) {
  OptionGroup group(parser, "Likelihood");
  group.count("--long", settings.long_rows, "rows whose errors say what is usual", 2);
  group.count("--short", settings.short_rows, "last rows whose mean error is held against that", 1);
  group.real("--threshold", settings.threshold,
             "score from which on rows are an anomaly; 5: as unlikely as 1 in 100,000");
  group.count("--gap", settings.gap, "most rows below the threshold inside one window");
  group.text("--labels", "FILE",
             "known anomalies to judge by, JSON as NAB's combined_windows.json or CSV with columns begin and "
             "end; nothing is learnt from them",
             "none", [&](const std::string& text) { settings.labels = text; });
}

void add_network_options(CLI::App& parser, ForecastSettings& series) {
  OptionGroup group(parser, "Network");
  group.text("--layers", "SPEC",
             "the layers as text, e.g. \"lstm 64, dropout 0.1, lstm 64\"; the last, dense one is added",
             "from --hidden and --dropout", [&](const std::string& text) { series.layers = text; });
  group.count("--hidden", series.hidden, "hidden units of the LSTM layer", 1);
  group.real("--dropout", series.dropout, "share of its outputs that is dropped in training");
}

void add_learning_options(CLI::App& parser, DetectSettings& settings) {
  TrainingSettings& training = settings.series.training;
  OptionGroup group(parser, "Training");
  group.text("--loss", "WORD", "mae, mse or huber", "mae; of an autoencoder mse",
             [&](const std::string& text) { settings.loss = text; });
  group.real("--delta", settings.series.loss_options.delta, "of the huber loss: where the square ends");
  group.text("--epochs", "N", "at most so many", "50; 10 where there is no validation part",
             [&](const std::string& text) { training.epochs = parse_count("--epochs", text, 1); });
  group.count("--updates-per-epoch", training.updates_per_epoch, "changes of the weights in an epoch", 1);
  add_training_options(group, training, "windows in a batch",
                       "less memory for long windows, a third more time, other last bits of the weights");
}

}  // namespace

void add_detect_options(CLI::App& parser, DetectSettings& settings) {
  add_data_options(parser, settings.series);
  add_method_options(parser, settings);
  add_likelihood_options(parser, settings);
  add_network_options(parser, settings.series);
  add_learning_options(parser, settings);
}

}  // namespace carousel::cli
