// All parameters of a network as one vector: names are windows on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tensor/shape.h"

namespace carousel {

/// A named part of the weight vector.
struct Parameter {
  std::string name;  ///< "layers.0.W"
  Shape shape;
  std::size_t offset = 0;  ///< first element in the vector
  /// A factor of matrix products [outputs, inputs], which may be kept in fewer bits for inference.
  bool matrix = false;
  // In training, for each update: elements left out at this rate, and the standard deviation of normal noise.
  double drop = 0, noise = 0;
};

/// Which row of a parameter [rows, ...] an element belongs to.
inline std::size_t row_of(const Parameter& parameter, std::size_t element) noexcept {
  return element / (parameter.shape.size() / parameter.shape[0]);
}

/// Where each parameter lies; filled while a network is built.
class ParameterTable {
 public:
  /// Appends a parameter and returns its offset.
  std::size_t add(std::string name, const Shape& shape) {
    const std::size_t offset = size_;
    size_ = checked_add(size_, shape.size(), "parameters");
    parameters_.push_back({std::move(name), shape, offset});
    return offset;
  }
  /// The same for a factor of matrix products.
  std::size_t add_matrix(std::string name, std::size_t outputs, std::size_t inputs) {
    const std::size_t offset = add(std::move(name), {outputs, inputs});
    parameters_.back().matrix = true;
    return offset;
  }
  /// Elements of the parameter at an offset are left out in training at this rate.
  void drop(std::size_t offset, double rate) {
    for (Parameter& parameter : parameters_)
      if (parameter.offset == offset) parameter.drop = rate;
  }
  /// Noise on all parameters from the one with number `first` on.
  void add_noise(std::size_t first, double deviation) {
    for (; first < parameters_.size(); ++first) parameters_[first].noise = deviation;
  }
  /// Elements in all.
  std::size_t size() const noexcept { return size_; }
  const std::vector<Parameter>& all() const noexcept { return parameters_; }

  /// A number that no other layer of the network has, for a layer that needs random numbers while it runs.
  std::uint64_t next_stream() noexcept { return ++streams_; }

 private:
  std::vector<Parameter> parameters_;
  std::size_t size_ = 0;
  std::uint64_t streams_ = 0;
};

}  // namespace carousel
