// Options of evaluate and predict that not every task has.
#pragma once

#include <CLI/CLI.hpp>

#include "app/cli/task.h"

namespace carousel::cli {

/// The help's heading of them.
inline constexpr const char* kTaskOptions = "Options of some tasks";

/// An option that means nothing to the task is a mistake, and no silence: throws SettingError for one that
/// was given. options: of a task, e.g. &Task::predict_options.
void refuse_options_of_others(const CLI::App& parser, const Task& task, OptionNames (Task::*options)() const);

/// How a transcription is searched for, but the width. Put into `options` as they are read.
void add_search_options(CLI::App& parser, ReadingSearchOptions& options);
/// Throws SettingError for a weight of nothing.
void check_search_options(const CLI::App& parser, const ReadingSearchOptions& options);

}  // namespace carousel::cli
