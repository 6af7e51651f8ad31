// The program: finds the command, runs it, and turns what goes wrong into one line and an exit status.
#include <carousel/error.h>
#include <carousel/version.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <new>

#include "app/cli/arguments.h"
#include "app/cli/output.h"

namespace carousel::cli {

namespace {

constexpr std::size_t kMinHelpWidth = 30, kMaxHelpWidth = 100;

void print_help(const CLI::App& parser) {
  const Terminal terminal(1);
  write_result(
      help_text(parser, std::clamp(terminal.columns(), kMinHelpWidth, kMaxHelpWidth), terminal.colours()));
}

/// The innermost parser that the command line named.
const CLI::App& named_parser(const CLI::App& parser) {
  const auto commands = parser.get_subcommands();
  return commands.empty() ? parser : named_parser(*commands.front());
}

void set_up(CLI::App& program, Commands& commands) {
  program.allow_extras();
  program.require_subcommand(0, 1);
  program.set_help_flag("-h,--help", "show this and end")->group("General");
  program.set_version_flag("--version", fmt::format("carousel {}", kVersion), "show the version and end")
      ->group("General");
  for (const auto add : {add_train, add_resume, add_evaluate, add_predict, add_generate, add_suggest,
                         add_report, add_inspect, add_convert, add_bench, add_lab})
    add(program, commands);
  set_examples(program,
               {"carousel train forecast passengers.csv --target passengers --horizon 12",
                "carousel predict runs/passengers passengers.csv", "carousel train forecast --help"});
}

/// What CLI11 itself finds wrong: a flag without its value, options that exclude each other.
[[noreturn]] void refuse(const CLI::App& program, const CLI::ParseError& error) {
  const std::string text = error.what(), flag = text.substr(0, text.find(':'));
  const std::string help = full_name(named_parser(program)) + " --help tells more";
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
    throw SettingError(fmt::format("{}: its value is missing; {}", flag, help));
  throw SettingError(fmt::format("{}; {}", text, help));
}

/// Where a message names a setting by its word in run.toml, the command line knows it as a flag.
SettingError with_flag(const CLI::App& parser, const SettingError& error) {
  const std::string text = error.what(), word = text.substr(0, text.find_first_of(": "));
  std::string flag = "--" + word;
  std::ranges::replace(flag, '_', '-');
  const bool is_flag = parser.get_option_no_throw(flag) != nullptr;
  return is_flag ? SettingError(flag + text.substr(word.size())) : error;
}

int run_command(CLI::App& program, const Commands& commands, int count, const char* const* words) {
  try {
    program.parse(count, words);
  } catch (const CLI::CallForHelp&) {
    print_help(named_parser(program));
    return kDone;
  } catch (const CLI::CallForVersion&) {
    write_result(fmt::format("carousel {}\n", kVersion));
    return kDone;
  } catch (const CLI::ParseError& error) {
    refuse(program, error);
  }
  refuse_leftovers(program);
  const CLI::App& named = named_parser(program);
  if (&named == &program) {
    write_message(help_text(program, kMaxHelpWidth, false));
    return kWrongCommand;
  }
  const auto command = std::ranges::find_if(commands, [&](const Command& c) { return c.parser == &named; });
  // One that has commands of its own may take a word for a misspelt one, and looks itself.
  if (named.get_subcommands({}).empty()) refuse_leftovers(named, command->common->of_several);
  return command->run();
}

int run(int count, const char* const* words) {
  CLI::App program("Carousel trains LSTM networks on your data and runs them.", "carousel");
  Commands commands;
  set_up(program, commands);
  try {
    return run_command(program, commands, count, words);
  } catch (const SettingError& error) {
    throw with_flag(named_parser(program), error);
  }
}

int tell(const std::exception& error, int status) {
  write_message(styled("carousel:", Style::red, Terminal(2).colours()) + ' ' + one_line(error.what()) + '\n');
  return status;
}

}  // namespace

}  // namespace carousel::cli

int main(int count, char** words) {
  using namespace carousel::cli;
  prepare_streams();
  try {
    return run(count, words);
  } catch (const ClosedPipe&) {
    return kFailed;
  } catch (const carousel::SettingError& error) {
    return tell(error, kWrongCommand);
  } catch (const std::bad_alloc&) {
    return tell(carousel::Error("not enough memory for this; try a smaller --batch or a smaller network"),
                kFailed);
  } catch (const std::exception& error) {
    return tell(error, kFailed);
  }
}
