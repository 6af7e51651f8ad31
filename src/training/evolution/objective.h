// What direct search over a weight vector makes small.
#pragma once

#include <cstdint>
#include <span>

namespace carousel {

template <class T>
class Network;

/// Of one thread: others have objectives of their own, which give the same losses.
template <class T>
class Objective {
 public:
  virtual ~Objective() = default;
  /// The loss of these weights; smaller is better, NaN the worst. A function of its arguments alone, whatever
  /// was asked for before. round: what may change from time to time but is the same for weights that are to
  /// be compared, such as the first states of episodes.
  virtual double loss(std::span<const T> weights, std::uint64_t round) = 0;
};

/// Throws SettingError for weight_noise and drop_connect, which change weights where gradients are taken: a
/// search judges the weights that it has.
template <class T>
void check_searched(const Network<T>& network);

}  // namespace carousel
