// Pairs of lines as batches for the trainer: those of like length lie side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "training/batch_source.h"

namespace carousel {

/// Lines as numbers of symbols, one after the other in one place.
class SymbolLines {
 public:
  void add(std::span<const std::size_t> symbols);
  std::size_t size() const noexcept { return ends_.size() - 1; }
  std::span<const std::uint32_t> operator[](std::size_t line) const {
    return std::span(symbols_).subspan(ends_[line], ends_[line + 1] - ends_[line]);
  }

 private:
  std::vector<std::uint32_t> symbols_;
  std::vector<std::size_t> ends_{0};  // of the lines before, in symbols_
};

/// Sources and targets of the same numbers belong together.
struct SymbolPairs {
  SymbolLines sources, targets;
  std::size_t size() const noexcept { return sources.size(); }
};

/// These lines as one batch [T, B, 1], in this order.
Sequences<float> line_sequences(const SymbolLines& lines, std::span<const std::size_t> numbers);

/// An epoch has every pair once. Keeps a reference.
///
/// Training: pairs are shuffled, those of kWindow batches are sorted by length and cut into batches, and then
/// the batches are shuffled; all of it a function of seed and epoch. Validation: sorted by length.
class PairBatches final : public BatchSource<float> {
 public:
  static constexpr std::size_t kWindow = 32;

  static PairBatches training(const SymbolPairs& pairs, std::size_t batch, std::uint64_t seed) {
    return PairBatches(pairs, batch, true, seed);
  }
  static PairBatches validation(const SymbolPairs& pairs, std::size_t batch) {
    return PairBatches(pairs, batch, false, 0);
  }

  std::size_t batches(std::size_t) const override { return (pairs_.size() + batch_ - 1) / batch_; }
  /// Not to be called by two threads at once: the last epoch's order is kept.
  Batch<float> get(std::size_t epoch, std::size_t index) const override;
  /// Numbers of the pairs of a batch.
  std::span<const std::size_t> numbers(std::size_t epoch, std::size_t index) const;

 private:
  PairBatches(const SymbolPairs& pairs, std::size_t batch, bool shuffled, std::uint64_t seed)
      : pairs_(pairs), batch_(batch), shuffled_(shuffled), seed_(seed) {}
  void arrange(std::size_t epoch) const;

  const SymbolPairs& pairs_;
  std::size_t batch_;
  bool shuffled_;
  std::uint64_t seed_;
  mutable std::vector<std::size_t> order_;    // of pairs
  mutable std::vector<std::size_t> batches_;  // places in it, in batches, in the order that they come
  mutable std::size_t epoch_ = 0;             // that both are of, unless they are empty
};

}  // namespace carousel
