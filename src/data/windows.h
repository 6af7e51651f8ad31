// Windows on series, gathered into batches on demand.
//
// A window is a series and an origin, the last row that is known. It runs over the rows
// origin - length + 1 ... origin, length = min(context, origin + 1). At each of its rows t
//
//   x, the inputs known at t    targets at t, past covariates at t                  (scaled)
//                               missing indicators of these (1: missing; then the value is 0)
//                               known covariates at t + 1 ... t + known_steps       (scaled)
//                               for each lag L, targets at t + 1 - L ... t + known_steps - L (scaled)
//                               calendar of t + 1
//                               static features of the series
//   y, what it shall predict    targets at t + 1 ... t + horizon (scaled): y[j * targets + k] is target k
//                               at t + 1 + j; NaN where missing or beyond the end of the window's part
//
// so that a network which predicts `horizon` steps at every row (direct) or one (recursive, horizon 1) learns
// from all rows of a window, and the last row is the forecast proper. The calendar of t + 1 fixes that of all
// later steps.
//
// Lagged targets (Salinas, Flunkert, Gasthaus & Januschowski, "DeepAR", 2020, and GluonTS) may lie before the
// window: a lag of a week shows the week before to a window of a day. One that is missing is replaced by the
// value another lag before it, as seasonal anchors are; 0, as DeepAR has it, where there is none, such as
// before the begin of the series.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/calendar.h"
#include "data/scaler.h"
#include "data/series.h"
#include "data/split.h"
#include "tensor/sequences.h"

namespace carousel {

struct WindowSettings {
  /// Rows a window shows, at least 1.
  std::size_t context = 0;
  /// Steps ahead in y, at least 1. May be 1 for a recursive model.
  std::size_t horizon = 0;
  /// Steps ahead for which known covariates are given: 1, or horizon.
  std::size_t known_steps = 1;
  /// Inputs that say which targets and past covariates are missing; meant for Missing::mask.
  bool missing_indicators = false;
  std::vector<CalendarFeature> calendar = {};
  /// Rows from a lagged target to the step that it is an input for, each at least known_steps.
  std::vector<std::size_t> lags = {};
};

/// A place to forecast from.
struct Window {
  std::size_t series;
  /// The last known row.
  std::size_t origin;
  /// One past the last row whose targets may be seen: the end of the part.
  std::size_t end;
};

/// The windows of one part, in order of series and time, counted and not stored.
class WindowList {
 public:
  std::size_t size() const noexcept { return first_.back(); }
  Window operator[](std::size_t number) const noexcept;
  void add(std::size_t series, std::size_t first_origin, std::size_t count, std::size_t end);
  /// At most n of all window numbers, evenly spaced, the first and the last among them.
  std::vector<std::size_t> spread(std::size_t n) const;
  /// All window numbers in the order of an epoch: a shuffle that depends on seed and epoch only.
  std::vector<std::size_t> shuffled(std::uint64_t seed, std::uint64_t epoch) const;

 private:
  struct Run {
    std::size_t series, first_origin, end;
  };
  std::vector<Run> runs_;
  /// Number of the first window of each run, and of all.
  std::vector<std::size_t> first_{0};
};

enum class Part { train, validation, test };

/// Training windows have the full context and horizon inside the training part. Validation and test windows
/// have their horizon inside their part and reach back for context into what lies before: a part of
/// n rows has n - horizon + 1 of them. A series too short for a window has none.
WindowList list_windows(const SeriesSet& set, std::span<const Split> splits, Part part, std::size_t context,
                        std::size_t horizon);

/// Makes windows into numbers. Keeps references to the set.
class Windows {
 public:
  /// `scalers`: one for all series, or one a series; `statics`: inputs that stay the same in a series, as
  /// many for each, or none. Throws SettingError for settings that do not fit the set (a calendar without a
  /// frequency), Error for a wrong number of scalers or statics.
  Windows(const SeriesSet& set, std::vector<Scalers> scalers, WindowSettings settings,
          std::vector<std::vector<float>> statics = {});

  const SeriesSet& set() const noexcept { return *set_; }
  const WindowSettings& settings() const noexcept { return settings_; }
  /// Width of x, and what each input is ("passengers", "promotion+1", "passengers+1-12", "month_of_year
  /// sine").
  std::size_t inputs() const noexcept { return inputs_; }
  std::vector<std::string> input_names() const;
  /// Width of y: horizon * targets.
  std::size_t outputs() const noexcept { return settings_.horizon * set_->targets; }
  const Scalers& scalers(std::size_t series) const noexcept {
    return scalers_[scalers_.size() == 1 ? 0 : series];
  }

  /// x [length, B, inputs()] and y [length, B, outputs()] of windows; both are given their shape here.
  /// Windows may be any: the same bits whatever stands beside them in the batch.
  void gather(std::span<const Window> windows, Sequences<float>& x, Sequences<float>& y) const;
  /// x alone, for forecasts.
  void gather_inputs(std::span<const Window> windows, Sequences<float>& x) const;

  /// The inputs of one row t into `out` (inputs() values).
  void input_row(std::size_t series, std::size_t t, std::span<float> out) const;
  /// The inputs of a row t beyond the origin, for recursive forecasts: targets as predicted (scaled, one a
  /// target), past covariates as at the origin, known covariates, lagged targets and calendar as they are:
  /// every lag must lead from t + known_steps to the origin or before it.
  void input_row_ahead(std::size_t series, std::size_t t, std::size_t origin,
                       std::span<const float> predicted, std::span<float> out) const;

  /// Scaled target k, `back` rows before `row`; where it is missing, a cycle before that, kCyclesBack tries
  /// in all. NaN if there is none.
  float target_before(std::size_t series, std::size_t k, std::size_t row, std::size_t back,
                      std::size_t cycle) const;
  static constexpr std::size_t kCyclesBack = 4;

  /// The lagged targets among the inputs of a row: number (l * known_steps + j) * targets + k is target k at
  /// t + 1 + j - lags[l].
  std::span<float> lagged(std::span<float> row) const;
  /// Number i of them at row t; NaN where the input is 0 because there is none.
  float lagged_target(std::size_t series, std::size_t t, std::size_t i) const;

  /// The window at the end of a series, from which its future is forecast. Throws DataError when known
  /// covariates of the next `steps` rows are not there (with the time stamp or row, and the column).
  Window last_window(std::size_t series, std::size_t steps) const;

 private:
  void known_inputs(std::size_t series, std::size_t t, std::span<float> out) const;
  void target_row(const Window& window, std::size_t t, std::span<float> out) const;

  /// Where inputs of known covariates begin, and the lagged targets behind them.
  std::size_t known_begin() const noexcept;
  std::size_t lagged_begin() const noexcept;
  std::size_t lagged_width() const noexcept;
  /// Inputs of static features.
  std::size_t static_width() const noexcept { return statics_.empty() ? 0 : statics_[0].size(); }

  const SeriesSet* set_;
  std::vector<Scalers> scalers_;
  WindowSettings settings_;
  std::vector<std::vector<float>> statics_;
  std::size_t inputs_;
};

}  // namespace carousel
