// Variational dropout and zoneout: which units of which sequences, at which steps, and what becomes of them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/aligned.h"
#include "cells/cell.h"
#include "layers/layer.h"
#include "layers/recurrent_options.h"

namespace carousel {

/// One sequence's step: what was there, what the cell made of it, and what is left; h is in and out.
template <class T>
struct StateRow {
  const T *h_before, *memory_before, *candidate;
  T *h, *memory;
};

/// Of H units of h and Z of c, the first of what is kept beside h.
template <class T>
class StateNoise {
 public:
  StateNoise(const RecurrentOptions& options, std::size_t hidden, std::size_t cells)
      : options_(options), hidden_(hidden), cells_(cells) {}

  void declare(ParameterTable& table);
  bool zones() const noexcept { return options_.zones(); }
  /// Whether masks lie on what is fed back in such a pass.
  bool drops(const Pass& pass) const noexcept { return pass.training && options_.variational_dropout > 0; }
  std::size_t zoned() const noexcept { return zones() ? hidden_ + cells_ : 0; }

  /// keep [B, H] by slots: 0 or 1 / (1 - rate), for all steps.
  void masks(const Pass& pass, const SequenceLayout& layout, View<T> keep) const;

  /// Zoneout of some units of h and columns of what is kept beside it, those behind the Z cells always new:
  /// in training by chance, chosen [H + Z], out, 1 where a unit stays what it was, memory_before not being
  /// memory; else the mean of both.
  void choose(const Pass& pass, std::uint64_t sequence, std::uint64_t step, const StateRow<T>& row,
              Share::Range units, Share::Range memory, std::uint8_t* chosen) const noexcept;
  void mix(const StateRow<T>& row, Share::Range units, Share::Range memory) const noexcept;

  /// d, in, the gradient on what a step left; out, on what the cell made. direct, out: what goes past the
  /// cell.
  void set_hidden_apart(const std::uint8_t* chosen, Share::Range units, T* dh, T* direct) const noexcept {
    set_apart(chosen, units, dh, direct);
  }
  void set_cell_apart(const std::uint8_t* chosen, Share::Range memory, T* dc, T* direct) const noexcept {
    set_apart(chosen + hidden_, cells_of(memory), dc, direct);
  }

 private:
  Share::Range cells_of(Share::Range memory) const noexcept {
    return {std::min(memory.begin, cells_), std::min(memory.end, cells_)};
  }
  static void set_apart(const std::uint8_t* chosen, Share::Range range, T* d, T* direct) noexcept;

  RecurrentOptions options_;
  std::size_t hidden_, cells_;
  std::uint64_t dropout_stream_ = 0, zoneout_stream_ = 0;
};

}  // namespace carousel
