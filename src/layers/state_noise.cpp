#include "layers/state_noise.h"

#include <algorithm>

#include "kernels/random_bits.h"

namespace carousel {

template <class T>
void StateNoise<T>::declare(ParameterTable& table) {
  if (options_.variational_dropout > 0) dropout_stream_ = table.next_stream();
  if (zones()) zoneout_stream_ = table.next_stream();
}

template <class T>
void StateNoise<T>::masks(const Pass& pass, const SequenceLayout& layout, View<T> keep) const {
  const Random random(pass.seed, (dropout_stream_ << 40) | pass.update);
  const double rate = options_.variational_dropout;
  const T scale = static_cast<T>(1.0 / (1.0 - rate));
  constexpr std::size_t kAtOnce = 256;
  std::uint8_t chosen[kAtOnce];
  for (std::size_t slot = 0; slot < keep.rows(); ++slot) {
    const std::uint64_t first = layout.sequence(slot) * kernels::choice_blocks(hidden_);
    for (std::size_t begin = 0; begin < hidden_; begin += kAtOnce) {
      const std::size_t n = std::min(kAtOnce, hidden_ - begin);
      kernels::choose(random, first + begin / kernels::kChoices, rate, 0, n, chosen);
      for (std::size_t j = 0; j < n; ++j) keep(slot, begin + j) = chosen[j] != 0 ? T(0) : scale;
    }
  }
}

namespace {

/// now = keep before + (1 - keep) candidate
template <class T>
void mean(double keep, const T* before, const T* candidate, Share::Range range, T* now) noexcept {
  const T part = static_cast<T>(keep), rest = static_cast<T>(1.0 - keep);
  for (std::size_t j = range.begin; j < range.end; ++j) now[j] = part * before[j] + rest * candidate[j];
}
/// Where chosen, what was there before comes back.
template <class T>
void take_back(const std::uint8_t* chosen, const T* before, Share::Range range, T* now) noexcept {
  for (std::size_t j = range.begin; j < range.end; ++j) now[j] = chosen[j] != 0 ? before[j] : now[j];
}

}  // namespace

template <class T>
void StateNoise<T>::choose(const Pass& pass, std::uint64_t sequence, std::uint64_t step,
                           const StateRow<T>& row, Share::Range units, Share::Range memory,
                           std::uint8_t* chosen) const noexcept {
  const Random random(pass.seed, (zoneout_stream_ << 40) | pass.update);
  const Share::Range cells = cells_of(memory);
  const std::uint64_t h_blocks = kernels::choice_blocks(hidden_);
  const std::uint64_t first = ((sequence << 32) + step) * (h_blocks + kernels::choice_blocks(cells_));
  kernels::choose(random, first, options_.zoneout_hidden, units.begin, units.end, chosen);
  kernels::choose(random, first + h_blocks, options_.zoneout_cell, cells.begin, cells.end, chosen + hidden_);
  take_back<T>(chosen, row.h_before, units, row.h);
  std::copy(row.candidate + memory.begin, row.candidate + memory.end, row.memory + memory.begin);
  take_back<T>(chosen + hidden_, row.memory_before, cells, row.memory);
}

template <class T>
void StateNoise<T>::mix(const StateRow<T>& row, Share::Range units, Share::Range memory) const noexcept {
  mean<T>(options_.zoneout_hidden, row.h_before, row.h, units, row.h);
  const Share::Range cells = cells_of(memory);
  mean<T>(options_.zoneout_cell, row.memory_before, row.candidate, cells, row.memory);
  const std::size_t rest = std::max(cells.end, memory.begin);
  std::copy(row.candidate + rest, row.candidate + memory.end, row.memory + rest);
}

template <class T>
void StateNoise<T>::set_apart(const std::uint8_t* chosen, Share::Range range, T* d, T* direct) noexcept {
  for (std::size_t j = range.begin; j < range.end; ++j) {
    direct[j] = chosen[j] != 0 ? d[j] : T(0);
    d[j] = chosen[j] != 0 ? T(0) : d[j];
  }
}

template class StateNoise<float>;
template class StateNoise<double>;

}  // namespace carousel
