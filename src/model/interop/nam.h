// Models of guitar amplifiers by Neural Amp Modeler (Atkinson), of the architecture LSTM. docs/formats.md
// describes the file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "model/interop/foreign_network.h"

namespace carousel {

/// Throws ModelError naming source, what was found and what was expected.
ForeignNetwork parse_nam(std::string_view text, const std::string& source);
/// Throws also FileError.
ForeignNetwork read_nam(const std::filesystem::path& path);

}  // namespace carousel
