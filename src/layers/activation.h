// The functions that a layer may apply to each element of what its weights make of the input.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace carousel {

enum class Activation { identity, tanh, sigmoid, relu };

/// "identity", "tanh", "sigmoid", "relu"; the words of the spec.
const std::vector<std::string>& activation_names();
const std::string& name(Activation activation);

/// In place.
template <class T>
void activate(Activation activation, std::span<T> values) noexcept;

/// dpre = dy * derivative of the activation, written in terms of its output y.
template <class T>
void activation_gradient(Activation activation, std::span<const T> y, std::span<const T> dy,
                         std::span<T> dpre) noexcept;

}  // namespace carousel
