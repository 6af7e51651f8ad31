// Everything that can be chosen about a model that writes: of which text or music, in which pieces, by which
// network, and how it is trained.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "data/piano_roll.h"
#include "data/split.h"
#include "data/text.h"
#include "tasks/training_settings.h"

namespace carousel {

/// What is told one after the other: pieces of a text, or steps of music, of each which notes sound.
enum class GenerateUnit { character, word, piece, note };

std::string_view name(GenerateUnit unit) noexcept;
/// "1 word", "12 characters".
std::string counted(std::size_t count, GenerateUnit unit);
std::string_view name(InvalidText policy) noexcept;
std::string_view name(PianoKeys keys) noexcept;
/// The inverses; throw SettingError with the nearest name.
GenerateUnit parse_generate_unit(std::string_view name);
InvalidText parse_invalid_text(std::string_view name);
PianoKeys parse_piano_keys(std::string_view name);

struct GenerateSettings {
  static constexpr std::string_view kTask = "generate";

  // Data
  std::string data;                     ///< path of a text file; of music also of a folder
  std::optional<std::string> checksum;  ///< "fnv1a64:..." that the data must have
  InvalidText invalid = InvalidText::error;
  bool skip_bad = false;  ///< goes on without pieces of music that cannot be read
  /// Of the text's pieces, in order; of byte pairs, of the words that they are cut from; of music's pieces.
  /// Not set: standard_split; where music is already in parts, those.
  std::optional<SplitRule> split;

  // Generate
  std::optional<GenerateUnit> unit;  ///< not set: note for music (is_music), else character
  /// At most so many different pieces, of byte pairs with the bytes; all others are the unknown one. 0: as
  /// standard_vocabulary.
  std::size_t vocabulary = 0;
  std::size_t chunk = 0;  ///< pieces or steps between two updates; the state is carried on. 0: the unit's own
  PianoKeys keys = PianoKeys::piano;     ///< that music is read with
  std::optional<double> steps_per_beat;  ///< of music; not set: 4 where it is in beats, else 1
  std::size_t transpose = 0;  ///< music to train on is moved by up to so many semitones, anew in every epoch

  // Network
  std::optional<std::string> layers;  ///< in front of the output; not set: from hidden and dropout
  std::size_t embedding = 64;         ///< of a text's pieces
  std::size_t hidden = 256;
  std::optional<double> dropout;  ///< not set: 0 of a text, 0.5 of music

  /// epochs: 20, of music 100. batch: streams that a text is cut into, by its length up to 32; pieces of
  /// music, 8.
  TrainingSettings training{.schedule = {.name = "cosine", .learning_rate = 0.004}, .patience = 5};

  bool music() const noexcept { return unit == GenerateUnit::note; }
};

/// 90 %, 5 % and 5 % of a text; 80 %, 10 % and 10 % of the pieces of music.
SplitRule standard_split(GenerateUnit unit);
/// Decides what is open and needs no more than the data's name: not the split of music, nor the batch of a
/// text. Throws SettingError for a setting of texts with music, and the other way round.
void decide(GenerateSettings& settings);
/// How a text is cut. Throws ModelError for music.
TextUnit text_unit(const GenerateSettings& settings);

/// Everything that can be seen without the data. Throws SettingError naming the option and what would work.
void check_settings(const GenerateSettings& settings);

}  // namespace carousel
