// Numbers as people read them.
#pragma once

#include <string>
#include <string_view>

namespace carousel::report {

/// Four significant digits, thousands separated by commas: 12,345; 123.4; 0.03432. "–" for NaN and infinity.
std::string number_text(double value);

/// The same with a unit behind it, where there is one: "17.2 passengers", "3.1 %".
std::string number_text(double value, std::string_view unit);

}  // namespace carousel::report
