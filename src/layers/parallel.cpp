#include "layers/parallel.h"

#include <algorithm>
#include <utility>

#include "layers/check.h"

namespace carousel {

namespace {

template <class T>
struct ParallelTrace : Trace<T> {
  std::vector<std::unique_ptr<Trace<T>>> branches;
  std::vector<Sequences<T>> y;  // of every branch
  Sequences<T> dy, dx;          // of one branch
};

template <class T>
std::size_t all_outputs(const std::vector<LayerPointer<T>>& layers) {
  std::size_t sum = 0;
  for (const auto& layer : layers) sum += layer->outputs();
  return sum;
}

template <class T>
void copy(View<const T> from, View<T> to) noexcept {
  for (std::size_t r = 0; r < from.rows(); ++r) std::ranges::copy(from.row_span(r), to.row(r));
}

}  // namespace

template <class T>
Parallel<T>::Parallel(std::vector<LayerPointer<T>> branches)
    : Layer<T>(branches.front()->inputs(), all_outputs(branches)),
      branches_(std::move(branches)),
      state_begin_{0},
      output_begin_{0} {
  for (const auto& branch : branches_) {
    if (!branch->keeps_lengths())
      throw SettingError(fmt::format(
          "parallel: {} makes sequences shorter, but outputs side by side need equal lengths; put it "
          "before or behind the parallel layers",
          branch->kind()));
    state_begin_.push_back(state_begin_.back() + branch->state_size());
    output_begin_.push_back(output_begin_.back() + branch->outputs());
  }
}

template <class T>
std::string Parallel<T>::description() const {
  return fmt::format("parallel, {} branches", branches_.size());
}

template <class T>
std::vector<const Layer<T>*> Parallel<T>::children() const {
  std::vector<const Layer<T>*> result;
  for (const auto& branch : branches_) result.push_back(branch.get());
  return result;
}

template <class T>
void Parallel<T>::declare(ParameterTable& table, const std::string& name) {
  for (std::size_t i = 0; i < branches_.size(); ++i) branches_[i]->declare(table, this->child_name(name, i));
}

template <class T>
void Parallel<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  for (const auto& branch : branches_) branch->initialise(weights, seed);
}

template <class T>
void Parallel<T>::pack(std::span<const T> weights, const Packing& packing) {
  for (const auto& branch : branches_) branch->pack(weights, packing);
}

template <class T>
bool Parallel<T>::causal() const noexcept {
  return std::ranges::all_of(branches_, [](const auto& branch) { return branch->causal(); });
}

template <class T>
void Parallel<T>::check_input(const Sequences<T>& x) const {
  for (const auto& branch : branches_) branch->check_input(x);
}

template <class T>
PassSchedule Parallel<T>::schedule(const Load& load) const {
  PassSchedule most = branches_.front()->schedule(load);
  for (const auto& branch : branches_)
    if (const PassSchedule s = branch->schedule(load); s.threads > most.threads) most = s;
  return most;
}

template <class T>
std::unique_ptr<Trace<T>> Parallel<T>::make_trace() const {
  auto trace = std::make_unique<ParallelTrace<T>>();
  for (const auto& branch : branches_) trace->branches.push_back(branch->make_trace());
  trace->y.resize(branches_.size());
  return trace;
}

template <class T>
void Parallel<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                          Trace<T>& base) const {
  check_forward(*this, "parallel.forward", x, View<const T>(state));
  auto& trace = static_cast<ParallelTrace<T>&>(base);
  y.reshape(x.layout_pointer(), this->outputs());
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    branches_[i]->forward(pass, x, state_of(state, i), trace.y[i], *trace.branches[i]);
    copy(std::as_const(trace.y[i]).matrix(), outputs_of(y.matrix(), i));
  }
}

template <class T>
void Parallel<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                           const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                           Trace<T>& base) const {
  auto& trace = static_cast<ParallelTrace<T>&>(base);
  check_backward(*this, "parallel.backward", x, y, dy, View<const T>(dstate), pass.training);
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    trace.dy.reshape(dy.layout_pointer(), branches_[i]->outputs());
    copy(outputs_of(dy.matrix(), i), trace.dy.matrix());
    Sequences<T>* const below = dx == nullptr || i == 0 ? dx : &trace.dx;
    branches_[i]->backward(pass, x, trace.y[i], trace.dy, state_of(dstate, i), below, gradient,
                           *trace.branches[i]);
    if (below == dx) continue;
    const std::span<T> sum = dx->values();
    const std::span<const T> more = std::as_const(trace.dx).values();
    for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += more[j];
  }
}

template <class T>
std::size_t Parallel<T>::step_scratch(std::size_t batch) const noexcept {
  std::size_t most = 0;
  for (const auto& branch : branches_)
    most = std::max(most, batch * branch->outputs() + branch->step_scratch(batch));
  return most;
}

template <class T>
void Parallel<T>::step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept {
  const std::size_t B = x.rows();
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    const View<T> output(scratch, B, branches_[i]->outputs());
    branches_[i]->step(x, state_of(state, i), output, scratch + B * output.columns());
    copy(View<const T>(output), outputs_of(y, i));
  }
}

template <class T>
void Parallel<T>::recordings(const Trace<T>& base, const std::string& name,
                             std::vector<Recording<T>>& out) const {
  const auto& trace = static_cast<const ParallelTrace<T>&>(base);
  for (std::size_t i = 0; i < branches_.size(); ++i)
    branches_[i]->recordings(*trace.branches[i], this->child_name(name, i), out);
}

template class Parallel<float>;
template class Parallel<double>;

}  // namespace carousel
