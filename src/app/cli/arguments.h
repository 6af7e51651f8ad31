// The command line read with CLI11, with values checked here so that every message says what was expected.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace carousel::cli {

/// Numbers as a flag gives them. Throw SettingError naming the flag.
std::uint64_t parse_count(std::string_view flag, std::string_view text, std::uint64_t min = 0,
                          std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
double parse_real(std::string_view flag, std::string_view text);
/// Seconds from "90", "90s", "5m", "1.5h", "1h30m".
double parse_duration(std::string_view flag, std::string_view text);
/// "a,b,c"; an empty name is an error.
std::vector<std::string> parse_list(std::string_view flag, std::string_view text);

/// An option with one value; the last one given counts. `shown_default` is for the help only.
CLI::Option* add_value(CLI::App& parser, const std::string& flag, const std::string& value_name,
                       const std::string& description, const std::string& shown_default,
                       const std::function<void(const std::string&)>& set);

/// A parser of one command, with the options that every command takes.
CLI::App* add_parser(CLI::App& parent, const std::string& name, const std::string& description,
                     Common& common);
/// Lines of the help's last part.
void set_examples(CLI::App& parser, const std::vector<std::string>& lines);

/// Throws SettingError, with the nearest right word, if words were left that no option or place takes.
/// of_several: Common's.
void refuse_leftovers(const CLI::App& parser, const std::string& of_several = "");
/// Throws SettingError if a value that must be there is empty.
void require_value(const CLI::App& parser, const std::string& value, const std::string& name);

/// "carousel train forecast"
std::string full_name(const CLI::App& parser);
/// The whole help of a parser, at most `width` columns wide.
std::string help_text(const CLI::App& parser, std::size_t width, bool colours);

}  // namespace carousel::cli
