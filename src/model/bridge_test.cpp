#include "model/bridge.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "cells/slstm_cell.h"
#include "layers/recurrent.h"
#include "model/encoder_decoder.h"

namespace carousel {
namespace {

/// h | c | n | m: all but n come through the bridge, however small it would make n.
TEST(Bridge, ADecoderBeginsWithNormalisersOfOne) {
  constexpr std::size_t H = 4;
  const Recurrent<double> layer(std::make_unique<SlstmCell<double>>(3, H, 2, ForgetActivation::sigmoid));
  Bridge<double> bridge(layer, layer);
  EXPECT_EQ(bridge.inputs(), 4 * H);
  EXPECT_EQ(bridge.outputs(), 3 * H);
  ParameterTable table;
  bridge.declare(table);
  std::vector<double> weights(table.size(), -0.25);
  bridge.pack(weights, {});
  Tensor<double> state({2, 4 * H}), start({2, 4 * H});
  state.fill(0.5);
  BridgeTrace<double> trace;
  ThreadPool pool(1);
  bridge.forward(pool, std::as_const(state).matrix(), start.matrix(), trace);
  for (std::size_t b = 0; b < 2; ++b)
    for (std::size_t column = 0; column < 4 * H; ++column)
      EXPECT_NEAR(start.matrix()(b, column), column / H == 2 ? 1 : std::tanh(-0.25 * (0.5 * 4 * H + 1)),
                  1e-15)
          << column;
}

/// Before anything is made that is as large as a state.
TEST(Bridge, FromAStateOfManyMatricesIsRefused) {
  EXPECT_THAT(
      [] {
        EncoderDecoder<float>("encoder_decoder(encoder(mlstm 65536 heads=32), decoder(lstm 5)) symbols=5", 3);
      },
      ::testing::ThrowsMessage<SettingError>(
          ::testing::HasSubstr("from a state of 134283296 values to one of 10, and cannot from or to more "
                               "than 4194304; use bridge=none")));
}

}  // namespace
}  // namespace carousel
