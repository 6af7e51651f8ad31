// The multidimensional LSTM back over its diagonals.
#include <algorithm>

#include "kernels/reductions.h"
#include "layers/check.h"
#include "layers/md_lstm.h"
#include "layers/md_lstm_trace.h"
#include "layers/work_split.h"

namespace carousel {

using kernels::Start;

template <class T>
void MdLstm<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                         const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                         Trace<T>& base) const {
  MdLstmTrace<T>& trace = static_cast<MdLstmTrace<T>&>(base);
  check_backward(*this, "md_lstm.backward", x, y, dy, View<const T>(dstate), trace.kept);
  const std::size_t rows = x.rows(), groups = (rows + kMdLstmGroup - 1) / kMdLstmGroup;
  if (dx != nullptr) {
    dx->reshape(x.layout_pointer(), this->inputs());
    dx->fill(T(0));
  }
  const std::size_t cells = rows * windows_.output().volume() * directions_.size();
  const std::size_t parts = std::max<std::size_t>(
      1, work_parts(*pass.pool, groups, 3 * cells * gates() * (windows_.width() + seen())));
  trace.reserve(parts);
  for (const auto& buffers : trace.buffers)
    reserve(diagonals_.largest() * std::min(rows, kMdLstmGroup), *buffers);
  // As many groups at a time as there are threads; their gradients are added in the order of the groups.
  for (std::size_t first = 0; first < groups; first += parts) {
    const std::size_t now = std::min(parts, groups - first);
    const auto run = [&](std::size_t part) {
      MdLstmBuffers<T>& buffers = *trace.buffers[part];
      std::ranges::fill(buffers.gradient, T(0));
      for (std::size_t direction = 0; direction < directions_.size(); ++direction)
        backward_group(group_of(first + part, direction, rows, trace), direction, x.matrix(), dy.matrix(),
                       dx != nullptr ? dx->matrix() : View<T>(), buffers);
    };
    if (now == 1)
      run(0);
    else
      pass.pool->run(now, run);
    for (std::size_t part = 0; part < now; ++part)
      for (std::size_t j = 0; j < size_; ++j) gradient[begin_ + j] += trace.buffers[part]->gradient[j];
  }
}

template <class T>
void MdLstm<T>::reserve(std::size_t rows, MdLstmBuffers<T>& buffers) const {
  const std::size_t H = options_.hidden;
  for (AlignedVector<T>* windows : {&buffers.windows, &buffers.d_windows})
    windows->resize(rows * windows_.width());
  for (AlignedVector<T>* before : {&buffers.before, &buffers.c_before, &buffers.d_before, &buffers.dc_before})
    before->resize(rows * seen());
  buffers.dgates.resize(rows * gates());
  for (AlignedVector<T>* state : {&buffers.dh, &buffers.dc, &buffers.dh_next, &buffers.dc_next})
    state->resize(rows * H);
  buffers.gradient.resize(size_);
}

template <class T>
void MdLstm<T>::backward_group(const Group& group, std::size_t direction, View<const T> x, View<const T> dy,
                               View<T> dx, MdLstmBuffers<T>& buffers) const {
  const Direction& of = directions_[direction];
  const std::size_t H = options_.hidden, n = group.count;
  std::ranges::fill(buffers.dh, T(0));
  std::ranges::fill(buffers.dc, T(0));
  buffers.sums.clear();
  for (const auto& [offset, width] : {std::pair(of.W, windows_.width()), std::pair(of.R, seen())})
    buffers.sums.begin(0, {buffers.gradient.data() + (offset - begin_), gates(), width});
  for (std::size_t diagonal = diagonals_.count(); diagonal-- > 0;) {
    const std::size_t rows = diagonals_.size(diagonal) * n, first = diagonals_.first(diagonal) * n;
    const std::size_t last = diagonal == 0 ? 0 : diagonals_.first(diagonal - 1) * n;
    for_outputs(group, diagonal, direction, [&](std::size_t row, std::size_t image, std::size_t column) {
      const T* const from = dy.row(image) + column;
      T* const to = buffers.dh.data() + row * H;
      for (std::size_t j = 0; j < H; ++j) to[j] += from[j];
    });
    gather_windows(group, diagonal, direction, x, buffers.windows.data());
    gather_before(group, diagonal, group.h + last * H, buffers.before.data());
    gather_before(group, diagonal, group.c + last * H, buffers.c_before.data());
    gates_backward(of, rows, group.gates + first * gates(), group.c + first * H, buffers);
    weight_gradients(of, rows, group.c + first * H, buffers);
    const View<const T> dgates(buffers.dgates.data(), rows, gates());
    product(dgates, of.R_packed.back, View<T>(buffers.d_before.data(), rows, seen()), Start::zero, {});
    const std::size_t rows_before = first - last;
    std::fill_n(buffers.dh_next.begin(), rows_before * H, T(0));
    std::fill_n(buffers.dc_next.begin(), rows_before * H, T(0));
    scatter_before(group, diagonal, buffers.d_before.data(), buffers.dh_next.data());
    scatter_before(group, diagonal, buffers.dc_before.data(), buffers.dc_next.data());
    std::swap(buffers.dh, buffers.dh_next);
    std::swap(buffers.dc, buffers.dc_next);
    if (dx.data() == nullptr) continue;
    product(dgates, of.W_packed.back, View<T>(buffers.d_windows.data(), rows, windows_.width()), Start::zero,
            {});
    for (std::size_t cell = 0; cell < diagonals_.size(diagonal); ++cell)
      windows_.scatter_add(buffers.d_windows.data() + cell * n * windows_.width(),
                           diagonals_.position(diagonals_.first(diagonal) + cell, direction),
                           dx.rows(group.begin, n));
  }
  buffers.sums.end();
}

template <class T>
void MdLstm<T>::scatter_before(const Group& group, std::size_t diagonal, const T* from,
                               T* before) const noexcept {
  const std::size_t H = options_.hidden;
  for (std::size_t cell = 0; cell < diagonals_.size(diagonal); ++cell)
    for (std::size_t d = 0; d < options_.dimensions; ++d) {
      const std::size_t place = diagonals_.before(diagonals_.first(diagonal) + cell, d);
      if (place == Diagonals::kNone) continue;
      for (std::size_t image = 0; image < group.count; ++image) {
        const T* const row = from + (cell * group.count + image) * seen() + d * H;
        T* const to = before + (place * group.count + image) * H;
        for (std::size_t j = 0; j < H; ++j) to[j] += row[j];
      }
    }
}

template <class T>
void MdLstm<T>::gates_backward(const Direction& of, std::size_t rows, const T* gates_of_diagonal, const T* c,
                               MdLstmBuffers<T>& buffers) const noexcept {
  const std::size_t H = options_.hidden, D = options_.dimensions, G = gates();
  T* const dgates = buffers.dgates.data();
  kernels::LstmBackward<T> arithmetic =
      kernels::plain_lstm_backward<T>(H, {gates_of_diagonal, G}, {buffers.c_before.data(), seen()}, {c, H},
                                      {buffers.dh.data(), H}, {buffers.dc.data(), H}, {dgates, G});
  arithmetic.policy = policy();
  arithmetic.g = {gates_of_diagonal + (1 + D) * H, G};
  arithmetic.o = {gates_of_diagonal + (2 + D) * H, G};
  arithmetic.dg = {dgates + (1 + D) * H, G};
  arithmetic.d_o = {dgates + (2 + D) * H, G};
  arithmetic.dc_previous = {buffers.dc_before.data(), seen()};
  const kernels::Rows<const T> p{of.peepholes.data(), 0};
  arithmetic.p_i = p;
  arithmetic.p_f = p.from(options_.peephole ? H : 0);
  arithmetic.p_o = p.from(options_.peephole ? (1 + D) * H : 0);
  kernels::lstm_gates_backward(arithmetic, 0, rows, 0, H);
}

template <class T>
void MdLstm<T>::weight_gradients(const Direction& of, std::size_t rows, const T* c,
                                 MdLstmBuffers<T>& buffers) const {
  const std::size_t H = options_.hidden, D = options_.dimensions, G = gates();
  const T* const dgates = buffers.dgates.data();
  const auto to = [&](std::size_t offset) { return buffers.gradient.data() + (offset - begin_); };
  const View<const T> factors[] = {{buffers.windows.data(), rows, windows_.width()},
                                   {buffers.before.data(), rows, seen()}};
  buffers.sums.add(buffers.alone, {dgates, rows, G}, factors);
  kernels::add_column_sums(dgates, rows, G, G, to(of.b));
  if (!options_.peephole) return;
  for (std::size_t d = 0; d < D; ++d) {
    const T* const seen_c = buffers.c_before.data() + d * H;
    kernels::add_column_products(dgates, G, seen_c, seen(), rows, H, to(of.p));
    kernels::add_column_products(dgates + (1 + d) * H, G, seen_c, seen(), rows, H, to(of.p + (1 + d) * H));
  }
  kernels::add_column_products(dgates + (2 + D) * H, G, c, H, rows, H, to(of.p + (1 + D) * H));
}

template class MdLstm<float>;
template class MdLstm<double>;

}  // namespace carousel
