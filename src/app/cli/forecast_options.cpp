#include "app/cli/forecast_options.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include "app/cli/arguments.h"
#include "app/cli/option_group.h"

namespace carousel::cli {

DateOrder parse_date_order_flag(const std::string& text) {
  if (text == "day-first") return DateOrder::day_first;
  if (text == "month-first") return DateOrder::month_first;
  throw SettingError(fmt::format("--date-order: expected day-first or month-first, found '{}'", text));
}

std::vector<CalendarFeature> parse_calendar_flag(const std::string& text) {
  std::vector<CalendarFeature> features;
  if (text == "none") return features;
  for (const std::string& name : parse_list("--calendar", text))
    features.push_back(parse_calendar_feature(name));
  return features;
}

std::vector<std::size_t> parse_lags_flag(const std::string& text) {
  std::vector<std::size_t> lags;
  for (const std::string& lag : parse_list("--lags", text)) lags.push_back(parse_count("--lags", lag, 1));
  return lags;
}

namespace {

using Settings = ForecastSettings;

void set_validation(Settings& settings, const std::string& text) {
  const double test = SplitFractions{}.test, share = parse_real("--validation", text);
  if (!(share >= 0) || !(share + test < 1))
    throw SettingError(
        fmt::format("--validation: expected a share of the rows below {}, e.g. 0.1, found '{}'; numbers of "
                    "rows go with --split",
                    1 - test, text));
  settings.split = SplitFractions{1 - test - share, share, test};
}

void add_data_options(CLI::App& parser, Settings& settings) {
  OptionGroup group(parser, "Data");
  group.names("--target", settings.targets, "columns to forecast", "the last number column");
  group.names("--covariates", settings.past, "other columns to look at, known up to now only", "none");
  group.names("--known", settings.known, "columns known ahead as well, such as prices or holidays", "none");
  group.text("--form", "WORD",
             "long: a row is a step of time; wide: a row is a series, its id and its values",
             std::string(name(settings.form)),
             [&](const std::string& text) { settings.form = parse_series_form(text); });
  group.text("--id", "NAME", "the column that says which series a row belongs to",
             "one series; in wide form the first column",
             [&](const std::string& text) { settings.id = text; });
  group.text("--test-data", "FILE", "what came after, in the same columns: it is the test part",
             "the end of DATA", [&](const std::string& text) { settings.test_data = text; });
  group.names("--static", settings.statics,
              "features of a series: columns that stay the same in it; texts are categories", "none");
  group.text("--static-data", "FILE", "a file of them, whose first column is the id", "in DATA",
             [&](const std::string& text) { settings.static_data = text; });
  group.text("--time", "NAME", "column of time stamps; none: rows are only counted",
             "the first that holds some",
             [&](const std::string& text) { settings.time = text == "none" ? "" : text; });
  group.text("--date-order", "WORD", "how 03/04/2020 is read: day-first or month-first", "found out",
             [&](const std::string& text) { settings.date_order = parse_date_order_flag(text); });
  group.text(
      "--missing", "WORD",
      "missing values: error; mask; or interpolate, which looks at the values after a gap, also into the "
      "validation and test part",
      std::string(name(settings.missing)),
      [&](const std::string& text) { settings.missing = parse_missing(text); });
  group.text(
      "--split", "PARTS",
      "training, validation and test part, in order of time: shares 0.7,0.1,0.2, rows 8640,2880,2880, or the "
      "last rows for validation and test 12,24",
      to_string(standard_split(settings)) + "; with --test-data the last horizon for validation",
      [&](const std::string& text) { settings.split = parse_split(text); });
  group.text("--validation", "SHARE", "share of the rows for validation, where --split is not given", "0.1",
             [&](const std::string& text) { set_validation(settings, text); });
  parser.get_option("--validation")->excludes(parser.get_option("--split"));
}

void add_task_options(CLI::App& parser, Settings& settings) {
  OptionGroup group(parser, "Forecast");
  group.count("--horizon", settings.horizon, "steps to forecast", 1);
  group.count("--context", settings.context, "rows that a forecast looks back on", "from horizon and season",
              1);
  group.text("--lags", "N,N",
             "values of the targets so many rows before each forecast step as inputs, each at least the "
             "horizon; e.g. 48,336: a day and a week of half-hours",
             "none", [&](const std::string& text) { settings.lags = parse_lags_flag(text); });
  group.count("--season", settings.season, "steps of the yearly, weekly or daily cycle; 0: none",
              "from the time stamps", 0);
  group.text("--mode", "WORD", "direct: all steps at once; recursive: one, fed back for the next",
             std::string(name(settings.mode)),
             [&](const std::string& text) { settings.mode = parse_forecast_mode(text); });
  group.text("--transform", "WORD", "of the targets: auto, none or log",
             std::string(name(settings.transform)),
             [&](const std::string& text) { settings.transform = parse_transform(text); });
  group.text("--anchor", "WORD",
             "what the network's outputs are added to: auto, none, last or seasonal value",
             std::string(name(settings.anchor)),
             [&](const std::string& text) { settings.anchor = parse_anchor(text); });
  group.text("--calendar", "NAMES", "hour_of_day, day_of_week, day_of_year, month_of_year as inputs, or none",
             "from the time stamps",
             [&](const std::string& text) { settings.calendar = parse_calendar_flag(text); });
  group.text("--scaling", "WORD",
             "of all columns: standard, minmax or none; window: targets by the mean size in each window",
             std::string(name(settings.scaling)),
             [&](const std::string& text) { settings.scaling = parse_scaling(text); });
}

void add_network_options(CLI::App& parser, Settings& settings) {
  OptionGroup group(parser, "Network");
  group.text("--layers", "SPEC",
             "the layers as text, e.g. \"lstm 128, dropout 0.1, lstm 128\"; the last, dense one is added",
             "from --hidden and --dropout", [&](const std::string& text) { settings.layers = text; });
  group.count("--hidden", settings.hidden, "hidden units of the LSTM layer", 1);
  group.real("--dropout", settings.dropout, "share of its outputs that is dropped in training");
  // Known, so that the answer is a reason and not "no such option".
  parser
      .add_flag_callback("--bidirectional",
                         [] {
                           throw SettingError(
                               "--bidirectional: a forecast may only look back, and a backward layer would "
                               "see the very values that it is to "
                               "forecast; leave it out");
                         })
      ->group("");
}

void add_loss_options(CLI::App& parser, Settings& settings) {
  OptionGroup group(parser, "Training");
  group.text("--loss", "WORD", "quantile, mae, mse, huber, gaussian or mixture",
             "quantile; mae where recursive", [&](const std::string& text) { settings.loss = text; });
  group.text("--quantiles", "LEVELS", "of the quantile loss: the interval and its middle",
             fmt::format("{}", fmt::join(settings.loss_options.quantiles, ",")),
             [&](const std::string& text) {
               settings.loss_options.quantiles.clear();
               for (const std::string& level : parse_list("--quantiles", text))
                 settings.loss_options.quantiles.push_back(parse_real("--quantiles", level));
               make_loss<float>("quantile", settings.loss_options);  // refuses levels that do not ascend
             });
  group.count("--components", settings.loss_options.components, "Gaussians of the mixture loss", 1);
  group.real("--delta", settings.loss_options.delta, "of the huber loss: where the square ends");
}

void add_forecast_training_options(CLI::App& parser, Settings& settings) {
  add_loss_options(parser, settings);
  OptionGroup group(parser, "Training");
  group.text("--epochs", "N", "at most so many", "50; 10 where there is no validation part",
             [&](const std::string& text) { settings.training.epochs = parse_count("--epochs", text, 1); });
  group.count("--updates-per-epoch", settings.training.updates_per_epoch,
              "changes of the weights in an epoch", 1);
  add_method_option(group, settings.training);
  add_training_options(group, settings.training, "windows in a batch",
                       "less memory for long windows, a third more time, other last bits of the weights");
}

}  // namespace

void add_origin_options(CLI::App& parser, const std::string& heading, std::size_t& origins,
                        std::size_t& stride) {
  OptionGroup group(parser, heading);
  group.text("--origins", "N", "forecast from so many rolling origins, the last a horizon before the end",
             "from every row of the test part",
             [&](const std::string& text) { origins = parse_count("--origins", text, 1); });
  group.text("--stride", "N", "rows between rolling origins", "the horizon",
             [&](const std::string& text) { stride = parse_count("--stride", text, 1); });
}

void add_forecast_options(CLI::App& parser, Settings& settings) {
  add_data_options(parser, settings);
  add_task_options(parser, settings);
  add_network_options(parser, settings);
  add_forecast_training_options(parser, settings);
  add_origin_options(parser, "Evaluation", settings.origins, settings.stride);
}

}  // namespace carousel::cli
