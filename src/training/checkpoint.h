// All that a learning rule needs to go on as if it had never been stopped, and its file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "carousel/progress.h"

namespace carousel {

/// Independent of the rule: what it keeps beyond its place goes into named vectors and numbers.
template <class T>
struct Checkpoint {
  std::string method;                                 ///< "bptt": who wrote it
  std::uint64_t seed = 0;                             ///< of the run
  std::size_t epoch = 0;                              ///< epochs done
  std::size_t batch = 0;                              ///< batches done in the epoch after
  std::size_t update = 0;                             ///< updates done
  std::map<std::string, AlignedVector<T>> vectors;    ///< "weights", "best_weights", "optimizer.mean", ...
  std::map<std::string, double> numbers;              ///< kept exactly
  std::map<std::string, std::vector<double>> series;  ///< kept exactly, such as losses; of any length
  std::vector<ProgressRecord>
      history;  ///< one record an epoch done; a log of one line an epoch has as many lines

  /// The vector of this name, which must have `size` elements. Throws ModelError naming it otherwise.
  const AlignedVector<T>& vector(const std::string& name, std::size_t size) const;
  /// Throws ModelError if there is none of this name.
  double number(const std::string& name) const;
  /// Throws ModelError unless there is a series of this name and size.
  const std::vector<double>& doubles(const std::string& name, std::size_t size) const;
  /// The same as number() for a number of things, below 2^53.
  std::size_t count(const std::string& name) const;
};

/// Writes the file whole or not at all (format: docs/formats.md). Throws FileError.
template <class T>
void save_checkpoint(const Checkpoint<T>& checkpoint, const std::string& path);

/// Throws FileError if it cannot be read, ModelError if it is no checkpoint for this T.
template <class T>
Checkpoint<T> load_checkpoint(const std::string& path);

}  // namespace carousel
