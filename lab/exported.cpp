#include "lab/exported.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "data/csv.h"
#include "lab/signal.h"
#include "lab/task_run.h"
#include "model/interop/rtneural.h"

namespace carousel::lab {

namespace {

constexpr std::array kModels = {"gru", "gru_1d", "gru_torch", "lstm", "lstm_1d", "lstm_torch"};

/// A file with a number a line.
std::vector<float> numbers_of(const std::string& path) {
  CsvReader reader(path, {.header = false});
  const Table table = reader.read(std::array{ColumnRequest{0, ColumnKind::number}});
  std::vector<float> numbers;
  for (std::size_t row = 0; row < table.rows; ++row)
    numbers.push_back(static_cast<float>(table.columns.front().numbers[row]));
  return numbers;
}

double largest_difference(const Context& context, const std::string& model) {
  const auto path = [&](const char* ending) { return data_file(context, "rtneural/" + model + ending); };
  const std::string file = path(".json");
  const Network<float> network = network_of<float>(read_rtneural(file), file);
  const std::vector<float> reference = numbers_of(path("_y_python.csv"));
  const std::vector<float> ours = outputs_of(network, numbers_of(path("_x_python.csv")), *context.pool);
  if (ours.size() != reference.size())
    throw DataError(fmt::format("{}: found {} outputs for {} inputs", path("_y_python.csv"), reference.size(),
                                ours.size()));
  double largest = 0;
  for (std::size_t t = 0; t < ours.size(); ++t)
    largest = std::max(largest, static_cast<double>(std::abs(ours[t] - reference[t])));
  return largest;
}

Outcome run_exported(const Context& context, std::uint64_t) {
  double largest = 0;
  for (const char* model : kModels) largest = std::max(largest, largest_difference(context, model));
  return {.met = largest <= 1e-6, .figure = largest};
}

}  // namespace

const Experiment kExported{
    .name = "exported",
    .what = "runs six LSTM and GRU networks that Keras and PyTorch have written, beside their own outputs",
    .source = "Chowdhury, RTNeural, 2021",
    .figure = "largest difference",
    .published = "0, the outputs themselves",
    .gate = "at most 1e-6",
    .seeds = 1,
    .needed = 1,
    .by_sequences = false,
    .data =
        "rtneural/MODEL.json, MODEL_x_python.csv and MODEL_y_python.csv of gru, gru_1d, gru_torch, lstm, "
        "lstm_1d, lstm_torch (models and test_data of jatinchowdhury18/RTNeural, BSD-3)",
    .shares_threads = true,
    .run = run_exported};

}  // namespace carousel::lab
