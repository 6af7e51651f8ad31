// What a network trained by connectionist temporal classification reads out of a sequence.
#pragma once

#include <string>
#include <vector>

#include "model/ctc_labelling.h"
#include "tasks/sequence_model.h"

namespace carousel {

/// Prefixes that a search follows at a time, where nobody says.
inline constexpr std::size_t kReadingWidth = 16;

/// A symbol and the steps of the input [begin, end) that it was read from.
struct ReadSymbol {
  std::string symbol;
  std::size_t number = 0;  ///< of the network's outputs
  std::size_t begin = 0, end = 0;
};

struct Reading {
  std::vector<ReadSymbol> symbols;
  double log_probability = 0;  ///< of the text, given the sequence
};

/// Sequence b of y, of so many steps of input, by a prefix search of so many prefixes (1: the likeliest
/// output of each step).
Reading read_out(const SequenceCoding& coding, const Sequences<float>& y, std::size_t b, std::size_t steps,
                 std::size_t width);
std::string text_of(const Reading& reading, const SequenceCoding& coding);

/// Where a keyword of the settings is said, best first; score: see model/keyword_spotter.h.
struct FoundKeyword {
  std::size_t keyword = 0;  ///< its number in the settings
  std::size_t begin = 0, end = 0;
  double score = 0;
};
/// The outputs that stand for a keyword's symbols. Throws SettingError for a symbol that no text of the
/// training part has.
std::vector<std::size_t> keyword_outputs(const SequenceCoding& coding, const std::string& keyword);
/// All of the keywords, with scores from `threshold` on. Throws SettingError for one of symbols that the
/// model does not know.
std::vector<FoundKeyword> find_keywords(const SequenceCoding& coding,
                                        const std::vector<std::string>& keywords, const Sequences<float>& y,
                                        std::size_t b, std::size_t steps, double threshold);

}  // namespace carousel
