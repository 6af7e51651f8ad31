#include "cells/gru_cell.h"
#include "cells/lstm_cell.h"
#include "layers/recurrent.h"
#include "model/builders.h"

namespace carousel {

namespace {

template <class T, GruReset kReset>
LayerPointer<T> make_gru(std::size_t inputs, std::size_t hidden) {
  return std::make_unique<Recurrent<T>>(std::make_unique<GruCell<T, kReset>>(inputs, hidden));
}

}  // namespace

template <class T>
LayerPointer<T> build_lstm(LayerReader& read, std::size_t inputs) {
  const std::size_t hidden = read.integer("hidden", 1, kMaxWidth);
  const double forget_bias = read.option_number("forget_bias", -100.0, 100.0, 1.0);
  return std::make_unique<Recurrent<T>>(std::make_unique<LstmCell<T>>(inputs, hidden, forget_bias));
}

template <class T>
LayerPointer<T> build_gru(LayerReader& read, std::size_t inputs) {
  const std::size_t hidden = read.integer("hidden", 1, kMaxWidth);
  const std::string reset = read.option_word("reset", gru_reset_names(), "after");
  return named<GruReset>(reset, gru_reset_names()) == GruReset::after
             ? make_gru<T, GruReset::after>(inputs, hidden)
             : make_gru<T, GruReset::before>(inputs, hidden);
}

template LayerPointer<float> build_lstm(LayerReader&, std::size_t);
template LayerPointer<double> build_lstm(LayerReader&, std::size_t);
template LayerPointer<float> build_gru(LayerReader&, std::size_t);
template LayerPointer<double> build_gru(LayerReader&, std::size_t);

}  // namespace carousel
