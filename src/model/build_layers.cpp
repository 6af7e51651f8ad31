#include <fmt/format.h>

#include "layers/conv1d.h"
#include "layers/dense.h"
#include "layers/dropout.h"
#include "layers/embedding.h"
#include "layers/layer_norm.h"
#include "layers/mixture_head.h"
#include "layers/pool.h"
#include "layers/pyramid.h"
#include "layers/softmax.h"
#include "model/builders.h"
#include "model/read_layers.h"

namespace carousel {

DenseSpec read_dense(LayerReader& read) {
  const std::size_t outputs = read.integer("outputs", 1, kMaxWidth);
  const kernels::Activation activation = read_activation(read, "activation", {}, true);
  return {outputs, activation, read.option_flag("bias", true)};
}

template <class T>
LayerPointer<T> build_dense(LayerReader& read, std::size_t inputs) {
  const DenseSpec dense = read_dense(read);
  return std::make_unique<Dense<T>>(inputs, dense.outputs, dense.activation, dense.bias);
}

template <class T>
LayerPointer<T> build_dropout(LayerReader& read, std::size_t inputs) {
  const double rate = read.number("rate", 0.0, 0.99);
  return std::make_unique<Dropout<T>>(inputs, rate, read.option_flag("variational", false));
}

template <class T>
LayerPointer<T> build_embedding(LayerReader& read, std::size_t inputs) {
  const std::size_t symbols = read.integer("symbols", 1, kMaxSymbols);
  const std::size_t outputs = read.integer("outputs", 1, kMaxWidth);
  if (inputs != 1)
    read.refuse(fmt::format("takes one feature, the number of a symbol, but there are {}", inputs));
  return std::make_unique<Embedding<T>>(symbols, outputs);
}

template <class T>
LayerPointer<T> build_layer_norm(LayerReader& read, std::size_t inputs) {
  const double eps = read.option_number("eps", 1e-12, 1.0, 1e-5);
  return std::make_unique<LayerNorm<T>>(inputs, eps);
}

template <class T>
LayerPointer<T> build_conv1d(LayerReader& read, std::size_t inputs) {
  const std::size_t outputs = read.integer("outputs", 1, kMaxWidth);
  ConvolutionOptions options;
  options.kernel = read.integer("kernel", 1, kMaxWindow);
  options.stride = read.option_integer("stride", 1, kMaxWindow, 1);
  options.dilation = read.option_integer("dilation", 1, kMaxWindow, 1);
  const std::string padding = read.option_word("padding", padding_names(), "causal");
  options.padding = named<Padding>(padding, padding_names());
  options.activation = read_activation(read, "activation", {});
  if (options.reach() >= kMaxWindow)
    read.refuse("dilation", fmt::format("(kernel - 1) * dilation is {} steps, expected less than {}",
                                        options.reach(), kMaxWindow));
  return std::make_unique<Conv1d<T>>(inputs, outputs, options);
}

template <class T>
LayerPointer<T> build_pool(LayerReader& read, std::size_t inputs) {
  const std::string pooling = read.word("pooling", pooling_names());
  if (read.option_parts("window") == std::vector<std::string>{"all"}) {
    if (read.has_option("stride"))
      read.refuse("stride", "window=all makes one step of a sequence; leave stride out, or name a window");
    return std::make_unique<Pool<T>>(inputs, named<Pooling>(pooling, pooling_names()), kWholeSequence,
                                     kWholeSequence);
  }
  const std::size_t window = read.option_integer("window", 1, kMaxWindow, 2);
  const std::size_t stride = read.option_integer("stride", 1, window, window);
  return std::make_unique<Pool<T>>(inputs, named<Pooling>(pooling, pooling_names()), window, stride);
}

template <class T>
LayerPointer<T> build_pyramid(LayerReader& read, std::size_t inputs) {
  const std::size_t factor = read.option_integer("factor", 2, kMaxWindow, 2);
  if (inputs > kMaxWidth / factor)
    read.refuse("factor",
                fmt::format("{} times {} features side by side are more than {}; put a narrower layer "
                            "before it",
                            factor, inputs, kMaxWidth));
  return std::make_unique<Pyramid<T>>(inputs, factor);
}

template <class T>
LayerPointer<T> build_softmax(LayerReader& read, std::size_t inputs) {
  const std::size_t outputs = read.integer("outputs", 2, kMaxWidth);
  const bool log = read.option_flag("log", false);
  return std::make_unique<Softmax<T>>(inputs, outputs, log);
}

template <class T>
LayerPointer<T> build_mixture(LayerReader& read, std::size_t inputs) {
  const std::size_t components = read.integer("components", 1, kMaxWidth);
  const std::size_t outputs = read.option_integer("outputs", 1, kMaxWidth, 1);
  if (components > kMaxWidth / (1 + 2 * outputs))
    read.refuse("components", fmt::format("{} of {} outputs need {} values a step, at most {} are possible",
                                          components, outputs, components * (1 + 2 * outputs), kMaxWidth));
  return std::make_unique<MixtureHead<T>>(inputs, components, outputs);
}

template LayerPointer<float> build_dense(LayerReader&, std::size_t);
template LayerPointer<double> build_dense(LayerReader&, std::size_t);
template LayerPointer<float> build_dropout(LayerReader&, std::size_t);
template LayerPointer<double> build_dropout(LayerReader&, std::size_t);
template LayerPointer<float> build_embedding(LayerReader&, std::size_t);
template LayerPointer<double> build_embedding(LayerReader&, std::size_t);
template LayerPointer<float> build_layer_norm(LayerReader&, std::size_t);
template LayerPointer<double> build_layer_norm(LayerReader&, std::size_t);
template LayerPointer<float> build_conv1d(LayerReader&, std::size_t);
template LayerPointer<double> build_conv1d(LayerReader&, std::size_t);
template LayerPointer<float> build_pool(LayerReader&, std::size_t);
template LayerPointer<double> build_pool(LayerReader&, std::size_t);
template LayerPointer<float> build_pyramid(LayerReader&, std::size_t);
template LayerPointer<double> build_pyramid(LayerReader&, std::size_t);
template LayerPointer<float> build_softmax(LayerReader&, std::size_t);
template LayerPointer<double> build_softmax(LayerReader&, std::size_t);
template LayerPointer<float> build_mixture(LayerReader&, std::size_t);
template LayerPointer<double> build_mixture(LayerReader&, std::size_t);

}  // namespace carousel
