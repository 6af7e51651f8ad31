// Examples made ready for a network: opened, cut into parts, numbered and scaled.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "data/vocabulary.h"
#include "tasks/sequence_settings.h"
#include "tasks/sequence_source.h"

namespace carousel {

/// Numbers of a model beside its weights: what its inputs and outputs stand for.
struct SequenceCoding {
  SequenceSettings settings;  ///< resolved
  std::size_t features = 1;   ///< of a step as it is read
  /// What features, or numbers of a row, are called in a table with a header; none: they go by their place.
  std::vector<std::string> columns;
  Scalers scalers;  ///< one a feature; none of symbols
  Vocabulary symbols{
      std::vector<std::string>()};  ///< that steps are made of; only the unknown one where they are numbers
  /// Classes, labels, or symbols of texts, behind one that stands for none of them.
  Vocabulary targets{std::vector<std::string>()};

  bool of_symbols() const noexcept { return symbols.size() > 1; }
  double step_seconds = 0;  ///< from a step to the next, of sound; 0: not known

  /// Values that a network puts out for a step: one for each target, and behind them the blank of transcribe.
  std::size_t outputs() const noexcept {
    return targets.size() - (settings.job == SequenceJob::transcribe ? 0 : 1);
  }
  std::size_t blank() const noexcept { return targets.size() - 1; }
};

struct SequenceData {
  SequenceCoding coding;
  std::unique_ptr<SequenceSource> source, test_source;  ///< the second is null where there is one source
  SequencePart train, validation, test;
  std::vector<BadExample> unreachable;  ///< taken out of the first two by leave_out_unreachable

  /// Bad examples of both sources.
  std::vector<BadExample> bad() const;
};

/// Opens the data of settings and decides what they leave open. Throws SettingError, DataError, FileError.
SequenceData prepare_sequences(const SequenceSettings& settings, ThreadPool& pool);
/// The examples that a model was trained on, read and cut as then, with its coding.
SequenceData read_own_sequences(const SequenceCoding& coding, ThreadPool& pool);
/// All examples of other data as a model reads them. targets: whether they have to have any. Throws DataError
/// also where all are bad; of some that are skipped the source's refuse_bad tells.
SequenceData read_other_sequences(const SequenceCoding& coding, const std::string& path, bool targets,
                                  const BadExamples& bad, ThreadPool& pool);

/// What the steps of a part's examples stand for in a model's coding: numbers of the model's symbols.
class SequenceInputs {
 public:
  SequenceInputs(const SequenceCoding& coding, const SequencePart& part);
  /// Step t of an example as the network reads it, [features].
  void write(const SequencePlace& place, const Features& features, std::size_t t, std::span<float> x) const;

 private:
  const SequenceCoding& coding_;
  std::map<const SequenceSource*, std::vector<float>> symbols_;  // by the source's numbers
};

/// Numbers of a part's targets as a network learns them, 0 ... outputs - 1; -1 for one that it does not know.
class SequenceTargets {
 public:
  SequenceTargets(const SequenceCoding& coding, const SequencePart& part);
  std::vector<std::int64_t> of(const SequencePlace& place) const;

 private:
  using Words =
      std::vector<std::vector<std::int64_t>>;  // by the source's numbers: one each, or those of a text
  bool texts_ = false;
  std::map<const SequenceSource*, Words> numbers_;
};

}  // namespace carousel
