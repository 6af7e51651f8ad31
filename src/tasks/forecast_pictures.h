// What a report shows of an evaluated forecast beside its metrics.
#pragma once

#include "tasks/forecast_data.h"
#include "tasks/forecast_evaluation.h"
#include "tasks/forecaster.h"

namespace carousel {

/// A target in the units of the data; NaN: missing.
double original_value(const ForecastCoding& coding, const ForecastData& data, std::size_t series,
                      std::size_t k, std::size_t row);
/// Seconds since 1970, or the row number without a frequency.
std::int64_t time_of(const SeriesSet& set, std::size_t series, std::size_t row);

/// Throws DataError if there is nothing to judge on.
void require_test_windows(const ForecastCoding& coding, const ForecastData& data, const WindowList& list);

/// out.samples, from origins spread over the list, and out.end_to_end.
void draw_samples(const ForecastModel& model, const ForecastData& data, const Forecaster& forecaster,
                  const WindowList& list, ForecastEvaluation& out);
/// out.recordings, of the first window.
void record_gates(const ForecastModel& model, const ForecastData& data, const WindowList& list,
                  ThreadPool& pool, ForecastEvaluation& out);

}  // namespace carousel
