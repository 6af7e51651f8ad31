#include "training/weight_average.h"

#include <carousel/error.h>
#include <fmt/format.h>

namespace carousel {

namespace {
constexpr const char *kMean = "average", *kTotal = "average.total";
}

void check_average(double decay) {
  if (!(decay >= 0 && decay < 1))
    throw SettingError(
        fmt::format("average: found {}, expected a decay from 0 to below 1, such as 0.999", decay));
}

template <class T>
WeightAverage<T>::WeightAverage(double decay, std::size_t size) : decay_(decay) {
  check_average(decay);
  if (decay > 0) mean_.assign(size, T(0));
}

template <class T>
void WeightAverage<T>::add(std::span<const T> weights) {
  if (decay_ == 0) return;
  total_ = decay_ * total_ + (1 - decay_);
  const T rate = static_cast<T>((1 - decay_) / total_);
  for (std::size_t i = 0; i < mean_.size(); ++i) mean_[i] += rate * (weights[i] - mean_[i]);
}

template <class T>
void WeightAverage<T>::put(Checkpoint<T>& checkpoint) const {
  if (decay_ == 0) return;
  checkpoint.vectors[kMean] = mean_;
  checkpoint.numbers[kTotal] = total_;
}

template <class T>
void WeightAverage<T>::take(const Checkpoint<T>& checkpoint) {
  if (decay_ == 0) return;
  const double total = checkpoint.number(kTotal);
  if (!(total >= 0 && total <= 1))
    throw ModelError(fmt::format("the checkpoint's {} is {}, expected a number from 0 to 1", kTotal, total));
  mean_ = checkpoint.vector(kMean, mean_.size());
  total_ = total;
}

template class WeightAverage<float>;
template class WeightAverage<double>;

}  // namespace carousel
