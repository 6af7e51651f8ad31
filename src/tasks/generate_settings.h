// Everything that can be chosen about a language model: of which text, in which pieces, by which network, and
// how it is trained.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "data/split.h"
#include "data/text.h"
#include "tasks/training_settings.h"

namespace carousel {

std::string_view name(TextUnit unit) noexcept;
std::string_view name(InvalidText policy) noexcept;
/// The inverses; throw SettingError with the nearest name.
TextUnit parse_text_unit(std::string_view name);
InvalidText parse_invalid_text(std::string_view name);

struct GenerateSettings {
  static constexpr std::string_view kTask = "generate";

  // Data
  std::string data;                     ///< path of a text file
  std::optional<std::string> checksum;  ///< "fnv1a64:..." that the file must have
  InvalidText invalid = InvalidText::error;
  SplitRule split = SplitFractions{
      0.9, 0.05,
      0.05};  ///< of the text's pieces, in order; of byte pairs, of the words that they are cut from

  // Generate
  TextUnit unit = TextUnit::character;
  /// At most so many different pieces, of byte pairs with the bytes; all others are the unknown one. 0: as
  /// standard_vocabulary.
  std::size_t vocabulary = 0;
  std::size_t chunk = 100;  ///< pieces between two updates; the state is carried on

  // Network
  std::optional<std::string> layers;  ///< between embedding and output; not set: from hidden and dropout
  std::size_t embedding = 64;
  std::size_t hidden = 256;
  double dropout = 0;

  /// epochs: 20. batch: streams that the text is cut into, by its length up to 32.
  TrainingSettings training{.schedule = {.name = "cosine", .learning_rate = 0.004}, .patience = 5};
};

/// Everything that can be seen without the data. Throws SettingError naming the option and what would work.
void check_settings(const GenerateSettings& settings);

}  // namespace carousel
