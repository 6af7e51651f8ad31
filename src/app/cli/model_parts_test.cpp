#include "app/cli/model_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace carousel::cli {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> names(const std::vector<ModelPart>& parts) {
  std::vector<std::string> result;
  for (const ModelPart& part : parts) result.push_back(part.name);
  return result;
}

/// The parts in which there are no others.
std::vector<ModelPart> leaves(const std::vector<ModelPart>& parts) {
  std::vector<ModelPart> result;
  for (const ModelPart& part : parts) {
    if (part.inside.empty()) result.push_back(part);
    std::ranges::copy(leaves(part.inside), std::back_inserter(result));
  }
  return result;
}

/// Every parameter belongs to one part, and parts say how many values theirs have.
template <class Net>
void expect_all_parameters(const Net& model) {
  const std::vector<ModelPart> all = leaves(parts_of(model));
  for (const ModelPart& part : all) {
    std::size_t values = 0;
    for (const Parameter& parameter : model.parameters().all())
      if (parameter.name.starts_with(part.name + ".")) values += parameter.shape.size();
    EXPECT_EQ(part.parameters, values) << part.name;
  }
  std::size_t sum = 0;
  for (const ModelPart& part : parts_of(model)) sum += part.parameters;
  EXPECT_EQ(sum, model.parameters().size());
}

std::string kernel_of(const std::string& spec, std::size_t inputs, const Packing& packing = {}) {
  Network<float> network(spec, inputs);
  network.pack(packing);
  return parts_of(network).front().kernel;
}

TEST(ModelParts, AreNamedLikeTheirParametersInsideWrappersToo) {
  const Network<float> network(
      "bidirectional(lstm 3), residual(reversed(gru 6)), parallel(rnn 2, stack(dense 4, dense 1)), pool max",
      2);
  expect_all_parameters(network);
  EXPECT_THAT(names(leaves(parts_of(network))),
              ElementsAre("layers.0.forward", "layers.0.backward", "layers.1.backward", "layers.2.0",
                          "layers.2.1.0", "layers.2.1.1", "layers.3"));
}

TEST(ModelParts, OfAnEncoderDecoderAreInTheOrderOfItsEquations) {
  const EncoderDecoder<float> model(
      "encoder_decoder(encoder(embedding 9 4, bidirectional(lstm 3)), decoder(gru 5)) symbols=7 embedding=2 "
      "attention_width=8",
      1);
  expect_all_parameters(model);
  const std::vector<ModelPart> parts = parts_of(model);
  EXPECT_THAT(names(parts), ElementsAre("encoder", "bridge", "embedding", "decoder", "attention", "output"));
  std::vector<std::size_t> widths;
  for (const ModelPart& part : parts) widths.insert(widths.end(), {part.inputs, part.outputs});
  // Memory of 2 * 3; a state of 2 * 2 * 3 becomes one of 5; a symbol's vector and a context; what looks and
  // what it gets; both of them to 7 symbols and the end.
  EXPECT_THAT(widths, ElementsAre(1, 6, 12, 5, 1, 2, 2 + 6, 5, 5, 6, 5 + 6, 8));
  EXPECT_EQ(parts[4].text, "additive, width 8");
  EXPECT_EQ(parts[4].parameters, 8u * 5 + 8 + 8 * 6 + 8);
}

TEST(ModelParts, WithoutABridgeThereIsNone) {
  const EncoderDecoder<float> model(
      "encoder_decoder(encoder(lstm 3), decoder(lstm 3)) symbols=4 attention=dot bridge=none", 2);
  expect_all_parameters(model);
  EXPECT_THAT(names(parts_of(model)), ElementsAre("encoder", "embedding", "decoder", "attention", "output"));
}

TEST(ModelParts, OfATransducerAreInTheOrderOfItsEquations) {
  const Transducer<float> model(
      "transducer(encoder(bidirectional(lstm 3)), prediction(gru 5)) symbols=7 embedding=2 joint=4", 1);
  expect_all_parameters(model);
  const std::vector<ModelPart> parts = parts_of(model);
  EXPECT_THAT(names(parts), ElementsAre("encoder", "embedding", "prediction", "joint", "output"));
  std::vector<std::size_t> widths;
  for (const ModelPart& part : parts) widths.insert(widths.end(), {part.inputs, part.outputs});
  EXPECT_THAT(widths, ElementsAre(1, 6, 1, 2, 2, 5, 6 + 5, 4, 4, 8));
  EXPECT_EQ(parts[3].parameters, 4u * (6 + 1 + 5));
}

TEST(ModelParts, SayWhichKernelTheyRunOn) {
  EXPECT_EQ(kernel_of("lstm 8", 2), "gates fused with the product, one sequence by a kernel of its own");
  EXPECT_EQ(kernel_of("lstm 8", 2, {WeightFormat::int8, false}), "gates fused with the product");
  EXPECT_EQ(kernel_of("lstm 8 zoneout_cell=0.1", 2), "gates fused with the product");
  EXPECT_EQ(kernel_of("lstm 8 layer_norm=on", 2), "gates row by row");
  for (const char* layer : {"peephole_cell_feedback 8", "lstm 8 peephole=full"})
    EXPECT_EQ(kernel_of(layer, 2), "gates of all rows behind the products") << layer;
  EXPECT_EQ(kernel_of("lstm 8 peephole=full output_peephole=previous", 2), "gates fused with the product");
  EXPECT_EQ(kernel_of("gru 4", 2), "gates fused with the product");
  EXPECT_EQ(kernel_of("gru 4 reset=before", 2), "gates fused with both products");
  for (const char* layer : {"peephole 4", "rnn 4", "slstm 4", "lstm_g 4", "dense 4", "conv1d 4 kernel=2",
                            "layer_norm", "softmax 4", "mixture 2"})
    EXPECT_NE(kernel_of(layer, 2), "") << layer;
  EXPECT_NE(kernel_of("conv_lstm 2 size=3", 3), "");
  EXPECT_NE(kernel_of("md_lstm 2 size=3", 3), "");
  // These move numbers, or leave the work to what is inside.
  for (const char* layer : {"pool max", "pyramid", "dropout 0.1", "residual(lstm 2)"})
    EXPECT_EQ(kernel_of(layer, 2), "") << layer;
}

}  // namespace
}  // namespace carousel::cli
