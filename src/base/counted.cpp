#include "base/counted.h"

namespace carousel {

std::string grouped(std::size_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string counted(std::size_t count, const char* one, const char* several) {
  return grouped(count) + ' ' + (count == 1 ? one : several);
}

}  // namespace carousel
