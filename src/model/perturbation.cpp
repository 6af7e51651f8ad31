// Weights as training sees them for the length of an update: DropConnect and weight noise.
#include <algorithm>

#include "kernels/normal.h"
#include "kernels/random_bits.h"
#include "layers/work_split.h"
#include "model/weighted.h"

namespace carousel {

namespace {

// Streams of random numbers beside those of the layers (ParameterTable::next_stream).
constexpr std::uint64_t kDropStream = std::uint64_t{1} << 23, kNoiseStream = kDropStream + 1;

Random random_of(std::uint64_t stream, std::uint64_t seed, std::uint64_t update) {
  return {seed, (stream << 40) | update};
}

/// Calls task(offset, count) for ranges of a parameter, multiples of what one block of random bits is good
/// for but the last.
template <class Task>
void split_parameter(ThreadPool& pool, const Parameter& parameter, Task&& task) {
  constexpr std::size_t kRange = 4096, kWork = 64;  // elements; multiply-adds that one is worth
  const std::size_t size = parameter.shape.size(), ranges = (size + kRange - 1) / kRange;
  split_work(pool, ranges, size * kWork, [&](std::size_t begin, std::size_t end) {
    task(begin * kRange, std::min(end * kRange, size) - begin * kRange);
  });
}

// Elements that one call makes numbers for; a multiple of what a block of bits is good for.
constexpr std::size_t kAtOnce = 256;

/// Multiplies by 0 or 1 / (1 - rate).
template <class T>
void leave_out(const Random& random, const Parameter& parameter, std::size_t begin, std::size_t count,
               T* values) {
  const T scale = static_cast<T>(1.0 / (1.0 - parameter.drop));
  const std::uint64_t first = parameter.offset;  // of a block of choices: apart from other parameters' ones
  std::uint8_t chosen[kAtOnce];
  for (std::size_t j = 0; j < count; j += kAtOnce) {
    const std::size_t n = std::min(kAtOnce, count - j);
    kernels::choose(random, first + (begin + j) / kernels::kChoices, parameter.drop, 0, n, chosen);
    for (std::size_t k = 0; k < n; ++k) values[j + k] = chosen[k] != 0 ? T(0) : values[j + k] * scale;
  }
}

template <class T>
void add_noise(const Random& random, const Parameter& parameter, std::size_t begin, std::size_t count,
               T* values) {
  T noise[kAtOnce];
  for (std::size_t j = 0; j < count; j += kAtOnce) {
    const std::size_t n = std::min(kAtOnce, count - j);
    kernels::fill_normal(random, parameter.offset + begin + j, noise, n);
    for (std::size_t k = 0; k < n; ++k) values[j + k] += static_cast<T>(parameter.noise) * noise[k];
  }
}

}  // namespace

template <class T>
bool Weighted<T>::perturbed() const noexcept {
  return std::ranges::any_of(parameters_.all(), [](const Parameter& p) { return p.drop > 0 || p.noise > 0; });
}

template <class T>
void Weighted<T>::perturb(ThreadPool& pool, std::uint64_t seed, std::uint64_t update) {
  const kernels::StandardFloatMode mode;
  perturbed_weights_.assign(weights_.begin(), weights_.end());
  const Random drop = random_of(kDropStream, seed, update), noise = random_of(kNoiseStream, seed, update);
  for (const Parameter& parameter : parameters_.all()) {
    T* const values = perturbed_weights_.data() + parameter.offset;
    if (parameter.drop == 0 && parameter.noise == 0) continue;
    split_parameter(pool, parameter, [&](std::size_t begin, std::size_t count) {
      if (parameter.noise > 0) add_noise(noise, parameter, begin, count, values + begin);
      if (parameter.drop > 0) leave_out(drop, parameter, begin, count, values + begin);
    });
  }
  pack_layers(perturbed_weights_, packing_);
}

template <class T>
void Weighted<T>::unperturb_gradient(ThreadPool& pool, std::uint64_t seed, std::uint64_t update,
                                     std::span<T> gradient) const {
  const Random drop = random_of(kDropStream, seed, update);
  for (const Parameter& parameter : parameters_.all()) {
    if (parameter.drop == 0) continue;
    split_parameter(pool, parameter, [&](std::size_t begin, std::size_t count) {
      leave_out(drop, parameter, begin, count, gradient.data() + parameter.offset + begin);
    });
  }
}

template bool Weighted<float>::perturbed() const noexcept;
template bool Weighted<double>::perturbed() const noexcept;
template void Weighted<float>::perturb(ThreadPool&, std::uint64_t, std::uint64_t);
template void Weighted<double>::perturb(ThreadPool&, std::uint64_t, std::uint64_t);
template void Weighted<float>::unperturb_gradient(ThreadPool&, std::uint64_t, std::uint64_t,
                                                  std::span<float>) const;
template void Weighted<double>::unperturb_gradient(ThreadPool&, std::uint64_t, std::uint64_t,
                                                   std::span<double>) const;

}  // namespace carousel
