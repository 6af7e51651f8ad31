// The flags of `carousel train forecast`, a settings value filled from them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tasks/forecast_settings.h"

namespace CLI {
class App;
}  // namespace CLI

namespace carousel::cli {

/// Those of rolling origins, under a heading. 0: not given.
void add_origin_options(CLI::App& parser, const std::string& heading, std::size_t& origins,
                        std::size_t& stride);

/// `settings` must outlive the parser. Its values at this moment are shown as the defaults.
void add_forecast_options(CLI::App& parser, ForecastSettings& settings);

/// What --date-order, --calendar and --lags are given, of any task. Throw SettingError.
DateOrder parse_date_order_flag(const std::string& text);
std::vector<CalendarFeature> parse_calendar_flag(const std::string& text);
std::vector<std::size_t> parse_lags_flag(const std::string& text);

}  // namespace carousel::cli
