// Everything that can be chosen about a translator: of which pairs of lines, in which symbols, by which
// encoder and decoder, and how it is trained.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "data/line_symbols.h"
#include "data/split.h"
#include "data/text.h"
#include "tasks/training_settings.h"

namespace carousel {

/// The order of sources in which they are cut into parts.
enum class SplitOrder {
  hash,  ///< of their bytes: parts are alike
  file,  ///< as they come
};

std::string_view name(LineUnit unit) noexcept;
std::string_view name(SplitOrder order) noexcept;
/// The inverses; throw SettingError with the nearest name.
LineUnit parse_line_unit(std::string_view name);
SplitOrder parse_split_order(std::string_view name);

struct TranslateSettings {
  static constexpr std::string_view kTask = "translate";
  static constexpr std::size_t kWidestBeam = 1000;

  // Data
  std::string data;                     ///< path: SOURCE TAB TARGET on each line, or sources alone
  std::optional<std::string> checksum;  ///< "fnv1a64:..." that the file must have
  /// Path of the targets' lines, where data holds sources alone.
  std::optional<std::string> target_file;
  std::optional<std::string> target_checksum;
  InvalidText invalid = InvalidText::error;
  bool skip_bad = false;                              ///< goes on without lines that cannot be read
  SplitRule split = SplitFractions{0.9, 0.02, 0.08};  ///< of the different sources
  SplitOrder split_order = SplitOrder::hash;

  // Translate
  LineUnit source_unit = LineUnit::character, target_unit = LineUnit::character;
  /// At most so many different symbols a side, of byte pairs with the bytes; all others are unknown. 0: as
  /// standard_vocabulary.
  std::size_t vocabulary = 0;
  std::size_t beam = 4;     ///< continuations that the search follows at a time
  std::size_t longest = 0;  ///< symbols of an answer; 0: half as many again as the longest target

  // Network
  std::optional<std::string> encoder, decoder;  ///< layers; not set: from hidden and dropout
  std::string attention = "additive";
  std::size_t attention_width = 0;  ///< of additive; 0: as wide as the decoder
  std::string bridge = "tanh";      ///< tanh, or none: the decoder does not begin with the encoder's state
  std::size_t embedding = 64;
  std::size_t hidden = 128;
  double dropout = 0;

  /// Scheduled sampling: how often, after all epochs, the decoder is given what it drew itself in training.
  double sampling = 0;
  /// epochs: 20. batch: pairs, by their number up to 64.
  TrainingSettings training{.schedule = {.name = "cosine", .learning_rate = 0.003}, .patience = 5};
};

/// Everything that can be seen without the data. Throws SettingError naming the option and what would work.
void check_settings(const TranslateSettings& settings);

}  // namespace carousel
