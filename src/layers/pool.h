// Of the steps in each window of time the largest value of each feature, or the mean, or the last step as it
// is. The last window of a sequence may be shorter: it is of the steps that are there.
#pragma once

#include "layers/time_windows.h"

namespace carousel {

enum class Pooling { max, mean, last };

/// "max", "mean", "last"; the words of the spec.
const std::vector<std::string>& pooling_names();

template <class T>
class Pool final : public TimeWindows<T> {
 public:
  /// 1 <= stride <= window; both kWholeSequence: one step of each sequence
  Pool(std::size_t features, Pooling pooling, std::size_t window, std::size_t stride)
      : TimeWindows<T>(features, features, window, stride), pooling_(pooling) {}

  std::string kind() const override { return "pool"; }
  std::string description() const override;

 private:
  void join(const Sequences<T>& x, std::size_t b, std::size_t begin, std::size_t end,
            std::span<T> y) const noexcept override;
  void share_out(const Sequences<T>& x, std::size_t b, std::size_t begin, std::size_t end,
                 std::span<const T> y, std::span<const T> dy, Sequences<T>& dx) const noexcept override;

  Pooling pooling_;
};

}  // namespace carousel
