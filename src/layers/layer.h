// What every layer is: sequences in, sequences out, forward, backward and one step at a time.
//
// A layer does not change while it runs: forward, backward and step are const. What changes lives outside:
//   weights    one vector for the whole network; a layer knows the offsets of its own parameters in it
//   state      what a stream remembers: one row of state_size() values a sequence
//   trace      the buffers of one pass; backward reads what forward left there. Reused, it allocates nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/thread_pool.h"
#include "kernels/weight_format.h"
#include "layers/pass_schedule.h"
#include "tensor/parameters.h"
#include "tensor/sequences.h"

namespace carousel {

/// How one pass through a network is to be made.
struct Pass {
  ThreadPool* pool = nullptr;  ///< never null in a call
  bool training = false;       ///< dropout acts, and the trace is kept for backward
  bool record = false;         ///< the trace is kept for recordings()
  std::size_t first_step = 0;  ///< which step of the sequences x begins with, where it is a part of them
  std::size_t truncate = 0;    ///< backward cuts the gradient every so many steps of a sequence; 0: never
  std::uint64_t seed = 0;      ///< of dropout
  std::uint64_t update = 0;    ///< number of the weight update: every one has masks of its own

  bool keeps_trace() const noexcept { return training || record; }
  Load load(std::size_t batch) const noexcept { return {pool->threads(), batch, keeps_trace()}; }
};

/// Base of the buffers that a layer needs for one pass.
template <class T>
struct Trace {
  virtual ~Trace() = default;
};

/// Something that happened inside a pass, for pictures: rows [rows, width] in the storage order of the
/// layer's output.
template <class T>
struct Recording {
  std::string name;  ///< "layers.0.i"
  View<const T> values;
  LayoutPointer layout;
};

/// What a value of a state is.
enum class StateValue : std::uint8_t {
  memory,
  normaliser,   ///< memory that others are divided by: a sum of weights, above 0
  bookkeeping,  ///< says how rounding goes on: no gradient passes through it, and a start need not set it
};

template <class T>
class Layer {
 public:
  virtual ~Layer() = default;

  std::size_t inputs() const noexcept { return inputs_; }
  std::size_t outputs() const noexcept { return outputs_; }
  /// The word of the spec: "lstm".
  virtual std::string kind() const = 0;
  /// One line for `inspect`: sizes and options.
  virtual std::string description() const { return kind(); }
  /// Which kernels it runs on, for `inspect`; "" where it only moves numbers, or leaves all to layers inside.
  virtual std::string kernel() const { return ""; }
  /// Lines below it, where one cannot say what the layer is made of.
  virtual std::string details() const { return ""; }
  /// The layers inside, for a wrapper.
  virtual std::vector<const Layer*> children() const { return {}; }
  /// What the names of parameters of layer k inside begin with, where this layer's begin with `name`.
  virtual std::string child_name(const std::string& name, std::size_t k) const {
    return name + "." + std::to_string(k);
  }

  /// Enters the layer's parameters under "name." and remembers their offsets. Called once, when the network
  /// is built.
  virtual void declare(ParameterTable& table, const std::string& name) = 0;
  /// First values of the layer's own parameters, a function of the seed alone.
  virtual void initialise(std::span<T> weights, std::uint64_t seed) const = 0;
  /// Makes the kernels' copies of the weights anew; to be called after every change of the weights. Weights
  /// in fewer bits than T has are for floats only.
  virtual void pack(std::span<const T> weights, const Packing& packing) = 0;

  /// Into which unit of the layer an element of one of its own parameters leads, counted from 0: a hidden or
  /// output unit with all its gates; a block, head or channel whose cells have weights together.
  virtual std::size_t unit_of(const Parameter& parameter, std::size_t element) const {
    return row_of(parameter, element) % outputs_;
  }

  /// Values that one sequence's state takes.
  virtual std::size_t state_size() const noexcept { return 0; }
  /// Whether an output depends on past and present inputs only, so that step() exists. Such a layer keeps
  /// lengths.
  virtual bool causal() const noexcept { return true; }
  /// Steps that come out of a sequence of so many: never more, and never fewer for a longer sequence. A layer
  /// that shortens any sequence shortens those of two steps.
  virtual std::size_t output_length(std::size_t steps) const noexcept { return steps; }
  bool keeps_lengths() const noexcept { return output_length(2) == 2; }

  /// Fills rows [state_size()] with the state before the first step: what was learned, or zeros. A wrapper's
  /// state is that of the layers inside, one behind the other.
  virtual void start(std::span<const T> weights, View<T> state) const {
    std::size_t column = 0;
    for (const Layer* child : children()) {
      child->start(weights, state.columns(column, child->state_size()));
      column += child->state_size();
    }
    for (std::size_t r = 0; r < state.rows(); ++r)
      std::fill(state.row(r) + column, state.row(r) + state.columns(), T(0));
  }
  /// Says of each value of the state [state_size()] what it is.
  virtual void name_values(std::span<StateValue> state) const {
    std::size_t column = 0;
    for (const Layer* child : children()) {
      child->name_values(state.subspan(column, child->state_size()));
      column += child->state_size();
    }
    std::ranges::fill(state.subspan(column), StateValue::memory);
  }
  /// Adds to the gradient what reaches the weights through start(), given the gradient on those rows.
  virtual void start_gradient(View<const T> dstate, std::span<T> gradient) const {
    std::size_t column = 0;
    for (const Layer* child : children()) {
      child->start_gradient(dstate.columns(column, child->state_size()), gradient);
      column += child->state_size();
    }
  }

  /// How forward and backward share such a pass out.
  virtual PassSchedule schedule(const Load& load) const { return load.by_rows(); }

  /// Throws Error, naming value, step and sequence, if the layer has no meaning for some of x's values. To be
  /// called before forward, which threads, blocks of steps and directions share out, and which throws for
  /// shapes only.
  virtual void check_input(const Sequences<T>& x) const { (void)x; }

  virtual std::unique_ptr<Trace<T>> make_trace() const = 0;

  /// x [T, B, inputs()] -> y [T, B, outputs()], reshaped here, each sequence output_length() steps long.
  /// state [B, state_size()], rows in the caller's order: in, the state before the first step; out, after
  /// each sequence's last. Throws Error for other shapes.
  virtual void forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                       Trace<T>& trace) const = 0;

  /// After a forward with pass.training, with the same x, y and trace. dy: gradient on y. dstate [B,
  /// state_size()]: in, gradient on the final state; out, on the initial one. dx, if not null: reshaped and
  /// overwritten. gradient (laid out like the weights) is added to. Throws Error for other shapes, or if the
  /// forward pass did not keep its trace.
  virtual void backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                        const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                        Trace<T>& trace) const = 0;

  /// One time step of B streams side by side: x [B, inputs()], y [B, outputs()], state [B, state_size()]
  /// updated. Same bits as forward. No allocation, no locks, no exception: fit for a real-time thread.
  /// scratch: step_scratch(B) values. Only where causal().
  virtual void step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept = 0;
  /// In proportion to the batch.
  virtual std::size_t step_scratch(std::size_t batch) const noexcept {
    (void)batch;
    return 0;
  }

  /// What happened inside the last pass (made with pass.record or pass.training), each named "name.what".
  virtual void recordings(const Trace<T>& trace, const std::string& name,
                          std::vector<Recording<T>>& out) const {
    (void)trace, (void)name, (void)out;
  }

 protected:
  Layer(std::size_t inputs, std::size_t outputs) : inputs_(inputs), outputs_(outputs) {}

 private:
  std::size_t inputs_, outputs_;
};

template <class T>
using LayerPointer = std::unique_ptr<Layer<T>>;

}  // namespace carousel
