#include "tasks/benchmark_work.h"

#include <algorithm>

namespace carousel {

std::vector<BenchmarkWork> standard_works() {
  using enum BenchmarkWork::Kind;
  return {
      {inference, 1, 100, 64, "lstm 128"},
      {inference, 1, 100, 512, "lstm 512, lstm 512"},
      {inference, 32, 100, 256, "lstm 256, lstm 256"},
      {inference, 1, 4800, 1, "lstm 40"},
      {training, 32, 100, 256, "lstm 256, lstm 256"},
      {training, 20, 35, 650, "lstm 650, lstm 650"},
      {training, 64, 50, 8, "lstm 64"},
      {training, 32, 784, 1, "lstm 128"},
      {step, 1, 1, 1, "lstm 8, dense 1"},
      {step, 1, 1, 1, "lstm 16, dense 1"},
      {step, 1, 1, 1, "lstm 24, dense 1"},
      {step, 1, 1, 1, "lstm 40, dense 1"},
      {step, 1, 1, 1, "lstm 64, dense 1"},
  };
}

std::vector<WorkProduct> products_of(const BenchmarkWork& work, const ParameterTable& parameters) {
  const bool step = work.kind == BenchmarkWork::Kind::step;
  const bool training = work.kind == BenchmarkWork::Kind::training;
  std::size_t all_bytes = 0;
  std::vector<const Parameter*> matrices;
  for (const Parameter& parameter : parameters.all()) {
    if (!parameter.matrix) continue;
    matrices.push_back(&parameter);
    all_bytes += parameter.shape.size() * sizeof(float);
  }
  std::vector<WorkProduct> products;
  for (const Parameter* matrix : matrices) {
    const std::size_t bytes = matrix->shape.size() * sizeof(float);
    const double operations =
        2.0 * static_cast<double>(matrix->shape.size()) * static_cast<double>(work.steps());
    const bool every_step = step || matrix->name.ends_with(".R");
    const WorkProduct product =
        every_step ? WorkProduct{operations, static_cast<double>(bytes * work.T), step ? all_bytes : bytes}
                   : WorkProduct{operations};
    products.push_back(product);
    if (!training) continue;
    products.push_back(product);                  // the gradient on the inputs, or back through time
    products.push_back(WorkProduct{operations});  // the gradient on the weights, for many steps at once
  }
  return products;
}

double least_seconds(std::span<const WorkProduct> products, const MachineLimits& limits,
                     std::size_t threads) {
  double seconds = 0;
  for (const WorkProduct& product : products)
    seconds += std::max(product.operations / limits.operations_per_second,
                        product.bytes / limits.bytes_per_second(product.held_bytes / threads));
  return seconds;
}

}  // namespace carousel
