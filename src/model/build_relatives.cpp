#include <fmt/format.h>

#include "base/counted.h"
#include "cells/rnn_cell.h"
#include "cells/slstm_cell.h"
#include "layers/min_recurrent.h"
#include "layers/mlstm.h"
#include "model/builders.h"

namespace carousel {

namespace {

template <class T>
LayerPointer<T> build_min(kernels::MinForm form, LayerReader& read, std::size_t inputs) {
  const std::size_t hidden = read.integer("hidden", 1, kMaxWidth);
  const std::string candidate = read.option_word("candidate", min_candidate_names(), "linear");
  const double forget_bias = read.option_number("forget_bias", -100.0, 100.0, 1.0);
  return std::make_unique<MinRecurrent<T>>(
      form, inputs, hidden, named<MinCandidate>(candidate, min_candidate_names()), forget_bias,
      read.option_flag("learned_start", false), read_weight_noise(read, false));
}

/// heads=N, which must divide hidden; 1 where nothing is said.
std::size_t read_heads(LayerReader& read, std::size_t hidden) {
  const std::size_t heads = read.option_integer("heads", 1, kMaxWidth, 1);
  if (hidden % heads == 0) return heads;
  std::size_t nearest = std::min(heads, hidden);
  while (hidden % nearest != 0) --nearest;
  read.refuse("heads",
              fmt::format("{} cannot share {} evenly; use {}, or {}", counted(heads, "head", "heads"),
                          counted(hidden, "unit", "units"), counted(nearest, "head", "heads"),
                          counted((hidden / heads + 1) * heads, "unit", "units")));
}

}  // namespace

template <class T>
LayerPointer<T> build_min_lstm(LayerReader& read, std::size_t inputs) {
  return build_min<T>(kernels::MinForm::lstm, read, inputs);
}

template <class T>
LayerPointer<T> build_min_gru(LayerReader& read, std::size_t inputs) {
  return build_min<T>(kernels::MinForm::gru, read, inputs);
}

template <class T>
LayerPointer<T> build_mlstm(LayerReader& read, std::size_t inputs) {
  const std::size_t hidden = read.integer("hidden", 1, kMaxWidth);
  const std::size_t heads = read_heads(read, hidden);
  // A head remembers a matrix of so many values squared.
  constexpr std::size_t kMaxHead = 2048;
  if (hidden / heads > kMaxHead)
    read.refuse("heads",
                fmt::format("a head of {0} units has a memory of {0} x {0}, and at most {1} x {1} is "
                            "possible; use more heads",
                            hidden / heads, kMaxHead));
  const std::string forget_activation =
      read.option_word("forget_activation", forget_activation_names(), "sigmoid");
  return std::make_unique<Mlstm<T>>(inputs, hidden, heads,
                                    named<ForgetActivation>(forget_activation, forget_activation_names()),
                                    read.option_flag("learned_start", false), read_weight_noise(read, false));
}

template <class T>
LayerPointer<T> build_slstm(LayerReader& read, std::size_t inputs) {
  const std::size_t hidden = read.integer("hidden", 1, kMaxWidth);
  const std::size_t heads = read_heads(read, hidden);
  const std::string forget_activation =
      read.option_word("forget_activation", forget_activation_names(), "sigmoid");
  return build_recurrent<T>(read, std::make_unique<SlstmCell<T>>(
                                      inputs, hidden, heads,
                                      named<ForgetActivation>(forget_activation, forget_activation_names())));
}

template <class T>
LayerPointer<T> build_rnn(LayerReader& read, std::size_t inputs) {
  const std::size_t hidden = read.integer("hidden", 1, kMaxWidth);
  const std::string activation = read.option_word("activation", rnn_activation_names(), "tanh");
  return build_recurrent<T>(
      read,
      std::make_unique<RnnCell<T>>(inputs, hidden, named<RnnActivation>(activation, rnn_activation_names())));
}

template LayerPointer<float> build_min_lstm(LayerReader&, std::size_t);
template LayerPointer<double> build_min_lstm(LayerReader&, std::size_t);
template LayerPointer<float> build_min_gru(LayerReader&, std::size_t);
template LayerPointer<double> build_min_gru(LayerReader&, std::size_t);
template LayerPointer<float> build_mlstm(LayerReader&, std::size_t);
template LayerPointer<double> build_mlstm(LayerReader&, std::size_t);
template LayerPointer<float> build_slstm(LayerReader&, std::size_t);
template LayerPointer<double> build_slstm(LayerReader&, std::size_t);
template LayerPointer<float> build_rnn(LayerReader&, std::size_t);
template LayerPointer<double> build_rnn(LayerReader&, std::size_t);

}  // namespace carousel
