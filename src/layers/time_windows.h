// What pool and pyramid have in common: output step u is made of the input steps from u * stride on, as many
// as a window has and the sequence still holds. A sequence of n steps becomes one of ceil(n / stride).
#pragma once

#include <limits>

#include "layers/layer.h"

namespace carousel {

/// A window as long as any sequence.
inline constexpr std::size_t kWholeSequence = std::numeric_limits<std::size_t>::max();

template <class T>
class TimeWindows : public Layer<T> {
 public:
  void declare(ParameterTable&, const std::string&) override {}
  void initialise(std::span<T>, std::uint64_t) const override {}
  void pack(std::span<const T>, const Packing&) override {}
  bool causal() const noexcept override { return false; }
  std::size_t output_length(std::size_t steps) const noexcept override {
    return steps / stride_ + (steps % stride_ > 0 ? 1 : 0);
  }
  std::unique_ptr<Trace<T>> make_trace() const override;
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  /// Never called: not causal.
  void step(View<const T>, View<T>, View<T>, T*) const noexcept override { std::terminate(); }

 protected:
  /// 1 <= stride <= window
  TimeWindows(std::size_t inputs, std::size_t outputs, std::size_t window, std::size_t stride)
      : Layer<T>(inputs, outputs), window_(window), stride_(stride) {}

  std::size_t window() const noexcept { return window_; }
  std::size_t stride() const noexcept { return stride_; }

 private:
  /// y from the steps [begin, end) of sequence b.
  virtual void join(const Sequences<T>& x, std::size_t b, std::size_t begin, std::size_t end,
                    std::span<T> y) const noexcept = 0;
  /// Adds to those steps of dx their part of dy.
  virtual void share_out(const Sequences<T>& x, std::size_t b, std::size_t begin, std::size_t end,
                         std::span<const T> y, std::span<const T> dy, Sequences<T>& dx) const noexcept = 0;
  /// Calls task(b, u, begin, end) for every output step of every sequence.
  template <class Task>
  void each_window(const Pass& pass, const Sequences<T>& x, const SequenceLayout& y, Task&& task) const;

  std::size_t window_, stride_;
};

}  // namespace carousel
