#include "data/static_features.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/compensated_sum.h"
#include "base/suggest.h"
#include "carousel/error.h"
#include "data/cells.h"

namespace carousel {
namespace {

std::optional<double> number_of(const std::string& text) {
  const ParsedNumber parsed = parse_number(text, false);
  return parsed.status == NumberStatus::ok ? std::optional(parsed.value) : std::nullopt;
}

[[noreturn]] void fail(const SeriesSet& set, const Series& series, const std::string& feature,
                       const std::string& found, const std::string& expected) {
  throw DataError(fmt::format("{}, series '{}', static feature '{}': found '{}', expected {}", set.source,
                              shown(series.id), shown(feature), shown(found), expected));
}

void require_values(const SeriesSet& set) {
  for (const Series& series : set.series)
    for (std::size_t k = 0; k < set.static_names.size(); ++k)
      if (is_missing(series.statics[k]))
        fail(set, series, set.static_names[k], series.statics[k],
             "a value; a category that is not known may have a word of its own");
}

/// Over series, each counted once.
Scaler fit_scaler(const SeriesSet& set, std::size_t k) {
  CompensatedSum sum, squares;
  const double count = static_cast<double>(set.series.size());
  for (const Series& series : set.series) sum.add(*number_of(series.statics[k]));
  const double mean = sum.value() / count;
  for (const Series& series : set.series) {
    const double distance = *number_of(series.statics[k]) - mean;
    squares.add(distance * distance);
  }
  const double deviation = std::sqrt(squares.value() / count);
  // What is left of equal numbers is the rounding error of their mean.
  const bool usable = std::isfinite(mean) && std::isfinite(deviation) && deviation > 1e-14 * std::abs(mean);
  return {std::isfinite(mean) ? mean : 0, usable ? deviation : 1};
}

std::vector<std::string> categories_of(const SeriesSet& set, std::size_t k) {
  std::vector<std::string> words;
  for (const Series& series : set.series) words.push_back(series.statics[k]);
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  if (words.size() > kMostCategories)
    throw DataError(
        fmt::format("{}, static feature '{}': found {} different texts, expected at most {} categories",
                    set.source, shown(set.static_names[k]), words.size(), kMostCategories));
  return words;
}

}  // namespace

StaticTable read_static_table(CsvReader& reader, const std::vector<std::string>& names) {
  StaticTable result;
  result.source = reader.source();
  std::vector<ColumnRequest> requests{{0, ColumnKind::text}};
  for (const std::string& name : names) requests.push_back({reader.find(name, "static"), ColumnKind::text});
  for (std::size_t c = 1; names.empty() && c < reader.columns().size(); ++c)
    requests.push_back({c, ColumnKind::text});
  if (requests.size() == 1)
    throw DataError(fmt::format("{}: found no column beside the id '{}', expected static features",
                                reader.source(), shown(reader.columns()[0].name)));
  for (std::size_t k = 1; k < requests.size(); ++k)
    result.names.push_back(reader.columns()[requests[k].column].name);
  const Table table = reader.read(requests);
  for (std::size_t row = 0; row < table.rows; ++row) {
    const auto text = [&](std::size_t k) {
      const TextColumn& column = table.columns[k].text;
      return column.words[column.codes[row]];
    };
    std::vector<std::string> values;
    for (std::size_t k = 1; k < requests.size(); ++k) values.push_back(text(k));
    const std::string id = text(0);
    if (id.empty() || !result.rows.emplace(id, std::move(values)).second)
      throw DataError(fmt::format(
          "{} line {}, column '{}': found '{}'{}, expected the id of a series, each once", table.source,
          table.line(row), shown(reader.columns()[0].name), shown(id), id.empty() ? "" : " again"));
  }
  return result;
}

void join_statics(const StaticTable& table, SeriesSet& set) {
  set.static_names = table.names;
  for (Series& series : set.series) {
    const auto found = table.rows.find(series.id);
    if (found == table.rows.end())
      throw DataError(fmt::format("{}: found no row of the series '{}', which {} has, expected one a series",
                                  table.source, shown(series.id), set.source));
    series.statics = found->second;
  }
}

std::vector<StaticFeature> fit_static_features(const SeriesSet& set) {
  require_values(set);
  std::vector<StaticFeature> features;
  for (std::size_t k = 0; k < set.static_names.size(); ++k) {
    StaticFeature& feature = features.emplace_back();
    feature.name = set.static_names[k];
    const bool numbers = std::ranges::all_of(
        set.series, [k](const Series& series) { return number_of(series.statics[k]).has_value(); });
    if (numbers) {
      feature.scaler = fit_scaler(set, k);
    } else {
      feature.categories = categories_of(set, k);
    }
  }
  return features;
}

std::vector<float> static_inputs(std::span<const StaticFeature> features, const SeriesSet& set,
                                 const Series& series) {
  std::vector<float> inputs;
  for (std::size_t k = 0; k < features.size(); ++k) {
    const StaticFeature& feature = features[k];
    const std::string& text = series.statics[k];
    if (feature.categories.empty()) {
      const std::optional<double> number = number_of(text);
      if (!number) fail(set, series, feature.name, text, "a number, as in training");
      inputs.push_back(static_cast<float>(feature.scaler.apply(*number)));
      continue;
    }
    const auto place = std::ranges::lower_bound(feature.categories, text);
    if (place == feature.categories.end() || *place != text)
      fail(set, series, feature.name, text,
           "a category that training had; " + suggestion(text, feature.categories));
    const auto own = static_cast<std::size_t>(place - feature.categories.begin());
    for (std::size_t c = 0; c < feature.categories.size(); ++c) inputs.push_back(c == own ? 1.0F : 0.0F);
  }
  return inputs;
}

}  // namespace carousel
