#include "layers/md_lstm.h"

#include <algorithm>
#include <cmath>

#include "layers/check.h"
#include "layers/md_lstm_trace.h"
#include "layers/work_split.h"
#include "tensor/initialise.h"

namespace carousel {

using kernels::Start;

Diagonals::Diagonals(const Extent& grid, std::size_t dimensions)
    : grid_(grid), dimensions_(dimensions), first_{0} {
  const std::size_t last = grid[0] + grid[1] + grid[2] - 3;
  std::vector<std::size_t> number(grid.volume());  // of the cell at each place
  for (std::size_t sum = 0; sum <= last; ++sum) {
    for (std::size_t z = 0; z < std::min(grid[0], sum + 1); ++z)
      for (std::size_t y = 0; y < std::min(grid[1], sum - z + 1); ++y) {
        const std::size_t x = sum - z - y;
        if (x >= grid[2]) continue;
        number[(z * grid[1] + y) * grid[2] + x] = places_.size() - first_.back();
        places_.push_back({z, y, x});
      }
    largest_ = std::max(largest_, places_.size() - first_.back());
    first_.push_back(places_.size());
  }
  for (const auto& place : places_)
    for (std::size_t d = 3 - dimensions; d < 3; ++d) {
      auto at = place;
      before_.push_back(at[d]-- == 0 ? kNone : number[(at[0] * grid[1] + at[1]) * grid[2] + at[2]]);
    }
}

std::size_t Diagonals::position(std::size_t k, std::size_t direction) const noexcept {
  auto at = places_[k];
  for (std::size_t d = 0; d < dimensions_; ++d) {
    const std::size_t axis = 3 - dimensions_ + d;
    if ((direction >> d & 1) != 0) at[axis] = grid_[axis] - 1 - at[axis];
  }
  return (at[0] * grid_[1] + at[1]) * grid_[2] + at[2];
}

namespace {

std::size_t directions(const MdLstmOptions& o) {
  return o.all_directions ? std::size_t{1} << o.dimensions : 1;
}

std::size_t outputs(const MdLstmOptions& o) {
  const Patches windows(o.image, o.channels, o.window, o.window, {}, false);
  return o.hidden * (o.concat ? directions(o) : 1) * (o.last ? 1 : windows.output().volume());
}

}  // namespace

template <class T>
MdLstm<T>::MdLstm(const MdLstmOptions& options)
    : Layer<T>(options.image.volume() * options.channels, carousel::outputs(options)),
      options_(options),
      windows_(options.image, options.channels, options.window, options.window, {}, false),
      diagonals_(windows_.output(), options.dimensions),
      directions_(carousel::directions(options)) {}

template <class T>
void MdLstm<T>::declare(ParameterTable& table, const std::string& name) {
  const std::size_t first = table.all().size();
  begin_ = table.size();
  std::vector<std::size_t> recurrent;
  for (std::size_t n = 0; n < directions_.size(); ++n) {
    Direction& of = directions_[n];
    const std::string prefix = name + "." + std::to_string(n);
    of.W = table.add_matrix(prefix + ".W", gates(), windows_.width());
    of.R = table.add_matrix(prefix + ".R", gates(), seen());
    recurrent.push_back(of.R);
    of.b = table.add(prefix + ".b", {gates()});
    if (options_.peephole) of.p = table.add(prefix + ".p", {2 + options_.dimensions, options_.hidden});
  }
  size_ = table.size() - begin_;
  options_.noise.declare(table, first, recurrent);
}

template <class T>
std::size_t MdLstm<T>::unit_of(const Parameter& parameter, std::size_t element) const {
  const std::size_t H = options_.hidden;
  const std::size_t direction = (parameter.offset - begin_) / (size_ / directions_.size());
  const bool diagonal = options_.peephole && parameter.offset == directions_[direction].p;
  return direction * H + (diagonal ? element : row_of(parameter, element)) % H;
}

template <class T>
void MdLstm<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  const std::size_t H = options_.hidden, D = options_.dimensions, F = windows_.width();
  const double recurrent = 1.0 / std::sqrt(static_cast<double>(seen()));
  for (const Direction& of : directions_) {
    fill_uniform(weights.subspan(of.W, gates() * F), glorot_limit(F, H), seed, of.W);
    fill_uniform(weights.subspan(of.R, gates() * seen()), recurrent, seed, of.R);
    std::ranges::fill(weights.subspan(of.b, gates()), T(0));
    std::ranges::fill(weights.subspan(of.b + H, D * H), static_cast<T>(options_.forget_bias));
    if (options_.peephole) fill_uniform(weights.subspan(of.p, (2 + D) * H), recurrent, seed, of.p);
  }
}

template <class T>
void MdLstm<T>::pack(std::span<const T> weights, const Packing& packing) {
  const std::size_t parts = 3 + options_.dimensions;
  for (Direction& of : directions_) {
    of.W_packed.pack(weights.data() + of.W, gates(), windows_.width(), parts, packing);
    of.R_packed.pack(weights.data() + of.R, gates(), seen(), parts, packing);
    const auto copy = [&](std::size_t offset, std::size_t count, AlignedVector<T>& to) {
      to.assign(weights.begin() + offset, weights.begin() + offset + count);
    };
    copy(of.b, gates(), of.bias);
    if (options_.peephole) copy(of.p, (2 + options_.dimensions) * options_.hidden, of.peepholes);
  }
}

template <class T>
PassSchedule MdLstm<T>::schedule(const Load& load) const {
  const std::size_t groups = (load.batch + kMdLstmGroup - 1) / kMdLstmGroup;
  return {SharedBy::rows, std::max<std::size_t>(1, std::min(load.threads, groups))};
}

template <class T>
std::unique_ptr<Trace<T>> MdLstm<T>::make_trace() const {
  return std::make_unique<MdLstmTrace<T>>();
}

template <class T>
kernels::LstmPolicy MdLstm<T>::policy() const noexcept {
  kernels::LstmPolicy policy;
  policy.state.peephole = policy.output.peephole = options_.peephole;
  policy.state.dimensions = options_.dimensions;
  return policy;
}

template <class T>
std::size_t MdLstm<T>::scratch_per_image() const noexcept {
  return diagonals_.largest() * (windows_.width() + 2 * seen() + gates() + 4 * options_.hidden);
}

template <class T>
auto MdLstm<T>::group_of(std::size_t number, std::size_t direction, std::size_t rows,
                         MdLstmTrace<T>& trace) const -> Group {
  const std::size_t begin = number * kMdLstmGroup;
  Group group{begin, std::min(kMdLstmGroup, rows - begin), nullptr, nullptr, nullptr};
  if (!trace.kept) return group;
  const std::size_t first = (direction * rows + begin) * windows_.output().volume();
  group.gates = trace.gates.matrix().row(first);
  group.c = trace.c.matrix().row(first);
  group.h = trace.h.matrix().row(first);
  return group;
}

template <class T>
void MdLstm<T>::gather_windows(const Group& group, std::size_t diagonal, std::size_t direction,
                               View<const T> x, T* windows) const noexcept {
  for (std::size_t cell = 0; cell < diagonals_.size(diagonal); ++cell) {
    const std::size_t position = diagonals_.position(diagonals_.first(diagonal) + cell, direction);
    windows_.gather(x.rows(group.begin, group.count), position,
                    windows + cell * group.count * windows_.width());
  }
}

template <class T>
void MdLstm<T>::gather_before(const Group& group, std::size_t diagonal, const T* before,
                              T* to) const noexcept {
  const std::size_t H = options_.hidden;
  for (std::size_t cell = 0; cell < diagonals_.size(diagonal); ++cell)
    for (std::size_t d = 0; d < options_.dimensions; ++d) {
      const std::size_t place = diagonals_.before(diagonals_.first(diagonal) + cell, d);
      for (std::size_t image = 0; image < group.count; ++image) {
        T* const row = to + (cell * group.count + image) * seen() + d * H;
        if (place == Diagonals::kNone)
          std::fill_n(row, H, T(0));
        else
          std::copy_n(before + (place * group.count + image) * H, H, row);
      }
    }
}

template <class T>
void MdLstm<T>::forward_group(const Group& group, std::size_t direction, View<const T> x, View<T> y,
                              T* scratch) const noexcept {
  const Direction& of = directions_[direction];
  const std::size_t H = options_.hidden, D = options_.dimensions, G = gates(), n = group.count;
  const std::size_t most = diagonals_.largest() * n;
  T* const windows = scratch;
  T* const before = windows + most * windows_.width();
  T* const c_before = before + most * seen();
  T* const gates_of_diagonal = c_before + most * seen();
  T* const states = gates_of_diagonal + most * G;  // c and h of this diagonal and the one before, by turns
  for (std::size_t diagonal = 0; diagonal < diagonals_.count(); ++diagonal) {
    const std::size_t rows = diagonals_.size(diagonal) * n, first = diagonals_.first(diagonal) * n;
    const auto state = [&](T* kept, std::size_t which, bool last) {
      const std::size_t row = last ? (diagonal == 0 ? 0 : diagonals_.first(diagonal - 1) * n) : first;
      return kept != nullptr ? kept + row * H : states + (2 * which + (diagonal + last) % 2) * most * H;
    };
    T* const block = group.gates != nullptr ? group.gates + first * G : gates_of_diagonal;
    T *const c = state(group.c, 0, false), *const h = state(group.h, 1, false);
    gather_windows(group, diagonal, direction, x, windows);
    product(View<const T>(windows, rows, windows_.width()), of.W_packed.forward, View<T>(block, rows, G),
            Start::bias, {}, nullptr, of.bias.data());
    gather_before(group, diagonal, state(group.h, 1, true), before);
    gather_before(group, diagonal, state(group.c, 0, true), c_before);
    kernels::LstmForward<T> arithmetic =
        kernels::plain_lstm_forward<T>(H, {block, G}, {c_before, seen()}, {c, H}, {h, H});
    arithmetic.policy = policy();
    arithmetic.g = {block + (1 + D) * H, G};
    arithmetic.o = {block + (2 + D) * H, G};
    const kernels::Rows<const T> p{of.peepholes.data(), 0};
    arithmetic.p_i = p;
    arithmetic.p_f = p.from(options_.peephole ? H : 0);
    arithmetic.p_o = p.from(options_.peephole ? (1 + D) * H : 0);
    const kernels::Epilogue epilogue{[](const void* step, std::size_t row, std::size_t count,
                                        std::size_t unit, std::size_t units) noexcept {
                                       kernels::lstm_gates_forward(
                                           *static_cast<const kernels::LstmForward<T>*>(step), row, count,
                                           unit, units);
                                     },
                                     &arithmetic};
    product(View<const T>(before, rows, seen()), of.R_packed.forward, View<T>(block, rows, G),
            Start::accumulate, {}, &epilogue);
    for_outputs(group, diagonal, direction, [&](std::size_t row, std::size_t image, std::size_t column) {
      T* const to = y.row(image) + column;
      const T* const from = h + row * H;
      if (options_.concat || direction == 0)
        std::copy_n(from, H, to);
      else
        for (std::size_t j = 0; j < H; ++j) to[j] += from[j];
    });
  }
}

template <class T>
void MdLstm<T>::forward(const Pass& pass, const Sequences<T>& x, View<T> state, Sequences<T>& y,
                        Trace<T>& base) const {
  check_forward(*this, "md_lstm.forward", x, View<const T>(state));
  MdLstmTrace<T>& trace = static_cast<MdLstmTrace<T>&>(base);
  trace.kept = pass.keeps_trace();
  y.reshape(x.layout_pointer(), this->outputs());
  const std::size_t rows = x.rows(), groups = (rows + kMdLstmGroup - 1) / kMdLstmGroup;
  const std::size_t cells = rows * windows_.output().volume() * directions_.size();
  trace.gates.resize({trace.kept ? cells : 0, gates()});
  trace.c.resize({trace.kept ? cells : 0, options_.hidden});
  trace.h.resize({trace.kept ? cells : 0, options_.hidden});
  const std::size_t parts =
      std::max<std::size_t>(1, work_parts(*pass.pool, groups, cells * gates() * (windows_.width() + seen())));
  trace.reserve(parts);
  for (const auto& buffers : trace.buffers)
    buffers->scratch.resize(std::min(rows, kMdLstmGroup) * scratch_per_image());
  const auto run = [&](std::size_t part) {
    for (std::size_t g = groups * part / parts; g < groups * (part + 1) / parts; ++g)
      for (std::size_t direction = 0; direction < directions_.size(); ++direction)
        forward_group(group_of(g, direction, rows, trace), direction, x.matrix(), y.matrix(),
                      trace.buffers[part]->scratch.data());
  };
  if (parts == 1) return run(0);
  pass.pool->run(parts, run);
}

template <class T>
void MdLstm<T>::step(View<const T> x, View<T>, View<T> y, T* scratch) const noexcept {
  for (std::size_t direction = 0; direction < directions_.size(); ++direction)
    forward_group({0, x.rows(), nullptr, nullptr, nullptr}, direction, x, y, scratch);
}

template <class T>
std::size_t MdLstm<T>::step_scratch(std::size_t batch) const noexcept {
  return batch * scratch_per_image();
}

template class MdLstm<float>;
template class MdLstm<double>;

}  // namespace carousel
