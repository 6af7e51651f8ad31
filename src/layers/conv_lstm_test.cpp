// The convolutional LSTM against plain loops over positions and the places of kernels, written from its
// equations.
#include "layers/conv_lstm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "layers/conv_lstm_trace.h"
#include "layers/plain_loops_testing.h"

namespace carousel {
namespace {

struct Case {
  std::string name;
  ConvLstmOptions options;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

/// What lies on an image [z, y, x, channel] before it is convolved.
struct Kernel {
  Extent image, kernel, stride, dilation;
  std::size_t channels;

  /// The sum of one row of weights [kernel z, y, x, channel] times the image, at position p.
  double at(const std::array<std::size_t, 3>& p, const double* weights, const double* values) const {
    double sum = 0;
    std::array<std::size_t, 3> k;
    for (k[0] = 0; k[0] < kernel[0]; ++k[0])
      for (k[1] = 0; k[1] < kernel[1]; ++k[1])
        for (k[2] = 0; k[2] < kernel[2]; ++k[2], weights += channels) {
          std::size_t place = 0;
          bool inside = true;
          for (std::size_t d = 0; d < 3; ++d) {
            const long seen = static_cast<long>(p[d] * stride[d] + k[d] * dilation[d]) -
                              static_cast<long>((kernel[d] - 1) * dilation[d] / 2);
            inside = inside && seen >= 0 && seen < static_cast<long>(image[d]);
            place = place * image[d] + static_cast<std::size_t>(seen);
          }
          for (std::size_t channel = 0; inside && channel < channels; ++channel)
            sum += weights[channel] * values[place * channels + channel];
        }
    return sum;
  }
};

class ConvLstmTest : public ::testing::TestWithParam<Case> {
 protected:
  ConvLstmTest()
      : layer(o),
        x({5, 0, 2, 4}, layer.inputs()),
        input{o.image, o.kernel, o.stride, o.dilation, o.channels},
        recurrent{{}, o.recurrent_kernel, {}, o.recurrent_dilation, o.hidden} {
    for (std::size_t d = 0; d < 3; ++d) recurrent.image.n[d] = (o.image[d] + o.stride[d] - 1) / o.stride[d];
    ParameterTable table;
    layer.declare(table, "layers.0");
    weights.resize(table.size());
    fill(weights, 1, 0.5);
    fill(x.values(), 2, 1);
    layer.pack(weights, {});
    initial.resize({x.layout().batch(), layer.state_size()});
    fill(initial.span(), 3, 1);
  }

  /// A step from a state of h, then c, which becomes the one behind it.
  void plain_step(std::span<const double> image, std::vector<double>& state) const {
    const std::size_t H = o.hidden, O = layer.outputs();
    const double *const W = weights.data(), *const R = W + 4 * H * o.kernel.volume() * o.channels,
                        *const b = R + 4 * H * o.recurrent_kernel.volume() * H, *const p = b + 4 * H;
    const std::vector<double> before = state;
    std::array<std::size_t, 3> at;
    std::size_t j = 0;  // position and channel
    for (at[0] = 0; at[0] < recurrent.image[0]; ++at[0])
      for (at[1] = 0; at[1] < recurrent.image[1]; ++at[1])
        for (at[2] = 0; at[2] < recurrent.image[2]; ++at[2])
          for (std::size_t channel = 0; channel < H; ++channel, ++j) {
            double a[4];
            for (std::size_t gate = 0; gate < 4; ++gate) {
              const std::size_t row = gate * H + channel;
              a[gate] = b[row] + input.at(at, W + row * o.kernel.volume() * o.channels, image.data()) +
                        recurrent.at(at, R + row * o.recurrent_kernel.volume() * H, before.data());
            }
            const auto seen = [&](std::size_t gate, double c) {
              return o.peephole ? p[gate * O + j] * c : 0;
            };
            const double c_before = before[O + j];
            const double c = logistic(a[1] + seen(1, c_before)) * c_before +
                             logistic(a[0] + seen(0, c_before)) * std::tanh(a[2]);
            const bool current = o.output_peephole == OutputPeephole::current;
            state[O + j] = c;
            state[j] = logistic(a[3] + seen(2, current ? c : c_before)) * std::tanh(c);
          }
  }

  std::vector<double> first_state(std::size_t b) const {
    const std::span<const double> row = initial.matrix().row_span(b);
    return {row.begin(), row.end()};
  }

  const ConvLstmOptions o = GetParam().options;
  ConvLstm<double> layer;
  Sequences<double> x;
  Kernel input, recurrent;
  std::vector<double> weights;
  Tensor<double> initial;
};

TEST_P(ConvLstmTest, FollowsTheEquationsAtEveryPositionAndStep) {
  ThreadPool pool(2);
  const auto trace = layer.make_trace();
  for (const bool training : {false, true}) {
    Tensor<double> state = initial;
    Sequences<double> y;
    layer.forward({.pool = &pool, .training = training}, x, state.matrix(), y, *trace);
    ASSERT_EQ(y.features(), recurrent.image.volume() * o.hidden);
    for (std::size_t b = 0; b < x.layout().batch(); ++b) {
      std::vector<double> expected = first_state(b);
      for (std::size_t t = 0; t < x.layout().length(b); ++t) {
        plain_step(x.at(b, t), expected);
        for (std::size_t i = 0; i < y.features(); ++i)
          EXPECT_NEAR(y.at(b, t)[i], expected[i], 1e-12) << training << ", " << b << ", " << t << ", " << i;
      }
      for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(state.matrix()(b, i), expected[i], 1e-12) << "last state " << b << ", " << i;
    }
  }
}

TEST_P(ConvLstmTest, AStreamsStepDoesSo) {
  const View<const double> images = std::as_const(x).step(0);
  Tensor<double> state({images.rows(), layer.state_size()}), y({images.rows(), layer.outputs()});
  std::copy_n(initial.data(), state.size(), state.data());
  std::vector<double> scratch(layer.step_scratch(images.rows()));
  layer.step(images, state.matrix(), y.matrix(), scratch.data());
  for (std::size_t row = 0; row < images.rows(); ++row) {
    std::vector<double> expected = first_state(row);
    plain_step(images.row_span(row), expected);
    for (std::size_t i = 0; i < layer.outputs(); ++i) EXPECT_NEAR(y.matrix()(row, i), expected[i], 1e-12);
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(state.matrix()(row, i), expected[i], 1e-12);
  }
}

ConvLstmOptions line() {
  ConvLstmOptions o;
  o.channels = 2;
  o.hidden = 3;
  o.image = {{1, 1, 9}};
  o.kernel = {{1, 1, 3}};
  o.stride = {{1, 1, 2}};
  o.dilation = {{1, 1, 3}};
  o.recurrent_kernel = {{1, 1, 4}};
  o.recurrent_dilation = {{1, 1, 2}};
  return o;
}
ConvLstmOptions plane() {
  ConvLstmOptions o;
  o.channels = 3;
  o.hidden = 2;
  o.image = {{1, 7, 6}};
  o.kernel = {{1, 2, 4}};
  o.stride = {{1, 3, 1}};
  o.dilation = {{1, 2, 1}};
  o.recurrent_kernel = {{1, 3, 2}};
  o.recurrent_dilation = {{1, 1, 3}};
  return o;
}
ConvLstmOptions volume() {
  ConvLstmOptions o;
  o.channels = 2;
  o.hidden = 2;
  o.image = {{3, 4, 5}};
  o.kernel = {{2, 3, 1}};
  o.stride = {{1, 2, 2}};
  o.dilation = {{2, 1, 1}};
  o.recurrent_kernel = {{3, 1, 2}};
  o.recurrent_dilation = {{1, 1, 2}};
  return o;
}
/// More positions than are multiplied at a time.
ConvLstmOptions large() {
  ConvLstmOptions o;
  o.hidden = 2;
  o.image = {{1, 13, 11}};
  static_assert(13 * 11 > kConvLstmBlock);
  o.kernel = o.recurrent_kernel = {{1, 3, 3}};
  return o;
}
ConvLstmOptions seeing(OutputPeephole output, ConvLstmOptions o) {
  o.peephole = true;
  o.output_peephole = output;
  return o;
}

using enum OutputPeephole;

INSTANTIATE_TEST_SUITE_P(
    Images, ConvLstmTest,
    ::testing::Values(Case{"Line", line()}, Case{"LinePeephole", seeing(current, line())},
                      Case{"LinePrevious", seeing(previous, line())}, Case{"Plane", plane()},
                      Case{"PlanePeephole", seeing(current, plane())},
                      Case{"PlanePrevious", seeing(previous, plane())}, Case{"Volume", volume()},
                      Case{"VolumePeephole", seeing(current, volume())},
                      Case{"VolumePrevious", seeing(previous, volume())}, Case{"Large", large()},
                      Case{"LargePeephole", seeing(current, large())},
                      Case{"LargePrevious", seeing(previous, large())}),
    [](const auto& c) { return c.param.name; });

}  // namespace
}  // namespace carousel
