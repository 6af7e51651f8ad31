// From a data file and settings to what a forecast is trained on; all that was left open is decided here.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/split.h"
#include "tasks/forecast_model.h"

namespace carousel {

/// A data file read, split and scaled. Not copied or moved: windows refer to set.
struct ForecastData {
  ForecastCoding coding;
  SeriesSet set;  ///< targets after the logarithm, where they go through one
  std::vector<Split> splits;
  std::unique_ptr<Windows> windows;

  ForecastData() = default;
  ForecastData(const ForecastData&) = delete;
  ForecastData& operator=(const ForecastData&) = delete;

  /// The windows of a part.
  WindowList list(Part part) const {
    return list_windows(set, splits, part, *coding.settings.context, coding.settings.horizon);
  }
};

/// Reads the data of settings and decides what they leave open. Throws SettingError, DataError, FileError.
std::unique_ptr<ForecastData> prepare_training_data(const ForecastSettings& settings);

/// The files that a model was trained and tested on, read and split as then.
std::unique_ptr<ForecastData> read_own_data(const ForecastCoding& coding);
/// Another file with the same columns: from the first row that has a whole context behind it on, all is test
/// part.
std::unique_ptr<ForecastData> read_other_data(const ForecastCoding& coding, const std::string& path);
/// Makes data that was read by read_known_data what read_other_data would have made of its file.
void make_test_part(const ForecastCoding& coding, ForecastData& data);
/// A file to forecast from the end of ("-": standard input); not split.
std::unique_ptr<ForecastData> read_known_data(const ForecastCoding& coding, const std::string& path);

}  // namespace carousel
