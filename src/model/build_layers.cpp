#include <fmt/format.h>

#include "layers/dense.h"
#include "layers/dropout.h"
#include "layers/embedding.h"
#include "model/builders.h"

namespace carousel {

template <class T>
LayerPointer<T> build_dense(LayerReader& read, std::size_t inputs) {
  const std::size_t outputs = read.integer("outputs", 1, kMaxWidth);
  const std::string activation = read.word("activation", activation_names(), "identity");
  return std::make_unique<Dense<T>>(inputs, outputs, named<Activation>(activation, activation_names()));
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

template LayerPointer<float> build_dense(LayerReader&, std::size_t);
template LayerPointer<double> build_dense(LayerReader&, std::size_t);
template LayerPointer<float> build_dropout(LayerReader&, std::size_t);
template LayerPointer<double> build_dropout(LayerReader&, std::size_t);
template LayerPointer<float> build_embedding(LayerReader&, std::size_t);
template LayerPointer<double> build_embedding(LayerReader&, std::size_t);

}  // namespace carousel
