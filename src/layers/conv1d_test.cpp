// The convolution over time against a plain loop in double, for every padding, stride and dilation.
#include "layers/conv1d.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/same_bits.h"

namespace carousel {
namespace {

void fill(std::span<double> values, std::uint64_t stream) {
  const Random random(4, stream);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = random.uniform(i, -1, 1);
}

constexpr std::size_t kInputs = 3, kOutputs = 2;

/// The value of a step of a sequence that goes on without end, with its state before and zeros elsewhere.
double input(const Sequences<double>& x, const Tensor<double>& state, std::size_t b, std::ptrdiff_t t,
             std::size_t f) {
  if (t >= 0 && t < static_cast<std::ptrdiff_t>(x.layout().length(b)))
    return x.at(b, static_cast<std::size_t>(t))[f];
  const auto steps = static_cast<std::ptrdiff_t>(state.shape()[1] / kInputs);
  if (t >= 0 || t < -steps) return 0;
  return state.matrix()(b, static_cast<std::size_t>(t + steps) * kInputs + f);
}

std::string text(const ConvolutionOptions& o) {
  return fmt::format("kernel {} stride {} dilation {} padding {}", o.kernel, o.stride, o.dilation,
                     padding_names()[static_cast<std::size_t>(o.padding)]);
}

void expect_formula(const ConvolutionOptions& options) {
  Conv1d<double> layer(kInputs, kOutputs, options);
  ParameterTable table;
  layer.declare(table, "layers.0");
  std::vector<double> weights(table.size());
  fill(weights, 1);
  layer.pack(weights, {});
  Sequences<double> x({9, 0, 1, 14, 2, 5}, kInputs), y;
  fill(x.values(), 2);
  Tensor<double> state({6, layer.state_size()});
  fill(state.span(), 3);
  const Tensor<double> before = state;
  ThreadPool pool(1);
  const auto trace = layer.make_trace();
  layer.forward({.pool = &pool}, x, state.matrix(), y, *trace);

  const std::size_t K = options.kernel, reach = (K - 1) * options.dilation;
  const std::ptrdiff_t left = static_cast<std::ptrdiff_t>(options.padding == Padding::causal ? reach
                                                          : options.padding == Padding::same ? reach / 2
                                                                                             : 0);
  for (std::size_t b = 0; b < 6; ++b) {
    const std::size_t n = x.layout().length(b);
    std::size_t expected_length = 0;  // counted place by place
    for (std::size_t first = 0; options.padding == Padding::none ? first + reach < n : first < n;
         first += options.stride)
      ++expected_length;
    ASSERT_EQ(y.layout().length(b), expected_length) << text(options);
    for (std::size_t u = 0; u < expected_length; ++u)
      for (std::size_t o = 0; o < kOutputs; ++o) {
        double sum = weights[kOutputs * K * kInputs + o];
        for (std::size_t j = 0; j < K; ++j)
          for (std::size_t f = 0; f < kInputs; ++f)
            sum += weights[(o * K + j) * kInputs + f] *
                   input(x, before, b,
                         static_cast<std::ptrdiff_t>(u * options.stride + j * options.dilation) - left, f);
        EXPECT_NEAR(y.at(b, u)[o], std::tanh(sum), 1e-13)
            << text(options) << ", sequence " << b << ", step " << u;
      }
    for (std::size_t i = 0; i < state.shape()[1] / kInputs; ++i)
      for (std::size_t f = 0; f < kInputs; ++f)
        EXPECT_EQ(
            state.matrix()(b, i * kInputs + f),
            input(x, before, b, static_cast<std::ptrdiff_t>(n + i) - static_cast<std::ptrdiff_t>(reach), f))
            << text(options) << ", state " << b;
  }
}

TEST(Conv1d, IsTheFormula) {
  for (const Padding padding : {Padding::causal, Padding::same, Padding::none})
    for (const std::size_t kernel : {1, 2, 3, 5})
      for (const std::size_t stride : {1, 2, 3})
        for (const std::size_t dilation : {1, 2, 4})
          expect_formula({kernel, stride, dilation, padding, {kernels::ActivationKind::tanh}});
}

TEST(Conv1d, StreamsOnlyWhereItIsCausalAndKeepsEveryStep) {
  const auto layer = [](Padding padding, std::size_t stride) {
    return Conv1d<float>(4, 2, {.kernel = 3, .stride = stride, .dilation = 5, .padding = padding});
  };
  EXPECT_TRUE(layer(Padding::causal, 1).causal());
  EXPECT_EQ(layer(Padding::causal, 1).state_size(), 40u);
  for (const auto& other : {layer(Padding::causal, 2), layer(Padding::same, 1), layer(Padding::none, 1)}) {
    EXPECT_FALSE(other.causal());
    EXPECT_EQ(other.state_size(), 0u);
  }
}

// Longer than a block of rows, so that gradients are gathered from several; parts give what the whole gives.
TEST(Conv1d, PartsOfALongSequenceGiveTheBitsOfTheWhole) {
  constexpr std::size_t kSteps = 6000, kPart = 4321;
  Conv1d<float> layer(7, 5, {.kernel = 4, .dilation = 3, .activation = {kernels::ActivationKind::tanh}});
  ParameterTable table;
  layer.declare(table, "layers.0");
  std::vector<float> weights(table.size());
  layer.initialise(weights, 3);
  layer.pack(weights, {});
  Sequences<float> x({kSteps}, 7), dy({kSteps}, 5);
  const Random random(5, 0);
  for (std::size_t i = 0; i < x.values().size(); ++i)
    x.values()[i] = static_cast<float>(random.uniform(i, -1, 1));
  for (std::size_t i = 0; i < dy.values().size(); ++i)
    dy.values()[i] = static_cast<float>(random.uniform(i + 1'000'000, -1, 1));
  ThreadPool pool(2);
  const Pass pass{.pool = &pool, .training = true};
  struct Result {
    Sequences<float> y, dx;
    std::unique_ptr<Trace<float>> trace;
  };
  Tensor<float> state({1, layer.state_size()}), dstate({1, layer.state_size()});
  std::vector<float> gradient(weights.size());
  const auto forward = [&](const Sequences<float>& in) {
    Result result{{}, {}, layer.make_trace()};
    layer.forward(pass, in, state.matrix(), result.y, *result.trace);
    return result;
  };
  Result whole = forward(x);
  layer.backward(pass, x, whole.y, dy, dstate.matrix(), &whole.dx, gradient, *whole.trace);
  const Tensor<float> whole_dstate = dstate;

  state.fill(0), dstate.fill(0);
  const Sequences<float> x_first = slice_time(x, 0, kPart), x_second = slice_time(x, kPart, kSteps);
  Result first = forward(x_first), second = forward(x_second);
  layer.backward(pass, x_second, second.y, slice_time(dy, kPart, kSteps), dstate.matrix(), &second.dx,
                 gradient, *second.trace);
  layer.backward(pass, x_first, first.y, slice_time(dy, 0, kPart), dstate.matrix(), &first.dx, gradient,
                 *first.trace);
  const auto expect_parts = [&](const Sequences<float>& all, const Sequences<float>& a,
                                const Sequences<float>& b) {
    EXPECT_TRUE(testing::same_bits(all.values().first(a.values().size()), a.values()));
    EXPECT_TRUE(testing::same_bits(all.values().subspan(a.values().size()), b.values()));
  };
  expect_parts(whole.y, first.y, second.y);
  expect_parts(whole.dx, first.dx, second.dx);
  EXPECT_TRUE(testing::same_bits(whole_dstate.span(), std::as_const(dstate).span()));
}

}  // namespace
}  // namespace carousel
