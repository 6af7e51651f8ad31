#include "tasks/environments/environments.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/suggest.h"
#include "model/spec.h"
#include "tasks/environments/cart_pole.h"
#include "tasks/environments/catch.h"
#include "tasks/environments/delayed_recall.h"
#include "tasks/environments/double_pole.h"
#include "tasks/environments/t_maze.h"

namespace carousel {

namespace {

constexpr std::size_t kMaxSteps = 100'000'000, kMaxLength = 1'000'000, kMaxSide = 100;

using Made = std::unique_ptr<DrawnEnvironment>;

bool sees_velocities(LayerReader& read) {
  return read.word("sees", {"places", "velocities"}, "places") == "velocities";
}

Made make_cart_pole(LayerReader& read) {
  CartPoleOptions options;
  options.velocities = sees_velocities(read);
  if (read.word("acts", {"discrete", "continuous"}, "discrete") == "continuous")
    options.acts = ActionKind::continuous;
  options.longest = read.option_integer("longest", 1, kMaxSteps, options.longest);
  return std::make_unique<CartPole>(options);
}

Made make_catch(LayerReader& read) {
  CatchOptions options;
  options.rows = read.integer("rows", 2, kMaxSide, options.rows);
  options.columns = read.integer("columns", 1, kMaxSide, options.columns);
  options.blink = read.option_number("blink", 0, 1, options.blink);
  if (options.columns / 2 >= options.rows)
    read.refuse("columns",
                fmt::format("found {}, expected at most {} with {} rows: the paddle is too slow for "
                            "balls at the edge",
                            options.columns, 2 * options.rows - 1, options.rows));
  return std::make_unique<Catch>(options);
}

Made make_delayed_recall(LayerReader& read) {
  DelayedRecallOptions options;
  options.delay = read.integer("delay", 0, kMaxLength, options.delay);
  options.arms = read.option_integer("arms", 2, kMaxSide, options.arms);
  return std::make_unique<DelayedRecall>(options);
}

Made make_double_pole(LayerReader& read) {
  DoublePoleOptions options;
  options.velocities = sees_velocities(read);
  options.longest = read.option_integer("longest", 1, kMaxSteps, options.longest);
  return std::make_unique<DoublePole>(options);
}

Made make_t_maze(LayerReader& read) {
  TMazeOptions options;
  options.length = read.integer("length", 1, kMaxLength, options.length);
  options.noise = read.option_flag("noise", options.noise);
  const std::size_t shortest = options.length + 1;
  options.longest = read.option_integer("longest", shortest, kMaxSteps, 20 * shortest);
  return std::make_unique<TMaze>(options);
}

constexpr std::array<EnvironmentKind, 5> kKinds = {{
    {"cart_pole", "keep a pole upright on a cart; a policy sees places, or velocities too",
     "cart_pole velocities continuous longest=500", make_cart_pole},
    {"catch", "catch a falling ball, rows by columns; frames are blank with probability blink",
     "catch 10 5 blink=0.3", make_catch},
    {"delayed_recall", "pull the arm that a cue named so many distractors before", "delayed_recall 20 arms=2",
     make_delayed_recall},
    {"double_pole", "keep two poles upright on a cart; a policy sees places, or velocities too",
     "double_pole velocities longest=1000", make_double_pole},
    {"t_maze", "walk so many steps along a corridor, then turn as a sign at its beginning said",
     "t_maze 50 noise=on longest=1020", make_t_maze},
}};

const EnvironmentKind& kind_of(const std::string& text) {
  constexpr const char* kSpace = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(kSpace), text.size());
  const std::string name = text.substr(begin, text.find_first_of(kSpace, begin) - begin);
  std::vector<std::string> names;
  for (const EnvironmentKind& kind : kKinds) {
    if (kind.name == name) return kind;
    names.emplace_back(kind.name);
  }
  throw SettingError(fmt::format("unknown environment \"{}\"; {}", name, suggestion(name, names)));
}

}  // namespace

std::span<const EnvironmentKind> environment_kinds() { return kKinds; }

std::unique_ptr<DrawnEnvironment> make_environment(const std::string& text) {
  const EnvironmentKind& kind = kind_of(text);
  const std::vector<LayerSpec> specs = parse_spec(text);
  if (specs.size() > 1)
    refuse_spec(specs[1].position, fmt::format("{}: found a second environment, expected one", kind.name));
  LayerReader read(specs[0]);
  auto made = kind.make(read);
  read.finish();
  return made;
}

}  // namespace carousel
