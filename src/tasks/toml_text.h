// toml++, made safe for any text.
#pragma once

#include <string>
#include <string_view>

// toml++ 3.3 leaves some of what a broken file may hold to assertions, which without NDEBUG end the program
// and with it are undefined. Here they are errors like all others.
namespace carousel {
struct TomlAssertion {};
inline constexpr void toml_assert(bool holds) {
  if (!holds) throw TomlAssertion{};
}
}  // namespace carousel
#undef NDEBUG
#define TOML_ASSERT(condition) carousel::toml_assert(static_cast<bool>(condition))
#include <toml++/toml.h>

namespace carousel {

/// Throws SettingError, one line that begins with the source, for what is no TOML text or too long.
toml::table parse_toml(std::string_view text, const std::string& source);

/// What has been read, as it was written: letters beyond ASCII are hidden from the parser.
std::string reveal(std::string_view text);

}  // namespace carousel
