#include "app/cli/arguments.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <utility>

#include "app/cli/terminal.h"
#include "base/suggest.h"

namespace carousel::cli {

std::uint64_t parse_count(std::string_view flag, std::string_view text, std::uint64_t min,
                          std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty() || value < min ||
      value > max) {
    std::string expected = "a whole number";
    if (max != std::numeric_limits<std::uint64_t>::max()) {
      expected += fmt::format(" from {} to {}", min, max);
    } else if (min > 0) {
      expected += fmt::format(" of at least {}", min);
    }
    throw SettingError(fmt::format("{}: expected {}, found '{}'", flag, expected, text));
  }
  return value;
}

double parse_real(std::string_view flag, std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty() || !std::isfinite(value))
    throw SettingError(fmt::format("{}: expected a number such as 0.001, found '{}'", flag, text));
  return value;
}

double parse_duration(std::string_view flag, std::string_view text) {
  constexpr std::pair<char, double> kUnits[] = {{'h', 3600}, {'m', 60}, {'s', 1}};
  double seconds = 0;
  std::string_view rest = text;
  for (const auto& [unit, scale] : kUnits) {  // each at most once, the largest first
    double value = 0;
    const char* const text_end = text.data() + text.size();
    const auto [end, error] = std::from_chars(rest.data(), text_end, value);
    if (error != std::errc() || !(value >= 0)) break;
    const bool bare = end == text_end && rest.size() == text.size();  // "90" are seconds
    if (bare ? unit != 's' : end == text_end || *end != unit) continue;
    seconds += value * scale;
    rest = std::string_view(bare ? end : end + 1, text_end);
  }
  if (text.empty() || !rest.empty() || !std::isfinite(seconds))
    throw SettingError(
        fmt::format("{}: expected a time such as 90, 90s, 5m, 1.5h or 1h30m, found '{}'", flag, text));
  return seconds;
}

std::vector<std::string> parse_list(std::string_view flag, std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    names.emplace_back(text.substr(at, end - at));
    if (names.back().empty())
      throw SettingError(fmt::format("{}: expected names with commas between them, found '{}'", flag, text));
    at = end + 1;
  }
  return names;
}

CLI::Option* add_value(CLI::App& parser, const std::string& flag, const std::string& value_name,
                       const std::string& description, const std::string& shown_default,
                       const std::function<void(const std::string&)>& set) {
  CLI::Option* option = parser.add_option_function<std::string>(flag, set, description);
  return option->type_name(value_name)->default_str(shown_default)->take_last();
}

CLI::App* add_parser(CLI::App& parent, const std::string& name, const std::string& description,
                     Common& common) {
  CLI::App* parser = parent.add_subcommand(name, description);
  parser->allow_extras();
  parser->set_help_flag("-h,--help", "show this and end")->group("General");
  add_value(*parser, "--threads", "N", "threads to use; they do not change the result", "all processors",
            [&common](const std::string& text) { common.threads = parse_count("--threads", text, 1, 4096); })
      ->group("General");
  add_value(*parser, "--seed", "N", "seed of all random numbers; training and generate draw some", "0",
            [&common](const std::string& text) { common.seed = parse_count("--seed", text); })
      ->group("General");
  parser->add_flag("--quiet", common.quiet, "no progress and no remarks")->group("General");
  parser->add_flag("--json", common.json, "results as JSON on standard output, nothing else there")
      ->group("General");
  return parser;
}

void set_examples(CLI::App& parser, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "  " + line + '\n';
  parser.footer(text);
}

namespace {

/// Flags as the user types them, or the names of the commands below.
std::vector<std::string> flags(const CLI::App& parser) {
  std::vector<std::string> names;
  for (const CLI::Option* option : parser.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> command_names(const CLI::App& parser) {
  std::vector<std::string> names;
  for (const CLI::App* command : parser.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

}  // namespace

void refuse_leftovers(const CLI::App& parser, const std::string& of_several) {
  const std::vector<std::string> words = parser.remaining();
  if (words.empty()) return;
  const std::string name = full_name(parser), help = fmt::format("{} --help lists what there is", name);
  const std::string word = words.front().substr(0, words.front().find('='));
  if (word.size() > 1 && word.front() == '-') {
    const std::string nearest = nearest_word(word, flags(parser));
    throw SettingError(fmt::format("there is no option {}{} {}", word,
                                   nearest.empty() ? ";" : fmt::format("; did you mean {}?", nearest), help));
  }
  const std::vector<std::string> commands = command_names(parser);
  if (!commands.empty())
    throw SettingError(
        fmt::format("'{}' is none of {}'s commands; {}", word, name, suggestion(word, commands)));
  throw SettingError(fmt::format("'{}' is one argument too many; {}", words.front(),
                                 of_several.empty() ? help : of_several));
}

void require_value(const CLI::App& parser, const std::string& value, const std::string& name) {
  if (value.empty())
    throw SettingError(fmt::format("{} is missing; {} --help tells more", name, full_name(parser)));
}

std::string full_name(const CLI::App& parser) {
  const CLI::App* parent = parser.get_parent();
  return parent == nullptr ? parser.get_name() : full_name(*parent) + ' ' + parser.get_name();
}

}  // namespace carousel::cli
