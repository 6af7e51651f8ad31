// From which score on a keyword counts as said: found on examples whose texts are known.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "tasks/detection_metrics.h"
#include "tasks/transcription.h"

namespace carousel {

/// Keywords, by their numbers in the settings, as a row of examples has and as it was found to have them.
struct KeywordRow {
  std::vector<std::size_t> truth;
  std::vector<FoundKeyword> found;  ///< with low scores, too
};
/// symbols: of the row's text. y, b, steps: as find_keywords.
KeywordRow keyword_row(const SequenceCoding& coding, const std::vector<std::string>& symbols,
                       const Sequences<float>& y, std::size_t b, std::size_t steps);

/// What is found from this score on: of one keyword, or of all.
DetectionCounts count_keywords(const std::vector<KeywordRow>& rows, double threshold,
                               std::optional<std::size_t> keyword);

/// The threshold with the best F1 over all keywords of the settings, of equal ones the highest, on the
/// validation part, or the training part where there is none. Not set where the network gives no numbers.
std::optional<double> find_keyword_threshold(const SequenceModel& model, const SequenceData& data,
                                             ThreadPool& pool);

}  // namespace carousel
