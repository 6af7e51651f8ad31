// A network of units, connections and gaters as a layer: layers/wiring.h says what it computes. Backward is
// back-propagation through time, exact; the paper's own rule, local in space and time, is
// layers/local_rule.h.
//
// Sums run in the order of the wiring's connections, and in each over its sources from first to last.
#pragma once

#include "base/aligned.h"
#include "layers/circuit.h"
#include "layers/layer.h"
#include "layers/learned_start.h"
#include "layers/weight_noise.h"

namespace carousel {

template <class T>
struct LstmGTrace;

template <class T>
class LstmG : public Layer<T> {
 public:
  /// Throws SettingError for a wiring with a fault.
  explicit LstmG(const Wiring& wiring, bool learned_start = false, const WeightNoise& noise = {})
      : LstmG(Circuit(wiring), learned_start, noise) {}

  std::string kind() const override { return "lstm_g"; }
  std::string description() const override;
  std::string kernel() const override { return "unit by unit, connection by connection"; }
  /// The text of the wiring.
  std::string details() const override;
  const Circuit& circuit() const noexcept { return circuit_; }
  /// All links' weights as of the last pack().
  std::span<const T> packed() const noexcept { return packed_; }

  /// Parameters: the circuit's; learned_start: start, the state.
  void declare(ParameterTable& table, const std::string& name) override {
    const std::size_t first = table.all().size();
    circuit_.declare(table, name);
    noise_.declare(table, first);
    start_.declare(table, name);
  }
  std::size_t unit_of(const Parameter& parameter, std::size_t element) const override {
    return start_.is(parameter) ? element % circuit_.units() : circuit_.unit_of(parameter, element);
  }
  void initialise(std::span<T> weights, std::uint64_t seed) const override {
    circuit_.initialise(weights, seed);
    start_.initialise(weights);
  }
  void pack(std::span<const T> weights, const Packing& packing) override;
  /// y and s of all units
  std::size_t state_size() const noexcept override { return 2 * circuit_.units(); }
  void start(std::span<const T> weights, View<T> state) const override { start_.fill(weights, state); }
  void start_gradient(View<const T> dstate, std::span<T> gradient) const override {
    start_.add_gradient(dstate, gradient);
  }
  std::unique_ptr<Trace<T>> make_trace() const override;
  void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace) const override;
  void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y, const Sequences<T>& dy,
                View<T> dstate, Sequences<T>* dx, std::span<T> gradient, Trace<T>& trace) const override;
  void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept override;
  std::size_t step_scratch(std::size_t) const noexcept override { return 2 * circuit_.width(); }
  /// y of each group
  void recordings(const Trace<T>& trace, const std::string& name,
                  std::vector<Recording<T>>& out) const override;

  // Rows of values as layers/circuit.h lays them out, one step of one sequence.

  /// before: the step before, or a row whose y and s are the initial state. now: x in, all of it out.
  void advance(const T* before, T* now) const noexcept;
  /// Copies y and s between a row and a state.
  void put_state(const T* state, T* row) const noexcept;
  void take_state(const T* row, T* state) const noexcept;
  void take_outputs(const T* row, T* y) const noexcept;

 private:
  LstmG(Circuit circuit, bool learned_start, const WeightNoise& noise);

  void forward_slots(std::size_t begin, std::size_t end, const Sequences<T>& x, Sequences<T>& y,
                     LstmGTrace<T>& trace) const noexcept;
  void backward_slots(std::size_t begin, std::size_t end, const Pass& pass, const Sequences<T>& dy,
                      Sequences<T>* dx, LstmGTrace<T>& trace) const noexcept;
  /// d_now: gradient on the row `now`, in; completed. d_before: that on the row before, added to. ds [units]:
  /// out, the gradient on the sums s.
  void retreat(const T* before, const T* now, T* d_now, T* d_before, T* ds) const noexcept;
  /// Units [begin, end) of all.
  void add_weight_gradients(std::size_t begin, std::size_t end, const LstmGTrace<T>& trace,
                            std::span<T> gradient) const noexcept;

  Circuit circuit_;
  WeightNoise noise_;
  LearnedStart<T> start_;
  AlignedVector<T> packed_;
};

}  // namespace carousel
