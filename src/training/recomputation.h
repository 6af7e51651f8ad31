// Back-propagation through long sequences in little memory: forward keeps only the state every so many steps,
// and backward makes each stretch anew from there. With stretches of about sqrt(T) steps both the states and
// one stretch's trace grow with sqrt(T), for the price of a second forward pass. Gruslys, Munos, Danihelka,
// Lanctot & Graves, NeurIPS 2016, in its simplest form.
#pragma once

#include <span>
#include <vector>

#include "model/network.h"
#include "tensor/tensor.h"

namespace carousel {

/// The buffers of such a pass through a causal network; none is allocated for a batch of the shape before.
/// Outputs, states and dstate have the bits of a pass made whole; the gradient's sums over time begin
/// elsewhere, so it agrees to rounding, and dstate of min_lstm and min_gru too: their gradient on h is
/// scanned by blocks, which a stretch may cut.
template <class T>
class Recomputation {
 public:
  /// As the network's own calls. `trace` holds one stretch at a time.
  void forward(const Network<T>& network, Pass pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
               Trace<T>& trace);
  void backward(const Network<T>& network, Pass pass, const Sequences<T>& x, const Sequences<T>& dy,
                View<T> dstate, std::span<T> gradient, Trace<T>& trace);

 private:
  void lay_out(const LayoutPointer& whole);
  void make(const Network<T>& network, Pass& pass, const Sequences<T>& x, std::size_t stretch, View<T> state,
            Trace<T>& trace);

  LayoutPointer whole_;                   // of the sequences that are cut into stretches
  std::size_t steps_ = 0;                 // of a stretch
  std::vector<LayoutPointer> stretches_;  // at least one
  std::vector<Tensor<T>> states_;         // before each stretch, [B, state_size]
  Sequences<T> x_, y_, dy_;               // of the stretch that the trace is of
};

}  // namespace carousel
