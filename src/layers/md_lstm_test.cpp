// The multidimensional LSTM against plain loops over the positions of each image, written from its equations.
#include "layers/md_lstm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "layers/md_lstm_trace.h"
#include "layers/plain_loops_testing.h"

namespace carousel {
namespace {

struct Case {
  std::string name;
  MdLstmOptions options;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

/// Parameters of one direction.
struct Weights {
  std::vector<double> W, R, b, p;
};

using Place = std::array<std::size_t, 3>;

/// One direction over one image.
class PlainMdLstm {
 public:
  PlainMdLstm(const MdLstmOptions& options, const Weights& weights, std::size_t direction)
      : o_(options), w_(weights) {
    for (std::size_t d = 0; d < 3; ++d) grid_.n[d] = (o_.image[d] + o_.window[d] - 1) / o_.window[d];
    for (std::size_t d = 0; d < o_.dimensions; ++d) backwards_[axis(d)] = (direction >> d & 1) != 0;
    h.resize(grid_.volume() * o_.hidden);
    c.resize(h.size());
  }

  void run(std::span<const double> image) {
    Place steps;  // from the corner
    for (steps[0] = 0; steps[0] < grid_[0]; ++steps[0])
      for (steps[1] = 0; steps[1] < grid_[1]; ++steps[1])
        for (steps[2] = 0; steps[2] < grid_[2]; ++steps[2]) visit(image, steps);
  }

  /// Of the position so many steps from the corner, counted in the grid.
  std::size_t position(const Place& steps) const {
    std::size_t number = 0;
    for (std::size_t a = 0; a < 3; ++a)
      number = number * grid_[a] + (backwards_[a] ? grid_[a] - 1 - steps[a] : steps[a]);
    return number;
  }
  std::size_t last() const { return position({grid_[0] - 1, grid_[1] - 1, grid_[2] - 1}); }

  std::vector<double> h, c;  // [positions, H]

 private:
  std::size_t axis(std::size_t dimension) const { return 3 - o_.dimensions + dimension; }

  std::vector<double> window(std::span<const double> image, std::size_t position) const {
    const std::size_t px = position % grid_[2], py = position / grid_[2] % grid_[1],
                      pz = position / grid_[2] / grid_[1];
    std::vector<double> values;
    for (std::size_t z = pz * o_.window[0]; z < (pz + 1) * o_.window[0]; ++z)
      for (std::size_t y = py * o_.window[1]; y < (py + 1) * o_.window[1]; ++y)
        for (std::size_t x = px * o_.window[2]; x < (px + 1) * o_.window[2]; ++x)
          for (std::size_t channel = 0; channel < o_.channels; ++channel) {
            const bool inside = z < o_.image[0] && y < o_.image[1] && x < o_.image[2];
            const std::size_t place = (z * o_.image[1] + y) * o_.image[2] + x;
            values.push_back(inside ? image[place * o_.channels + channel] : 0);
          }
    return values;
  }

  void visit(std::span<const double> image, const Place& steps) {
    const std::size_t H = o_.hidden, D = o_.dimensions, at = position(steps);
    std::vector<double> h_before(D * H), c_before(D * H);
    for (std::size_t d = 0; d < D; ++d) {
      Place before = steps;
      if (before[axis(d)]-- == 0) continue;
      for (std::size_t j = 0; j < H; ++j) {
        h_before[d * H + j] = h[position(before) * H + j];
        c_before[d * H + j] = c[position(before) * H + j];
      }
    }
    std::vector<double> a = w_.b;
    const std::vector<double> x = window(image, at);
    for (std::size_t g = 0; g < a.size(); ++g) {
      for (std::size_t k = 0; k < x.size(); ++k) a[g] += w_.W[g * x.size() + k] * x[k];
      for (std::size_t k = 0; k < D * H; ++k) a[g] += w_.R[g * D * H + k] * h_before[k];
    }
    const auto peephole = [&](std::size_t gate, std::size_t j) {
      return w_.p.empty() ? 0 : w_.p[gate * H + j];
    };
    for (std::size_t j = 0; j < H; ++j) {
      double sum = 0, cell = 0;
      for (std::size_t d = 0; d < D; ++d) {
        const double c_d = c_before[d * H + j];
        sum += c_d;
        cell += logistic(a[(1 + d) * H + j] + peephole(1 + d, j) * c_d) * c_d;
      }
      cell += logistic(a[j] + peephole(0, j) * sum) * std::tanh(a[(1 + D) * H + j]);
      c[at * H + j] = cell;
      h[at * H + j] = logistic(a[(2 + D) * H + j] + peephole(1 + D, j) * cell) * std::tanh(cell);
    }
  }

  const MdLstmOptions& o_;
  const Weights& w_;
  Extent grid_;
  std::array<bool, 3> backwards_{};
};

class MdLstmTest : public ::testing::TestWithParam<Case> {
 protected:
  MdLstmTest() : layer(GetParam().options), x({5, 0, 2 * kMdLstmGroup, 1}, layer.inputs()) {
    ParameterTable table;
    layer.declare(table, "layers.0");
    weights.resize(table.size());
    fill(weights, 1, 0.7);
    fill(x.values(), 2, 1);
    layer.pack(weights, {});
    for (const Parameter& parameter : table.all()) {
      if (parameter.name.ends_with(".W")) of_direction.emplace_back();
      Weights& of = of_direction.back();
      const auto begin = weights.begin() + static_cast<std::ptrdiff_t>(parameter.offset);
      std::vector<double>& to = parameter.name.ends_with(".W")   ? of.W
                                : parameter.name.ends_with(".R") ? of.R
                                : parameter.name.ends_with(".b") ? of.b
                                                                 : of.p;
      to.assign(begin, begin + static_cast<std::ptrdiff_t>(parameter.shape.size()));
    }
  }

  /// The outputs for an image.
  std::vector<double> plain(std::span<const double> image) const {
    const MdLstmOptions& o = GetParam().options;
    const std::size_t H = o.hidden, directions = of_direction.size();
    std::vector<double> y(layer.outputs());
    for (std::size_t direction = 0; direction < directions; ++direction) {
      PlainMdLstm one(o, of_direction[direction], direction);
      one.run(image);
      const std::size_t positions = o.last ? 1 : one.h.size() / H;
      for (std::size_t p = 0; p < positions; ++p)
        for (std::size_t j = 0; j < H; ++j) {
          const std::size_t to = o.concat ? (p * directions + direction) * H + j : p * H + j;
          y[to] += one.h[(o.last ? one.last() : p) * H + j];
        }
    }
    return y;
  }

  MdLstm<double> layer;
  Sequences<double> x;  // 22 images, which are three groups
  std::vector<double> weights;
  std::vector<Weights> of_direction;
};

TEST_P(MdLstmTest, FollowsTheEquationsAtEveryPosition) {
  ThreadPool pool(2);
  Tensor<double> state({x.layout().batch(), 0});
  const auto trace = layer.make_trace();
  std::vector<double> scratch(layer.step_scratch(x.layout().batch()));
  for (const bool training : {false, true}) {
    Sequences<double> y;
    layer.forward({.pool = &pool, .training = training}, x, state.matrix(), y, *trace);
    for (std::size_t row = 0; row < x.rows(); ++row) {
      const std::vector<double> expected = plain(std::as_const(x).matrix().row_span(row));
      ASSERT_EQ(y.features(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(y.matrix()(row, i), expected[i], 1e-12) << training << ", image " << row << ", " << i;
    }
  }
  const View<const double> images = std::as_const(x).step(0);
  Tensor<double> y({images.rows(), layer.outputs()});
  layer.step(images, state.matrix(), y.matrix(), scratch.data());
  for (std::size_t row = 0; row < images.rows(); ++row) {
    const std::vector<double> expected = plain(images.row_span(row));
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(y.matrix()(row, i), expected[i], 1e-12);
  }
}

MdLstmOptions options(std::size_t dimensions, Extent image, Extent window, bool peephole) {
  MdLstmOptions o;
  o.channels = 2;
  o.hidden = 3;
  o.dimensions = dimensions;
  o.image = image;
  o.window = window;
  o.peephole = peephole;
  return o;
}
MdLstmOptions one_direction(MdLstmOptions o) {
  o.all_directions = false;
  return o;
}
MdLstmOptions sum(MdLstmOptions o) {
  o.concat = false;
  return o;
}
MdLstmOptions last(MdLstmOptions o) {
  o.last = true;
  return o;
}

const Extent kLine{{1, 1, 7}}, kPlane{{1, 5, 4}}, kVolume{{3, 2, 5}};

INSTANTIATE_TEST_SUITE_P(
    Images, MdLstmTest,
    ::testing::Values(Case{"Line", options(1, kLine, {}, false)},
                      Case{"LineOfWindows", options(1, kLine, {{1, 1, 2}}, true)},
                      Case{"LineSum", sum(options(1, kLine, {{1, 1, 3}}, false))},
                      Case{"LineLast", last(options(1, kLine, {}, true))},
                      Case{"Plane", options(2, kPlane, {}, false)},
                      Case{"PlaneOfWindows", options(2, kPlane, {{1, 2, 3}}, true)},
                      Case{"PlaneOneDirection", one_direction(options(2, kPlane, {{1, 1, 2}}, true))},
                      Case{"PlaneSum", sum(options(2, kPlane, {{1, 2, 1}}, true))},
                      Case{"PlaneLast", last(options(2, kPlane, {}, false))},
                      Case{"PlaneLastSum", last(sum(options(2, kPlane, {{1, 3, 2}}, true)))},
                      Case{"Volume", options(3, kVolume, {}, true)},
                      Case{"VolumeOfWindows", options(3, kVolume, {{2, 1, 3}}, false)},
                      Case{"VolumeOneDirectionLast", last(one_direction(options(3, kVolume, {}, true)))},
                      Case{"VolumeSum", sum(options(3, kVolume, {{2, 2, 2}}, true))},
                      Case{"VolumeLast", last(options(3, kVolume, {{1, 1, 2}}, true))}),
    [](const auto& c) { return c.param.name; });

}  // namespace
}  // namespace carousel
