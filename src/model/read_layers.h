// What the words of some layers say, for the builder and for ways to learn that go into a layer themselves.
#pragma once

#include "cells/lstm_options.h"
#include "model/spec.h"

namespace carousel {

struct LstmSpec {
  std::size_t hidden;
  LstmOptions options;
};
/// Of a layer whose kind is one of lstm_presets(), without the options of every recurrent layer. Throws
/// SettingError for what is not there or cannot be together.
LstmSpec read_lstm(LayerReader& read);

struct DenseSpec {
  std::size_t outputs;
  kernels::Activation activation;
  bool bias;
};
DenseSpec read_dense(LayerReader& read);

}  // namespace carousel
