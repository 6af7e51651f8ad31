#include "tasks/target_log.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/cells.h"
#include "kernels/activations.h"

namespace carousel {
namespace {

/// Mean and variance as values arrive (Welford, 1962).
struct Moments {
  double count = 0, mean = 0, squares = 0;
  void add(double value) noexcept {
    ++count;
    const double step = value - mean;
    mean += step / count;
    squares += step * (value - mean);
  }
  double deviation() const noexcept { return std::sqrt(squares / count); }
  /// Standard deviation over mean.
  double variation() const noexcept { return deviation() / mean; }
};

bool all_positive(const SeriesSet& set, std::size_t k) {
  return std::ranges::all_of(set.series, [k](const Series& series) {
    const Column<double>& column = series.columns[k];
    for (std::size_t p = 0; p < column.pieces(); ++p)
      if (std::ranges::any_of(column.piece(p), [](double v) { return v <= 0; })) return false;
    return true;
  });
}

[[noreturn]] void refuse(const SeriesSet& set, std::size_t series, std::size_t row, std::size_t k,
                         double value) {
  const std::string& id = set.series[series].id;
  throw DataError(fmt::format(
      "{}{}, column '{}': found {} in row {} of the series, expected a value above 0 for transform log",
      set.source, id.empty() ? "" : fmt::format(", series '{}'", shown(id)), shown(set.names[k]), value,
      row + 1));
}

}  // namespace

bool log_suits(const SeriesSet& set, std::span<const Split> splits, std::size_t k, std::size_t season) {
  if (!all_positive(set, k)) return false;
  const std::size_t length = season >= 2 ? season : 12;
  Moments of_deviation, of_ratio;
  for (std::size_t s = 0; s < set.series.size(); ++s) {
    const Range rows = splits[s].train;
    for (std::size_t begin = rows.begin; begin + length <= rows.end; begin += length) {
      Moments block;
      for (std::size_t row = begin; row < begin + length; ++row) {
        const double value = set.series[s].columns[k][row];
        if (!std::isnan(value)) block.add(value);
      }
      if (block.count < 2) continue;
      of_deviation.add(block.deviation());
      of_ratio.add(block.variation());
    }
  }
  return of_deviation.count >= 4 && of_ratio.variation() < of_deviation.variation();
}

void take_log(SeriesSet& set, std::size_t k) {
  for (std::size_t s = 0; s < set.series.size(); ++s) {
    Column<double>& column = set.series[s].columns[k];
    for (std::size_t p = 0, row = 0; p < column.pieces(); ++p) {
      const std::span<double> piece = column.piece(p);
      for (double& value : piece) {
        if (value <= 0) refuse(set, s, row, k, value);
        ++row;
      }
      kernels::log(piece.data(), piece.data(), piece.size());
    }
  }
}

double exp_of_target(double value) noexcept {
  double result = value;
  kernels::exp(&value, &result, 1);
  return result;
}

}  // namespace carousel
