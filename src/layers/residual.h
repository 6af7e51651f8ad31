// y = x + inner(x): He, Zhang, Ren, Sun, CVPR 2016; around recurrent layers: Wu et al. 2016.
#pragma once

#include "layers/layer.h"

namespace carousel {

template <class T>
class Residual : public Layer<T> {
 public:
  /// Throws SettingError unless inner keeps width and lengths.
  explicit Residual(LayerPointer<T> inner);

  std::string kind() const override { return "residual"; }
  std::vector<const Layer<T>*> children() const override { return {inner_.get()}; }
  std::string child_name(const std::string& name, std::size_t) const override { return name; }
  void declare(ParameterTable& table, const std::string& name) override {
    inner_->declare(table, child_name(name, 0));
  }
  void initialise(std::span<T> weights, std::uint64_t seed) const override {
    inner_->initialise(weights, seed);
  }
  void pack(std::span<const T> weights, const Packing& packing) override { inner_->pack(weights, packing); }
  std::size_t state_size() const noexcept override { return inner_->state_size(); }
  bool causal() const noexcept override { return inner_->causal(); }
  void check_input(const Sequences<T>& x) const override { inner_->check_input(x); }
  PassSchedule schedule(const Load& load) const override { return inner_->schedule(load); }
  std::unique_ptr<Trace<T>> make_trace() const override;
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept override;
  std::size_t step_scratch(std::size_t batch) const noexcept override { return inner_->step_scratch(batch); }
  void recordings(const Trace<T>& trace, const std::string& name,
                  std::vector<Recording<T>>& out) const override;

 private:
  LayerPointer<T> inner_;
};

}  // namespace carousel
