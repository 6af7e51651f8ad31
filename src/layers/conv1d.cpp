#include "layers/conv1d.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "layers/check.h"
#include "layers/output_layouts.h"
#include "layers/work_split.h"

namespace carousel {

namespace {

template <class T>
struct Conv1dTrace : Trace<T> {
  bool kept = false;
  OutputLayouts layouts;
  Tensor<T> initial;                  // [B, state_size], the state before the first step
  Tensor<T> patches, dpatches, dpre;  // of a block of rows
  kernels::PackedMatrix<T> packed;
};

/// Calls task(row, b, u) for the rows [begin, end) of step u of sequence b, in ascending order.
template <class Task>
void each_row(const SequenceLayout& layout, std::size_t begin, std::size_t end, Task&& task) {
  std::size_t u = 0;
  for (std::size_t above = layout.time(); u < above;) {  // the step that `begin` belongs to
    const std::size_t middle = (u + above) / 2;
    if (layout.first_row(middle + 1) <= begin)
      u = middle + 1;
    else
      above = middle;
  }
  for (std::size_t row = begin; row < end; ++row) {
    while (layout.first_row(u + 1) <= row) ++u;
    task(row, layout.sequence(row - layout.first_row(u)), u);
  }
}

}  // namespace

const std::vector<std::string>& padding_names() {
  static const std::vector<std::string> names = {"causal", "same", "none"};
  return names;
}

template <class T>
std::string Conv1d<T>::description() const {
  return fmt::format("conv1d, {} outputs, kernel {}, stride {}, dilation {}, padding {}, {}", this->outputs(),
                     options_.kernel, options_.stride, options_.dilation,
                     padding_names()[static_cast<std::size_t>(options_.padding)],
                     to_text(options_.activation));
}

template <class T>
std::size_t Conv1d<T>::output_length(std::size_t steps) const noexcept {
  const std::size_t lost = options_.padding == Padding::none ? options_.reach() : 0;
  const std::size_t places = steps > lost ? steps - lost : 0;
  return places / options_.stride + (places % options_.stride > 0 ? 1 : 0);
}

template <class T>
std::unique_ptr<Trace<T>> Conv1d<T>::make_trace() const {
  return std::make_unique<Conv1dTrace<T>>();
}

/// Rows whose patches are held at a time: some megabytes, and whole blocks of the product's sums.
template <class T>
std::size_t Conv1d<T>::block_rows() const noexcept {
  constexpr std::size_t kBlockValues = 1 << 19;
  // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): a patch has at least one value, by the constructor
  return std::clamp<std::size_t>(kBlockValues / patch() / kernels::kBlockK, 1, 16) * kernels::kBlockK;
}

template <class T>
std::ptrdiff_t Conv1d<T>::place(std::size_t u, std::size_t j) const noexcept {
  std::size_t left = 0;
  if (options_.padding == Padding::causal) left = options_.reach();
  if (options_.padding == Padding::same) left = options_.reach() / 2;
  return static_cast<std::ptrdiff_t>(u * options_.stride + j * options_.dilation) -
         static_cast<std::ptrdiff_t>(left);
}

template <class T>
void Conv1d<T>::gather(const Pass& pass, const Sequences<T>& x, View<const T> initial,
                       const SequenceLayout& y, std::size_t begin, std::size_t end, View<T> patches) const {
  const std::size_t F = this->inputs();
  const auto reach = static_cast<std::ptrdiff_t>(options_.reach());
  split_work(*pass.pool, end - begin, (end - begin) * patch(), [&](std::size_t first, std::size_t last) {
    each_row(y, begin + first, begin + last, [&](std::size_t row, std::size_t b, std::size_t u) {
      T* to = patches.row(row - begin);
      for (std::size_t j = 0; j < options_.kernel; ++j, to += F) {
        const std::ptrdiff_t t = place(u, j);
        if (t < 0 && causal())
          std::copy_n(initial.row(b) + static_cast<std::size_t>(reach + t) * F, F, to);
        else if (t < 0 || static_cast<std::size_t>(t) >= x.layout().length(b))
          std::fill_n(to, F, T(0));
        else
          std::ranges::copy(x.at(b, static_cast<std::size_t>(t)), to);
      }
    });
  });
}

template <class T>
void Conv1d<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                        Trace<T>& base) const {
  check_forward(*this, "conv1d.forward", x, View<const T>(state));
  Conv1dTrace<T>& trace = static_cast<Conv1dTrace<T>&>(base);
  trace.kept = pass.keeps_trace();
  trace.initial.resize({x.layout().batch(), state_size()});
  if (state_size() > 0)
    for (std::size_t b = 0; b < state.rows(); ++b)
      std::ranges::copy(state.row_span(b), trace.initial.matrix().row(b));
  y.reshape(trace.layouts.of(*this, x.layout_pointer()), this->outputs());
  for (std::size_t begin = 0, end; begin < y.rows(); begin = end) {
    end = std::min(begin + block_rows(), y.rows());
    trace.patches.resize({end - begin, patch()});
    const View<T> patches = trace.patches.matrix();
    gather(pass, x, std::as_const(trace.initial).matrix(), y.layout(), begin, end, patches);
    split_work(*pass.pool, end - begin, (end - begin) * patch() * this->outputs(),
               [&](std::size_t first, std::size_t last) {
                 const View<T> part = y.matrix().rows(begin + first, last - first);
                 affine_.map(patches.rows(first, last - first), part);
                 activate(options_.activation, part.data(), part.rows() * part.columns());
               });
  }
  if (state_size() > 0) leave_state(x, state);
}

template <class T>
void Conv1d<T>::leave_state(const Sequences<T>& x, View<T> state) const noexcept {
  const std::size_t F = this->inputs(), reach = options_.reach();
  for (std::size_t b = 0; b < state.rows(); ++b) {
    const std::size_t n = x.layout().length(b), taken = std::min(n, reach);
    T* const row = state.row(b);
    std::copy(row + taken * F, row + reach * F, row);
    for (std::size_t i = 0; i < taken; ++i)
      std::ranges::copy(x.at(b, n - taken + i), row + (reach - taken + i) * F);
  }
}

template <class T>
void Conv1d<T>::enter_state_gradient(const SequenceLayout& x, View<T> dstate,
                                     Sequences<T>* dx) const noexcept {
  const std::size_t F = this->inputs(), reach = options_.reach();
  for (std::size_t b = 0; b < dstate.rows(); ++b) {
    const std::size_t n = x.length(b), taken = std::min(n, reach);
    T* const row = dstate.row(b);
    if (dx != nullptr)
      for (std::size_t i = 0; i < taken; ++i)
        std::copy_n(row + (reach - taken + i) * F, F, dx->at(b, n - taken + i).begin());
    std::copy_backward(row, row + (reach - taken) * F, row + reach * F);
    std::fill_n(row, taken * F, T(0));
  }
}

template <class T>
void Conv1d<T>::scatter(const Pass& pass, const SequenceLayout& x, const SequenceLayout& y, std::size_t begin,
                        std::size_t end, View<const T> patches, View<T> dstate, Sequences<T>* dx) const {
  const std::size_t F = this->inputs();
  const auto reach = static_cast<std::ptrdiff_t>(options_.reach());
  // Threads have features of their own, because patches overlap. Blocks, and the steps in them, come from the
  // last to the first, as they do where a sequence is gone through in parts.
  split_work(*pass.pool, F, (end - begin) * patch(), [&](std::size_t first, std::size_t last) {
    const auto add = [&](const T* from, T* to) {
      for (std::size_t f = first; f < last; ++f) to[f] += from[f];
    };
    for (std::size_t row = end; row-- > begin;) {
      each_row(y, row, row + 1, [&](std::size_t, std::size_t b, std::size_t u) {
        const T* from = patches.row(row - begin);
        for (std::size_t j = 0; j < options_.kernel; ++j, from += F) {
          const std::ptrdiff_t t = place(u, j);
          if (t < 0 && causal())
            add(from, dstate.row(b) + static_cast<std::size_t>(reach + t) * F);
          else if (dx != nullptr && t >= 0 && static_cast<std::size_t>(t) < x.length(b))
            add(from, dx->at(b, static_cast<std::size_t>(t)).data());
        }
      });
    }
  });
}

template <class T>
void Conv1d<T>::backward(const Pass& pass, const Sequences<T>& x, const Sequences<T>& y,
                         const Sequences<T>& dy, View<T> dstate, Sequences<T>* dx, std::span<T> gradient,
                         Trace<T>& base) const {
  Conv1dTrace<T>& trace = static_cast<Conv1dTrace<T>&>(base);
  check_backward(*this, "conv1d.backward", x, y, dy, View<const T>(dstate), trace.kept);
  if (dx != nullptr) {
    dx->reshape(x.layout_pointer(), this->inputs());
    dx->fill(T(0));
  }
  if (state_size() > 0) enter_state_gradient(x.layout(), dstate, dx);
  const std::size_t O = this->outputs();
  for (std::size_t blocks = (y.rows() + block_rows() - 1) / block_rows(); blocks-- > 0;) {
    const std::size_t begin = blocks * block_rows(), end = std::min(begin + block_rows(), y.rows());
    trace.dpre.resize({end - begin, O});
    trace.patches.resize({end - begin, patch()});
    const View<const T> dpre = trace.dpre.matrix();
    const View<T> patches = trace.patches.matrix();
    std::ranges::copy(dy.values().subspan(begin * O, (end - begin) * O), trace.dpre.data());
    activation_gradient(options_.activation, y.matrix().row(begin), trace.dpre.data(), trace.dpre.size());
    gather(pass, x, std::as_const(trace.initial).matrix(), y.layout(), begin, end, patches);
    affine_.add_gradients(*pass.pool, dpre, patches, gradient, trace.packed);
    if (dx == nullptr && state_size() == 0) continue;
    trace.dpatches.resize({end - begin, patch()});
    affine_.input_gradient(*pass.pool, dpre, trace.dpatches.matrix());
    scatter(pass, x.layout(), y.layout(), begin, end, std::as_const(trace.dpatches).matrix(), dstate, dx);
  }
}

template <class T>
void Conv1d<T>::step(View<const T> x, View<T> state, View<T> y, T* scratch) const noexcept {
  const std::size_t F = this->inputs(), reach = options_.reach();
  const View<T> patches(scratch, x.rows(), patch());
  for (std::size_t b = 0; b < x.rows(); ++b) {
    T* const to = patches.row(b);
    for (std::size_t j = 0; j + 1 < options_.kernel; ++j)
      std::copy_n(state.row(b) + j * options_.dilation * F, F, to + j * F);
    std::ranges::copy(x.row_span(b), to + (options_.kernel - 1) * F);
    if (reach == 0) continue;
    std::copy(state.row(b) + F, state.row(b) + reach * F, state.row(b));
    std::ranges::copy(x.row_span(b), state.row(b) + (reach - 1) * F);
  }
  affine_.map(patches, y);
  for (std::size_t b = 0; b < y.rows(); ++b) activate(options_.activation, y.row(b), y.columns());
}

template class Conv1d<float>;
template class Conv1d<double>;

}  // namespace carousel
