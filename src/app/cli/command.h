// What all commands share: where they are listed, the options that every one takes, their exit statuses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"

namespace CLI {
class App;
}  // namespace CLI

namespace carousel::cli {

inline constexpr int kDone = 0, kFailed = 1, kWrongCommand = 2;

/// Options that every command takes.
struct Common {
  std::size_t threads = 0;            ///< 0: one a processor
  std::optional<std::uint64_t> seed;  ///< not set: the standard one
  bool quiet = false;
  bool json = false;
  std::string of_several = {};  ///< what to do instead where a command takes one DATA, and was given more
};

/// A command as parsed, and what it does; returns the exit status.
struct Command {
  CLI::App* parser;
  std::shared_ptr<Common> common;
  std::function<int()> run;
};
using Commands = std::vector<Command>;

/// Each enters its command into the program's parser and into the list.
void add_train(CLI::App& program, Commands& commands);
void add_resume(CLI::App& program, Commands& commands);
void add_evaluate(CLI::App& program, Commands& commands);
void add_predict(CLI::App& program, Commands& commands);
void add_report(CLI::App& program, Commands& commands);
void add_inspect(CLI::App& program, Commands& commands);
void add_convert(CLI::App& program, Commands& commands);
void add_generate(CLI::App& program, Commands& commands);
void add_suggest(CLI::App& program, Commands& commands);
void add_bench(CLI::App& program, Commands& commands);
void add_lab(CLI::App& program, Commands& commands);

}  // namespace carousel::cli
