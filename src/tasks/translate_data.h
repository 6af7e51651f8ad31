// Pairs of lines read from files, with all targets of a source together, cut into parts and symbols.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/line_pairs.h"
#include "data/split.h"
#include "tasks/pair_batches.h"
#include "tasks/translate_model.h"

namespace carousel {

/// A source, and every target that a file has for it: each is a right answer.
struct TranslateExample {
  std::vector<std::string> source;  ///< symbols; of byte pairs words, which a vocabulary cuts further
  std::vector<std::vector<std::string>> targets;
};

struct TranslateData {
  TranslateCoding coding;
  std::vector<TranslateExample> examples;  ///< in the order in which they are cut into parts
  Split parts;                             ///< of the examples, so that no source stands in two
  std::vector<BadExample> bad;             ///< lines left out

  std::span<const TranslateExample> part(const Range& range) const {
    return std::span(examples).subspan(range.begin, range.size());
  }
};

/// One example a source, in the order in which they are first there.
std::vector<TranslateExample> group_pairs(std::span<const LinePair> pairs, const TranslateSettings& settings);
/// Puts them into the order of a split. By hash: ascending 64-bit FNV-1a of the source's line, whose last
/// bits are mixed into the first ones (Steele, Lea & Flood, OOPSLA 2014, the finaliser of fig. 16).
void order_examples(std::vector<TranslateExample>& examples, const TranslateSettings& settings);

/// Every source with each of its targets.
SymbolPairs numbered(std::span<const TranslateExample> examples, const TranslateCoding& coding);

/// Reads the pairs of settings and decides what they leave open; the vocabularies are those of the training
/// part. Throws SettingError, DataError, FileError.
TranslateData prepare_translate_data(const TranslateSettings& settings);
/// The files that a model was trained on, read and cut as then.
TranslateData read_own_pairs(const TranslateCoding& coding);
/// All examples of another file, SOURCE TAB TARGET on each line, in the order of the file.
std::vector<TranslateExample> read_other_pairs(const TranslateCoding& coding, const std::string& path,
                                               BadExampleList& bad);

}  // namespace carousel
