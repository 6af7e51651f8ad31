// What a model is made of, as `carousel inspect` shows it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/encoder_decoder.h"
#include "model/network.h"
#include "model/transducer.h"

namespace carousel::cli {

struct ModelPart {
  std::string name;     ///< what the names of its parameters begin with: "layers.0"
  std::string text;     ///< what it is, and its options
  std::string kernel;   ///< how it is computed; "" where parts inside say it, or nothing is
  std::string details;  ///< lines, where one cannot say what it is made of
  std::size_t inputs = 0, outputs = 0, parameters = 0, state = 0;
  std::vector<ModelPart> inside = {};
};

/// In the order of the spec; those of a wrapper inside it.
std::vector<ModelPart> parts_of(const Network<float>& network);
std::vector<ModelPart> parts_of(const EncoderDecoder<float>& model);
std::vector<ModelPart> parts_of(const Transducer<float>& model);

}  // namespace carousel::cli
