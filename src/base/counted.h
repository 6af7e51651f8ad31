// How messages write numbers of things.
#pragma once

#include <cstddef>
#include <string>

namespace carousel {

/// 1234567 as "1,234,567".
std::string grouped(std::size_t value);
/// "1 row", "1,234 rows"
std::string counted(std::size_t count, const char* one, const char* several);

}  // namespace carousel
