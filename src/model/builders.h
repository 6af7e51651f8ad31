// What the builder builds layers with: one function for each word of the spec, which reads the values and
// options that a layer was written with. inputs: features of the sequences it will get.
#pragma once

#include <algorithm>

#include "cells/cell.h"
#include "kernels/activation_kinds.h"
#include "layers/layer.h"
#include "layers/weight_noise.h"
#include "model/spec.h"

namespace carousel {

inline constexpr std::size_t kMaxWidth = 65536;
/// Steps that a layer may look at for one output.
inline constexpr std::size_t kMaxWindow = 65536;

/// The value of an enumeration whose names stand in its order.
template <class Enum>
Enum named(const std::string& word, const std::vector<std::string>& names) {
  return static_cast<Enum>(std::ranges::find(names, word) - names.begin());
}

/// "hard_sigmoid", or with its parameters "hard_sigmoid:0.2:0.5"; the next value by place, or an option.
kernels::Activation read_activation(LayerReader& read, std::string_view option,
                                    const kernels::Activation& standard, bool by_place = false);

/// The layers in parentheses: one stays what it is, several become a stack.
template <class T>
LayerPointer<T> build_inner(const std::vector<LayerSpec>& layers, std::size_t inputs);

/// The options weight_noise and, of a layer with a matrix R, drop_connect.
WeightNoise read_weight_noise(LayerReader& read, bool has_recurrent);

/// The layer around a cell, with the options that every cell has: regularisation and a learned start.
template <class T>
LayerPointer<T> build_recurrent(LayerReader& read, std::unique_ptr<Cell<T>> cell);

// build_cells.cpp
template <class T>
LayerPointer<T> build_lstm(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_gru(LayerReader& read, std::size_t inputs);

// build_relatives.cpp
template <class T>
LayerPointer<T> build_min_lstm(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_min_gru(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_mlstm(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_slstm(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_rnn(LayerReader& read, std::size_t inputs);

// build_lstm_g.cpp
template <class T>
LayerPointer<T> build_lstm_g(LayerReader& read, std::size_t inputs);

// build_layers.cpp
template <class T>
LayerPointer<T> build_dense(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_dropout(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_embedding(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_layer_norm(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_conv1d(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_pool(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_pyramid(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_softmax(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_mixture(LayerReader& read, std::size_t inputs);

// build_wrappers.cpp
template <class T>
LayerPointer<T> build_reversed(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_residual(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_bidirectional(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_stack_layer(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_parallel(LayerReader& read, std::size_t inputs);

// build_space.cpp
template <class T>
LayerPointer<T> build_conv_lstm(LayerReader& read, std::size_t inputs);
template <class T>
LayerPointer<T> build_md_lstm(LayerReader& read, std::size_t inputs);

}  // namespace carousel
