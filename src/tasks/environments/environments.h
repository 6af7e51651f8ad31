// The worlds there are, and how they are written: a name, then values and options in the form of
// model/spec.h.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tasks/environments/drawn_environment.h"

namespace carousel {

class LayerReader;

struct EnvironmentKind {
  std::string_view name, what, example;  ///< as written, in a line, and with its values and options
  std::unique_ptr<DrawnEnvironment> (*make)(LayerReader&);
};

/// In alphabetical order, for help and lists.
std::span<const EnvironmentKind> environment_kinds();

/// From "t_maze 100", "double_pole velocities longest=2000", "catch blink=0.3". Throws SettingError for a
/// name that is none, with the nearest one suggested, and for values and options that mean nothing or are too
/// large, with the place in the text.
std::unique_ptr<DrawnEnvironment> make_environment(const std::string& text);

}  // namespace carousel
