// What is known of a whole series and does not change with time: a shop's region, a machine's power.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "data/csv.h"
#include "data/scaler.h"
#include "data/series.h"

namespace carousel {

/// One column of static features, as inputs: a number is scaled to mean 0 and deviation 1 over the series; a
/// category is an input for each text, 1 for its own and 0 for the others. What the first layer multiplies
/// them by is then a learned vector a category.
struct StaticFeature {
  std::string name;
  std::vector<std::string> categories;  ///< ascending; empty: a number
  Scaler scaler;                        ///< of a number

  std::size_t inputs() const noexcept { return categories.empty() ? 1 : categories.size(); }
  bool operator==(const StaticFeature&) const = default;
};

/// A table of static features of its own: a row a series.
struct StaticTable {
  std::string source;
  std::vector<std::string> names;
  std::map<std::string, std::vector<std::string>> rows;  ///< by id, as the file has them
};

/// Most categories of one feature: each is an input at every row.
inline constexpr std::size_t kMostCategories = 1000;

/// The first column is the id; names: the columns to take, none: all others. Throws SettingError for an
/// unknown column, DataError as CsvReader::read and for an id that is empty or there twice.
StaticTable read_static_table(CsvReader& reader, const std::vector<std::string>& names);

/// Gives every series of a set its row. Throws DataError for a series without one.
void join_statics(const StaticTable& table, SeriesSet& set);

/// From the series to train on: columns of numbers alone are numbers, all others categories. Throws DataError
/// for a missing value, and for more than kMostCategories.
std::vector<StaticFeature> fit_static_features(const SeriesSet& set);

/// The inputs of one series. Throws DataError for a missing value, a text where training had numbers, and a
/// category that it had not.
std::vector<float> static_inputs(std::span<const StaticFeature> features, const SeriesSet& set,
                                 const Series& series);

}  // namespace carousel
