// Results to standard output, everything else to standard error.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "app/cli/terminal.h"

namespace carousel::cli {

/// Whoever read standard output has gone (`| head`): the program ends without a word, with status 1.
class ClosedPipe : public std::exception {};

/// Writes all of it at once. Throws FileError where standard output cannot take it, ClosedPipe.
void write_result(std::string_view text);
/// One line of JSON; text that is not UTF-8 is made so, NaN is null.
std::string json_line(const nlohmann::ordered_json& json);

/// To standard error. Where that fails there is nobody left to tell.
void write_message(std::string_view text) noexcept;

/// To be called first: closed standard streams are occupied, so that no file of ours takes their place, and a
/// closed pipe or a file that grows beyond its limit is an error from write() and no signal.
void prepare_streams();

}  // namespace carousel::cli
