// Columns of features go by their names where a table has a header, so that their order means nothing.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "data/csv.h"

namespace carousel {

/// What becomes of columns that nobody has named: of a table whose columns all are features they are refused.
enum class OtherColumns { aside, refused };

/// Those of the columns with these names, in the order of the names; all as they stand where there are no
/// names or no header. Throws DataError naming one that is not there, or is one too many.
std::vector<std::size_t> columns_called(const CsvReader& reader, std::vector<std::size_t> columns,
                                        std::span<const std::string> names, OtherColumns others);
/// The same of all columns, others refused.
std::vector<std::size_t> columns_called(const CsvReader& reader, std::span<const std::string> names);

/// What the header calls these columns; nothing without a header.
std::vector<std::string> names_of(const CsvReader& reader, std::span<const std::size_t> columns);

}  // namespace carousel
