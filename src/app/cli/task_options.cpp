#include "app/cli/task_options.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/cli/arguments.h"
#include "app/cli/option_group.h"

namespace carousel::cli {

void refuse_options_of_others(const CLI::App& parser, const Task& task,
                              OptionNames (Task::*options)() const) {
  const auto takes = [&](const Task& one, std::string_view flag) {
    return std::ranges::find((one.*options)(), flag) != (one.*options)().end();
  };
  for (const CLI::Option* option : parser.get_options()) {
    if (option->count() == 0 || option->get_group() != kTaskOptions) continue;
    const std::string flag = option->get_name();
    if (takes(task, flag)) continue;
    std::vector<std::string_view> others;
    for (const Task* other : tasks())
      if (takes(*other, flag)) others.push_back(other->name());
    throw SettingError(fmt::format("{}: a {} model has no such option, only {}; leave it out", flag,
                                   task.name(), fmt::join(others, ", ")));
  }
}

namespace {

constexpr const char* kLanguageWeight = "--language-weight";

}  // namespace

void add_search_options(CLI::App& parser, ReadingSearchOptions& options) {
  OptionGroup group(parser, kTaskOptions);
  group.text("--symbol-bonus", "X", "transcribe: added to a text's score for each symbol",
             "the model's, found in training", [&options](const std::string& text) {
               options.symbol_bonus = parse_real("--symbol-bonus", text);
             });
  group.text("--language", "RUN",
             "transcribe: a run of generate whose model says how likely symbols are to follow each other",
             "none", [&options](const std::string& text) {
               if (text.empty()) throw SettingError("--language: found nothing, expected a run of generate");
               options.language = text;
             });
  group.real(kLanguageWeight, options.language_weight, "transcribe: how much it counts");
}

void check_search_options(const CLI::App& parser, const ReadingSearchOptions& options) {
  if (parser.count(kLanguageWeight) > 0 && options.language.empty())
    throw SettingError(
        fmt::format("{}: goes with --language; name a run of generate there", kLanguageWeight));
}

}  // namespace carousel::cli
