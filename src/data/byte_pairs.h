// Byte-pair pieces: what a vocabulary of them holds is learnt from a text.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carousel {

/// At most so many pieces of two bytes and more, in the order in which pairs of neighbours are merged
/// (Sennrich, Haddow & Birch, ACL 2016), and behind them the characters that are no bytes. Fewer where words
/// hold no more. None goes across two words or holds a control character. Throws SettingError in a program
/// built without CAROUSEL_WITH_PIECES.
std::vector<std::string> learn_byte_pairs(std::span<const std::string_view> words, std::size_t most);

}  // namespace carousel
