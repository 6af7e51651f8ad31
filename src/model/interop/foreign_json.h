// JSON that other tools write their networks in, with errors that name the place.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "model/interop/foreign_network.h"

namespace carousel {

/// Entries keep the order of the file.
using ForeignJson = nlohmann::ordered_json;

/// Throws FileError, also for more than 64 MiB.
std::string read_foreign_file(const std::filesystem::path& path);
/// An object. Throws ModelError naming source and byte.
ForeignJson parse_foreign_json(std::string_view text, const std::string& source);

/// An entry of an object. This and what follows throw ModelError naming the place and what was found.
const ForeignJson& entry_of(const ForeignJson& object, const char* name, const std::string& place);
std::string text_in(const ForeignJson& json, const std::string& place);
/// A whole number from 1 to a million.
std::size_t count_in(const ForeignJson& json, const std::string& place);
/// A list of numbers.
std::vector<double> numbers_in(const ForeignJson& json, const std::string& place);
/// A list of lists of numbers, as many each.
ForeignMatrix matrix_in(const ForeignJson& json, const std::string& place);

}  // namespace carousel
