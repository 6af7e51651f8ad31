// What a pen wrote: its points in order, and where it was lifted. As features, each step says how far the pen
// moved and whether a stroke ends there, as in Graves (2013), "Generating sequences with recurrent neural
// networks", section 4.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "data/array.h"
#include "data/csv.h"

namespace carousel {

/// up: the pen is lifted after this point.
struct PenPoint {
  float x, y;
  bool up;

  bool operator==(const PenPoint& other) const = default;
};

/// label is empty where the file has none.
struct PenSample {
  std::size_t line = 0;
  std::string id, label;
  std::vector<PenPoint> points;
};

/// A file with one point a row: names of its columns. Rows of one sample follow one another and have the same
/// id; `up` holds 0 or 1. Without a label column (an empty name) samples have no label; without one of ids
/// all rows are one sample.
struct PenPointColumns {
  std::string x = "x", y = "y", up = "up", id = "id", label;
};

/// A file with one sample a row: x and y of each point in turn, in all columns but those named here (empty:
/// there is none). All points are one stroke. So are the pen digits of Alpaydin & Alimoglu (1998) written.
struct PenRowColumns {
  std::string label, id;
  std::vector<std::string> coordinates = {};  ///< their names, in order; none: as they stand
};

/// Both throw DataError naming source, line and column for a cell that is not a finite number, SettingError
/// for a column that is not there.
std::vector<PenSample> read_pen_points(CsvReader& file, const PenPointColumns& columns = {});
/// Throws also DataError where the number of coordinates is odd or 0, or their names are others.
std::vector<PenSample> read_pen_rows(CsvReader& file, const PenRowColumns& columns);
/// Numbers of the columns that it takes x and y from. Throws the same.
std::vector<std::size_t> coordinate_columns(const CsvReader& file, const PenRowColumns& columns);

/// [T, 3], a step a point: dx and dy from the point before (0 at the first), in units of the larger side of
/// the box around all points, and 1 where the pen is lifted, else 0. Where all points are the same, dx and dy
/// are 0. Neither place nor size of the writing changes them.
Array pen_features(std::span<const PenPoint> points);

}  // namespace carousel
