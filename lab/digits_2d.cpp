#include "lab/digits_2d.h"

#include "lab/task_run.h"
#include "tasks/class_evaluation.h"
#include "tasks/sequence_training.h"

namespace carousel::lab {

namespace {

constexpr const char* kRows = R"toml(
[network]
hidden = 64
dropout = 0.3
[training]
epochs = 7
batch = 32
)toml";
constexpr const char* kPlane = R"toml(
[data]
steps = "whole"
[network]
layers = "md_lstm 12 size=28x28 window=2x2 output=last, dense 32 tanh"
[training]
epochs = 2
batch = 32
learning_rate = 0.008
)toml";

Outcome run(const Context& context, std::uint64_t seed, const char* toml, double gate) {
  auto settings = lab_settings<ClassifySettings>(toml, seed);
  settings.data = data_file(context, "train-images-idx3-ubyte.gz");
  settings.test = data_file(context, "t10k-images-idx3-ubyte.gz");
  const RunPlace place;
  ContextRunSink sink(context);
  const TrainingResult result = train_sequences(settings, place.run(), *context.pool, &sink);
  const auto score = evaluate_classes(SequenceJob::classify, place.run().path, std::nullopt, *context.pool);
  return judged(result, score.model.accuracy, gate, false);
}

}  // namespace

Outcome run_digits_by_rows(const Context& context, std::uint64_t seed) {
  return run(context, seed, kRows, 0.987);
}
Outcome run_digits_md_lstm(const Context& context, std::uint64_t seed) {
  return run(context, seed, kPlane, 0.97);
}

}  // namespace carousel::lab
