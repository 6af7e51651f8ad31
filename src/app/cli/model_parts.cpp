#include "app/cli/model_parts.h"

#include <fmt/format.h>

namespace carousel::cli {

namespace {

/// Values of the parameters whose names begin with "NAME.".
std::size_t parameters_under(const ParameterTable& table, const std::string& name) {
  std::size_t count = 0;
  for (const Parameter& parameter : table.all())
    if (parameter.name.starts_with(name + ".")) count += parameter.shape.size();
  return count;
}

ModelPart part_of(const Layer<float>& layer, const std::string& name, const ParameterTable& table) {
  ModelPart part{name, layer.description(), layer.kernel(), layer.details(), layer.inputs(), layer.outputs(),
                 0,    layer.state_size()};
  const std::vector<const Layer<float>*> children = layer.children();
  for (std::size_t k = 0; k < children.size(); ++k) {
    part.inside.push_back(part_of(*children[k], layer.child_name(name, k), table));
    part.parameters += part.inside.back().parameters;
  }
  if (children.empty()) part.parameters = parameters_under(table, name);
  return part;
}

}  // namespace

std::vector<ModelPart> parts_of(const Network<float>& network) {
  std::vector<ModelPart> parts;
  for (std::size_t k = 0; k < network.layers().size(); ++k)
    parts.push_back(part_of(*network.layers()[k], fmt::format("layers.{}", k), network.parameters()));
  return parts;
}

std::vector<ModelPart> parts_of(const EncoderDecoder<float>& model) {
  const ParameterTable& table = model.parameters();
  const AttentionDecoder<float>& decoder = model.decoder();
  const Attention<float>& attention = decoder.attention();
  std::vector<ModelPart> parts = {part_of(model.encoder(), "encoder", table)};
  const auto add = [&](const char* name, std::string text, std::string kernel, std::size_t inputs,
                       std::size_t outputs) {
    parts.push_back(
        {name, std::move(text), std::move(kernel), "", inputs, outputs, parameters_under(table, name)});
  };
  if (const Bridge<float>* bridge = model.bridge())
    add("bridge", "the decoder's first state from the encoder's last, tanh", Affine<float>::kernel(),
        bridge->inputs(), bridge->outputs());
  parts.push_back(part_of(decoder.embedding(), "embedding", table));
  parts.push_back(part_of(decoder.layers(), "decoder", table));
  add("attention", attention.description(), attention.kernel(), attention.queries(), attention.features());
  add("output", fmt::format("logits of {} symbols and the end", decoder.symbols()), Affine<float>::kernel(),
      decoder.joined(), decoder.symbols() + 1);
  return parts;
}

std::vector<ModelPart> parts_of(const Transducer<float>& model) {
  const ParameterTable& table = model.parameters();
  const TransducerParts<float>& parts = model.parts();
  const JointNetwork<float>& joint = parts.joint;
  return {part_of(*parts.encoder, "encoder", table),
          part_of(parts.embedding, "embedding", table),
          part_of(*parts.prediction, "prediction", table),
          {"joint", fmt::format("tanh, width {}", joint.width()), joint.kernel(), "",
           joint.features() + joint.predictions(), joint.width(), parameters_under(table, "joint")},
          {"output", fmt::format("logits of {} symbols and the blank", model.symbols()),
           Affine<float>::kernel(), "", joint.width(), joint.outputs(), parameters_under(table, "output")}};
}

}  // namespace carousel::cli
