// The vocabulary of a text: the most frequent symbols of its training part, or its byte-pair pieces.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "data/vocabulary.h"

namespace carousel {

/// What `vocabulary` means where it is not set. Of byte-pair pieces there are fewer for a short text, which
/// would show each too rarely: one for every hundred words, from 512 up.
std::size_t standard_vocabulary(bool byte_pairs, std::size_t words);
/// Throws SettingError for fewer byte-pair pieces than one behind the bytes.
void check_vocabulary_size(bool byte_pairs, std::size_t most);

/// most: symbols, of byte pairs with the bytes. symbols: words, of byte pairs. Throws as learn_byte_pairs.
Vocabulary vocabulary_of(std::span<const std::string_view> symbols, bool byte_pairs, std::size_t most);

/// Throws ModelError for a vocabulary of the other kind.
void check_vocabulary(const Vocabulary& vocabulary, bool byte_pairs);

}  // namespace carousel
