// A recurrent layer's parameters, and what regularisation does to its states.

#include <algorithm>

#include "layers/recurrent.h"
#include "layers/slots.h"

namespace carousel {

template <class T>
std::string Recurrent<T>::description() const {
  return cell_->description() + to_text(options_) + start_.text();
}

template <class T>
void Recurrent<T>::declare(ParameterTable& table, const std::string& name) {
  const std::size_t first = table.all().size();
  cell_->declare(table, name);
  std::vector<std::size_t> recurrent;
  for (const WeightGradient& weight : cell_->weight_gradients())
    if (weight.factor == WeightGradient::Factor::hidden) recurrent.push_back(weight.offset);
  options_.weights.declare(table, first, recurrent);
  start_.declare(table, name);
  noise_.declare(table);
}

template <class T>
void Recurrent<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  cell_->initialise(weights, seed);
  start_.initialise(weights);
}

template <class T>
void Recurrent<T>::prepare_noise(const Pass& pass, const SequenceLayout& layout, Tr& trace) const {
  const std::size_t B = layout.batch(), H = cell_->outputs(), M = cell_->memory();
  trace.drops = noise_.drops(pass);
  if (noise_.zones()) {
    trace.candidate.resize({trace.kept ? layout.rows() : B, M});
    trace.chosen.resize(pass.training ? layout.rows() * noise_.zoned() : 0);
  }
  if (!trace.drops) return;
  trace.keep.resize({B, H});
  trace.fed_initial.resize({B, H});
  trace.fed.resize({layout.rows(), H});
  noise_.masks(pass, layout, trace.keep.matrix());
  for (std::size_t i = 0; i < trace.keep.size(); ++i)
    trace.fed_initial[i] = trace.keep[i] * trace.h_initial[i];
}

template <class T>
void Recurrent<T>::zone(const Part& part, const Pass& pass, std::size_t t, const Settled& rows,
                        const Sequences<T>& y, Tr& trace) const {
  const SequenceLayout& layout = y.layout();
  const bool all = part.share.parts == 1;
  const Share::Range units = cell_->units(part.share);
  const std::size_t H = cell_->outputs(), M = cell_->memory();
  // A share of units has its columns in each of the things kept, H columns each.
  const Share::Range memory =
      all ? Share::Range{0, M} : Share::Range{std::min(units.begin, M), std::min(units.end, M)};
  const std::size_t first = layout.first_row(t) + part.begin;
  for (std::size_t r = 0; r < rows.h.rows(); ++r) {
    const T* const h_before = t == 0 ? trace.h_initial.matrix().row(part.begin + r)
                                     : y.matrix().row(layout.first_row(t - 1) + part.begin + r);
    const StateRow<T> row{h_before, rows.c_before.row(r), rows.made.row(r), rows.h.row(r), rows.c.row(r)};
    if (pass.training)
      noise_.choose(pass, layout.sequence(part.begin + r), pass.first_step + t, row, units, memory,
                    trace.chosen.data() + (first + r) * noise_.zoned());
    else
      noise_.mix(row, units, memory);
    if (all) continue;
    for (std::size_t kept = H; kept < M; kept += H)
      std::copy(row.candidate + kept + units.begin, row.candidate + kept + units.end,
                row.memory + kept + units.begin);
  }
}

template <class T>
void Recurrent<T>::set_apart(const Part& part, std::size_t t, std::size_t count, Tr& trace) const {
  const Share::Range units = part.share.of(cell_->outputs()), memory = part.share.of(cell_->memory());
  for (std::size_t r = 0; r < count; ++r) {
    const std::size_t slot = part.begin + r;
    const std::uint8_t* const chosen =
        trace.chosen.data() + (trace.layout->first_row(t) + slot) * noise_.zoned();
    noise_.set_hidden_apart(chosen, units, trace.dh.matrix().row(slot), trace.dh_direct.matrix().row(slot));
    noise_.set_cell_apart(chosen, memory, trace.dc.matrix().row(slot), trace.dc_direct.matrix().row(slot));
  }
}

template <class T>
void Recurrent<T>::put_back(const Part& part, std::size_t count, Tr& trace) const {
  if (!trace.drops && !noise_.zones()) return;
  const Share::Range units = part.share.of(cell_->outputs()), memory = part.share.of(cell_->memory());
  for (std::size_t slot = part.begin; slot < part.begin + count; ++slot) {
    T *const dh = trace.dh.matrix().row(slot), *const dc = trace.dc.matrix().row(slot);
    if (trace.drops)
      for (std::size_t j = units.begin; j < units.end; ++j) dh[j] *= trace.keep.matrix()(slot, j);
    if (!noise_.zones()) continue;
    const T *const h = trace.dh_direct.matrix().row(slot), *const c = trace.dc_direct.matrix().row(slot);
    for (std::size_t j = units.begin; j < units.end; ++j) dh[j] += h[j];
    for (std::size_t j = memory.begin; j < std::min(memory.end, cell_->zoneable()); ++j) dc[j] += c[j];
  }
}

template class Recurrent<float>;
template class Recurrent<double>;

}  // namespace carousel
