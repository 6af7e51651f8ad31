// Examples of one source, looked through once: which are good, how long they are, and what they are in sum.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "data/bad_examples.h"
#include "data/feature_cache.h"
#include "tasks/sequence_settings.h"

namespace carousel {

/// What makes an example a good one.
struct SequenceCheck {
  SequenceJob job;
  SymbolUnit unit;
  bool targets = true;    ///< it says what it is
  std::size_t width = 0;  ///< values of a step; 0: as many as most examples have
};

/// Examples of one source, those that are good, with what was found in looking through them.
class SequenceSource {
 public:
  /// Reads every example once, on all threads. Throws DataError for a bad one where they are refused.
  SequenceSource(std::unique_ptr<Examples> examples, const SequenceCheck& check, const BadExamples& bad,
                 ThreadPool& pool);

  const Examples& examples() const noexcept { return *examples_; }
  std::size_t size() const noexcept { return good_.size(); }
  const Example& example(std::size_t i) const { return examples_->list()[good_[i]]; }
  std::size_t steps(std::size_t i) const { return steps_[good_[i]]; }
  std::size_t features() const noexcept { return width_; }
  const std::vector<BadExample>& bad() const noexcept { return bad_.list(); }
  /// Throws DataError naming the first bad one, if there is any.
  void refuse_bad() const;
  std::shared_ptr<const Features> read(std::size_t i) const { return cache_.get(good_[i]); }
  /// What the examples are: names, parts, steps and targets.
  std::string checksum() const;

 private:
  std::string look_at(std::size_t index, const SequenceCheck& check);

  std::unique_ptr<Examples> examples_;
  FeatureCache cache_;
  std::vector<std::size_t> steps_, widths_, good_;
  std::vector<std::uint64_t> prints_;  // of the features
  std::vector<std::string> reasons_;   // why each is bad; ""
  std::size_t width_ = 0;
  BadExampleList bad_;
};

/// An example of a part.
struct SequencePlace {
  const SequenceSource* source;
  std::size_t index;
  const Example& example() const { return source->example(index); }
  std::size_t steps() const { return source->steps(index); }
  std::shared_ptr<const Features> read() const { return source->read(index); }
};
using SequencePart = std::vector<SequencePlace>;

/// Of two sources that are one set of data.
std::string joined_checksum(const SequenceSource& one, const SequenceSource& other);

}  // namespace carousel
