// Finds out how a CSV file is written from the text at its beginning.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/csv.h"

namespace carousel {

struct CsvForm {
  char delimiter;
  bool header;
  std::vector<CsvColumn> columns;
};

/// The form that most rows of the text agree with; what the options say is taken as given. `complete`: the
/// text is the whole file. Throws DataError as CsvReader's constructor does.
CsvForm sniff_csv(std::string_view text, bool complete, const std::string& source, const CsvOptions& options);

}  // namespace carousel
