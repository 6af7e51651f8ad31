// The help text: usage, arguments, options by group with their defaults, examples.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"

namespace carousel::cli {

namespace {

constexpr std::size_t kMaxLeft = 24;

struct Entry {
  std::string left, right;
};

Entry entry_of(const CLI::Option& option) {
  if (option.get_positional()) return {option.get_name(true), option.get_description()};
  std::string left;
  for (const std::string& name : option.get_snames()) left += "-" + name + ", ";
  for (const std::string& name : option.get_lnames()) left += "--" + name;
  if (option.get_type_size() > 0) left += ' ' + option.get_type_name();
  std::string right = option.get_description();
  if (!option.get_default_str().empty()) right += fmt::format(" [{}]", option.get_default_str());
  return {left, right};
}

std::string list_text(const std::vector<Entry>& entries, std::size_t width) {
  std::size_t left = 0;
  for (const Entry& entry : entries)
    if (entry.left.size() <= kMaxLeft) left = std::max(left, entry.left.size());
  // Too narrow for two columns: the description goes below.
  const bool below_all = width < left + 4 + 24;
  const std::size_t indent = below_all ? 6 : left + 4;
  std::string out;
  for (const Entry& entry : entries) {
    const std::string right = wrapped(entry.right, indent, width);
    const bool below = below_all || entry.left.size() > left;
    out += "  " + entry.left +
           (below ? "\n" + right : right.substr(std::min(right.size(), entry.left.size() + 2))) + '\n';
  }
  return out;
}

std::string usage(const CLI::App& parser, bool has_options) {
  std::string line = "Usage: " + full_name(parser);
  const bool commands = !parser.get_subcommands({}).empty();
  if (commands) line += " COMMAND";
  for (const CLI::Option* option : parser.get_options())
    if (option->get_positional()) line += (commands ? " | " : " ") + option->get_type_name();
  return line + (has_options ? " [options]" : "");
}

std::vector<std::string> groups_of(const CLI::App& parser) {
  std::vector<std::string> names;
  for (const CLI::Option* option : parser.get_options())
    if (!option->get_positional() && !option->get_group().empty() &&
        std::ranges::find(names, option->get_group()) == names.end())
      names.push_back(option->get_group());
  // What every command has comes last, and before it where the result goes.
  for (const char* last : {"Output", "General"})
    std::stable_partition(names.begin(), names.end(),
                          [last](const std::string& name) { return name != last; });
  return names;
}

}  // namespace

std::string help_text(const CLI::App& parser, std::size_t width, bool colours) {
  const auto heading = [&](const std::string& text) {
    return '\n' + styled(text, Style::bold, colours) + '\n';
  };
  const std::vector<std::string> groups = groups_of(parser);
  std::string out = wrapped(parser.get_description(), 0, width) + "\n\n" +
                    wrapped(usage(parser, !groups.empty()), 0, width) + '\n';
  std::vector<Entry> entries;
  for (const CLI::Option* option : parser.get_options())
    if (option->get_positional()) entries.push_back({option->get_type_name(), option->get_description()});
  if (!entries.empty()) out += '\n' + list_text(entries, width);
  entries.clear();
  for (const CLI::App* command : parser.get_subcommands({}))
    entries.push_back({command->get_name(), command->get_description()});
  if (!entries.empty()) out += heading("Commands") + list_text(entries, width);
  for (const std::string& group : groups) {
    entries.clear();
    for (const CLI::Option* option : parser.get_options())
      if (!option->get_positional() && option->get_group() == group) entries.push_back(entry_of(*option));
    out += heading(group) + list_text(entries, width);
  }
  if (!parser.get_footer().empty()) out += heading("Examples") + parser.get_footer();
  return out;
}

}  // namespace carousel::cli
