// What has its weights as one vector, and kernels that work on copies of them: networks of every shape.
#pragma once

#include <cstdint>
#include <span>

#include "base/aligned.h"
#include "base/thread_pool.h"
#include "kernels/float_mode.h"
#include "kernels/weight_format.h"
#include "tensor/parameters.h"

namespace carousel {

/// Throws SettingError unless sequences may have so many features.
void check_inputs(std::size_t inputs);
/// Throws SettingError for more parameters than any network may have.
void check_parameter_count(const ParameterTable& table);

template <class T>
class Weighted {
 public:
  const ParameterTable& parameters() const noexcept { return parameters_; }
  std::span<const T> weights() const noexcept { return weights_; }
  const Packing& packing() const noexcept { return packing_; }
  /// Makes the kernels' copies of the weights anew, for another use from now on. A format of fewer bits
  /// rounds the matrices among weights() for good: these are what it computes with. Throws SettingError if T
  /// is not float, Error for a weight that is not finite.
  void pack(const Packing& packing);
  /// Replaces all weights (same size) and makes the kernels' copies anew.
  void set_weights(std::span<const T> weights);
  /// Lets `change` work on the weight vector in place, then makes the kernels' copies anew.
  template <class Change>
  void update_weights(Change&& change) {
    const kernels::StandardFloatMode mode;
    change(std::span<T>(weights_));
    pack(packing_);
  }

  /// Whether training changes some weights for the length of an update.
  bool perturbed() const noexcept;
  /// Makes the kernels' copies from weights with noise and with elements left out, a function of seed and
  /// update, as training asks for; weights() stay what they are, and pack() takes them again.
  void perturb(ThreadPool& pool, std::uint64_t seed, std::uint64_t update);
  /// From a gradient on those weights to one on weights().
  void unperturb_gradient(ThreadPool& pool, std::uint64_t seed, std::uint64_t update,
                          std::span<T> gradient) const;

 protected:
  Weighted() = default;
  Weighted(Weighted&&) noexcept = default;
  Weighted& operator=(Weighted&&) noexcept = default;
  ~Weighted() = default;

  /// All weights 0, not packed. Throws like check_parameter_count.
  void set_parameters(ParameterTable table);
  std::span<T> mutable_weights() noexcept { return weights_; }
  /// Throws Error, naming the call, unless a gradient of this size belongs to the weights and they are packed
  /// for backward.
  void check_gradient(const char* where, std::size_t size) const;

 private:
  /// Makes the copies.
  virtual void pack_layers(std::span<const T> weights, const Packing& packing) = 0;
  void round_weights();

  ParameterTable parameters_;
  AlignedVector<T> weights_;
  AlignedVector<T> perturbed_weights_;
  Packing packing_;
};

}  // namespace carousel
