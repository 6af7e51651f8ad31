// A number to minimise and its derivative with respect to the predictions.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "tensor/sequences.h"
#include "tensor/view.h"

namespace carousel {

/// Sum over the targets that count, and how many those are; the mean is what is minimised.
struct LossValue {
  double sum = 0;
  std::size_t count = 0;
  std::size_t left_out = 0;  ///< sequences whose target no output of theirs can come to; not counted
  LossValue& operator+=(const LossValue& more) noexcept {
    sum += more.sum;
    count += more.count;
    left_out += more.left_out;
    return *this;
  }
  double mean() const noexcept { return count == 0 ? 0.0 : sum / static_cast<double>(count); }
};

template <class T>
class Loss {
 public:
  virtual ~Loss() = default;
  virtual std::string name() const = 0;
  /// Values the network puts out for so many target values of a step: as many for mse, Q for each with Q
  /// quantiles, 2 for a Gaussian, K for K classes; K (1 + 2 targets) for a mixture of K, which is of all
  /// together.
  virtual std::size_t outputs_for(std::size_t targets) const noexcept { return targets; }
  /// The other way round; 0 where no number of targets needs so many.
  std::size_t targets_of(std::size_t outputs) const noexcept;

  /// prediction [N, outputs_for(F)], the outputs of one target side by side; target [N, F], where
  /// NaN means that there is no target. If gradient has rows, it gets the derivative of the *mean* (zero
  /// where there is no target). Sums run in a fixed order. Throws Error if shapes do not agree.
  virtual LossValue evaluate(View<const T> prediction, View<const T> target, View<T> gradient) const = 0;

  /// Whether it is of whole sequences: targets may then be of other lengths than predictions, and neither may
  /// be cut in time.
  virtual bool whole_sequences() const noexcept { return false; }
  /// Throws Error, naming the sequence, unless predictions and targets of these lengths can be compared.
  void check_lengths(std::span<const std::size_t> predictions, std::span<const std::size_t> targets) const;
  /// The same over sequences: prediction [T, B, outputs_for(F)], target [U, B, F], of equal lengths where the
  /// loss is one of single steps. gradient, if not null: reshaped like the prediction and overwritten.
  /// Threads do not show in the bits. Throws Error if shapes or lengths do not agree.
  virtual LossValue evaluate_sequences(ThreadPool& pool, const Sequences<T>& prediction,
                                       const Sequences<T>& target, Sequences<T>* gradient) const;
};

template <class T>
using LossPointer = std::unique_ptr<Loss<T>>;

/// Each loss reads the setting named with it.
struct LossOptions {
  double delta = 1;                                 ///< huber: where the square ends and the line begins, > 0
  std::vector<double> quantiles = {0.1, 0.5, 0.9};  ///< quantile: ascending, each in (0, 1)
  std::size_t classes = 0;     ///< cross_entropy: from 2; ctc, transducer: symbols and the blank
  std::size_t components = 0;  ///< mixture: from 1
  double smoothing = 0;        ///< cross_entropy: share of a target given to all classes, in [0, 1)
  std::vector<double> class_weights = {};  ///< cross_entropy: empty, or one of at least 0 for each class
};

/// mse, mae, huber, quantile, gaussian, cross_entropy, bernoulli, ctc, transducer or mixture. Throws
/// SettingError for another name or a setting out of range.
template <class T>
LossPointer<T> make_loss(const std::string& name, const LossOptions& options = {});

}  // namespace carousel
