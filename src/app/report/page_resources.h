// Files that are part of every page, made into strings by embed.cmake.
#pragma once

#include <string_view>

namespace carousel::report {

extern const std::string_view kPageHtml;
extern const std::string_view kPageCss;
extern const std::string_view kPageJs;
extern const std::string_view kAnimationJs;
extern const std::string_view kChoiceTextJs;
extern const std::string_view kVegaJs;
extern const std::string_view kVegaCopyright;

}  // namespace carousel::report
