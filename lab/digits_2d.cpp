#include "lab/digits_2d.h"

#include "lab/task_run.h"
#include "tasks/class_evaluation.h"
#include "tasks/sequence_training.h"
#include "tasks/transcribe_evaluation.h"

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
constexpr const char* kStrings = R"toml(
[transcribe]
join = "3-7"
[network]
hidden = 64
dropout = 0.3
[training]
epochs = 5
batch = 16
learning_rate = 0.005
)toml";
constexpr std::string_view kData =
    "train-images-idx3-ubyte.gz, t10k-images-idx3-ubyte.gz and their labels (MNIST, CC BY-SA 3.0)";

template <class Settings>
Settings digits(const Context& context, const char* toml, std::uint64_t seed) {
  auto settings = lab_settings<Settings>(toml, seed);
  settings.data = data_file(context, "train-images-idx3-ubyte.gz");
  settings.test = data_file(context, "t10k-images-idx3-ubyte.gz");
  return settings;
}

Outcome run(const Context& context, std::uint64_t seed, const char* toml, double gate) {
  const auto settings = digits<ClassifySettings>(context, toml, seed);
  const RunPlace place;
  ContextRunSink sink(context);
  const TrainingResult result = train_sequences(settings, place.run(), *context.pool, &sink);
  const auto score = evaluate_classes(SequenceJob::classify, place.run().path, std::nullopt, *context.pool);
  return judged(result, score.model.accuracy, gate, false);
}

Outcome run_digits_by_rows(const Context& context, std::uint64_t seed) {
  return run(context, seed, kRows, 0.987);
}
Outcome run_digits_md_lstm(const Context& context, std::uint64_t seed) {
  return run(context, seed, kPlane, 0.97);
}
Outcome run_digits_ctc(const Context& context, std::uint64_t seed) {
  const auto settings = digits<TranscribeSettings>(context, kStrings, seed);
  const RunPlace place;
  ContextRunSink sink(context);
  const TrainingResult result = train_sequences(settings, place.run(), *context.pool, &sink);
  const auto score = evaluate_transcribe(place.run().path, std::nullopt, *context.pool);
  return judged(result, score.model.labels.rate(), 0.03);
}

}  // namespace

const Experiment kDigitsByRows =
    of_a_task({.name = "digits_by_rows",
               .what = "tells a handwritten digit from its rows: a bidirectional lstm",
               .source = "LeCun et al. 1998",
               .figure = "share right",
               .published = "no figure",
               .gate = "98.7 % of 10,000",
               .less_is_better = false,
               .data = kData,
               .run = run_digits_by_rows});

const Experiment kDigitsMdLstm =
    of_a_task({.name = "digits_md_lstm",
               .what = "the same by an LSTM of two dimensions, four directions, windows of 2 x 2",
               .source = "Graves, Fernandez & Schmidhuber, ICANN 2007",
               .figure = "share right",
               .published = "no figure",
               .gate = "97 % of 10,000",
               .less_is_better = false,
               .data = kData,
               .run = run_digits_md_lstm});

const Experiment kDigitsCtc =
    of_a_task({.name = "digits_ctc",
               .what = "reads strings of 3 to 7 handwritten digits row by row: a bidirectional lstm, by CTC",
               .source = "Graves, Fernandez, Gomez & Schmidhuber, ICML 2006",
               .figure = "share of labels wrong",
               .published = "no figure",
               .gate = "at most 3 %",
               .data = kData,
               .run = run_digits_ctc});

}  // namespace carousel::lab
