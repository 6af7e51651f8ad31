// What stands for byte_pairs.cpp where SentencePiece is left out.
#include <carousel/error.h>

#include "data/byte_pairs.h"

namespace carousel {

std::vector<std::string> learn_byte_pairs(std::span<const std::string_view>, std::size_t) {
  throw SettingError(
      "unit: this program was built without SentencePiece, and learns no pieces; build it with "
      "CAROUSEL_WITH_PIECES=ON, or take another unit, character or word");
}

}  // namespace carousel
