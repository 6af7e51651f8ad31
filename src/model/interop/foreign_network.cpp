#include "model/interop/foreign_network.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace carousel {

namespace {

void expect_size(const std::string& place, const char* what, std::size_t found, std::size_t expected) {
  if (found != expected)
    throw ModelError(fmt::format("{}: {}: found {} numbers, expected {}", place, what, found, expected));
}

void expect_matrix(const std::string& place, const char* what, const ForeignMatrix& matrix, std::size_t rows,
                   std::size_t columns) {
  if (matrix.rows != rows || matrix.columns != columns)
    throw ModelError(
        fmt::format("{}: {}: found {} numbers, expected {} x {}", place, what, matrix.size(), rows, columns));
}

}  // namespace

ForeignMatrix ForeignMatrix::transposed() const {
  ForeignMatrix result{columns, rows, std::vector<double>(values.size())};
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) result.values[c * rows + r] = values[r * columns + c];
  return result;
}

std::string ForeignMatrix::size() const { return fmt::format("{} x {}", rows, columns); }

void ForeignLayers::add_dense(const std::string& place, const ForeignMatrix& W, const std::vector<double>& b,
                              const std::string& activation) {
  expect_size(place, "bias", b.size(), W.rows);
  add(place, fmt::format("dense {} activation={}", W.rows, activation), W.columns, W.rows);
  set("W", W.values);
  set("b", b);
}

void ForeignLayers::add_lstm(const std::string& place, const ForeignMatrix& W, const ForeignMatrix& R,
                             const std::vector<double>& b, const std::vector<double>& start) {
  const std::size_t H = R.columns;
  expect_matrix(place, "recurrent weights", R, 4 * H, H);
  expect_matrix(place, "input weights", W, 4 * H, W.columns);
  expect_size(place, "bias", b.size(), 4 * H);
  if (!start.empty()) expect_size(place, "first state", start.size(), 2 * H);
  add(place, fmt::format("lstm {}{}", H, start.empty() ? "" : " learned_start=on"), W.columns, H);
  set("W", W.values);
  set("R", R.values);
  set("b", b);
  if (!start.empty()) set("start", start);
}

void ForeignLayers::add_gru(const std::string& place, const ForeignMatrix& W, const ForeignMatrix& R,
                            const std::vector<double>& b_W, const std::vector<double>& b_R) {
  const std::size_t H = R.columns;
  expect_matrix(place, "recurrent weights", R, 3 * H, H);
  expect_matrix(place, "input weights", W, 3 * H, W.columns);
  expect_size(place, "bias of the input", b_W.size(), 3 * H);
  expect_size(place, "bias of the recurrence", b_R.size(), 3 * H);
  add(place, fmt::format("gru {} reset=after", H), W.columns, H);
  set("W", W.values);
  set("R", R.values);
  // z and r see the sum of both; what n sees of R h is gated with its bias.
  std::vector<double> b = b_W;
  for (std::size_t k = 0; k < 2 * H; ++k) b[k] += b_R[k];
  set("b", std::move(b));
  set("b_Rn", {b_R.begin() + static_cast<std::ptrdiff_t>(2 * H), b_R.end()});
}

ForeignNetwork ForeignLayers::network(const std::string& source) && {
  if (layers_ == 0) throw ModelError(fmt::format("{}: found no layers, expected at least one", source));
  return std::move(network_);
}

void ForeignLayers::add(const std::string& place, const std::string& layer, std::size_t inputs,
                        std::size_t outputs) {
  if (inputs == 0 || outputs == 0) throw ModelError(fmt::format("{}: found no weights", place));
  if (layers_ == 0)
    network_.inputs = inputs;
  else if (inputs != outputs_)
    throw ModelError(fmt::format("{}: found weights of {} inputs, but the layer before has {} outputs", place,
                                 inputs, outputs_));
  network_.spec += (layers_ == 0 ? "" : ", ") + layer;
  ++layers_;
  outputs_ = outputs;
}

void ForeignLayers::set(const std::string& parameter, std::vector<double> values) {
  network_.weights.emplace(fmt::format("layers.{}.{}", layers_ - 1, parameter), std::move(values));
}

template <class T>
Network<T> network_of(const ForeignNetwork& foreign, const std::string& source) {
  return Network<T>::filled(
      parse_spec(foreign.spec), foreign.inputs, {}, [&](const ParameterTable& table, std::span<T> weights) {
        for (const Parameter& parameter : table.all()) {
          const auto found = foreign.weights.find(parameter.name);
          if (found == foreign.weights.end() || found->second.size() != parameter.shape.size())
            throw ModelError(fmt::format("{}: {}: expected {} numbers, found {}", source, parameter.name,
                                         parameter.shape.size(),
                                         found == foreign.weights.end() ? 0 : found->second.size()));
          for (std::size_t k = 0; k < found->second.size(); ++k) {
            const T weight = static_cast<T>(found->second[k]);
            if (!std::isfinite(weight))
              throw ModelError(fmt::format("{}: {}: number {} is {}, expected a finite one", source,
                                           parameter.name, k + 1, found->second[k]));
            weights[parameter.offset + k] = weight;
          }
        }
      });
}

template Network<float> network_of(const ForeignNetwork&, const std::string&);
template Network<double> network_of(const ForeignNetwork&, const std::string&);

}  // namespace carousel
