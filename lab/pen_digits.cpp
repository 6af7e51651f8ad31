#include "lab/pen_digits.h"

#include "lab/task_run.h"
#include "tasks/class_evaluation.h"
#include "tasks/sequence_training.h"

namespace carousel::lab {

namespace {

constexpr const char* kSettings = R"toml(
[data]
width = 2
split = "6744,750,3498"
[training]
epochs = 20
batch = 32
)toml";

Outcome run_pen_digits(const Context& context, std::uint64_t seed) {
  auto settings = lab_settings<ClassifySettings>(kSettings, seed);
  settings.data = data_file(context, "pendigits.csv");
  const RunPlace place;
  ContextRunSink sink(context);
  const TrainingResult result = train_sequences(settings, place.run(), *context.pool, &sink);
  const auto score = evaluate_classes(SequenceJob::classify, place.run().path, std::nullopt, *context.pool);
  return judged(result, score.model.accuracy, 0.97, false);
}

}  // namespace

const Experiment kPenDigits =
    of_a_task({.name = "pen_digits",
               .what = "tells a digit from a pen's stroke of eight points, other writers",
               .source = "Alimoglu & Alpaydin 1996",
               .figure = "share right",
               .published = "98.8 %",
               .gate = "97 % of 3,498",
               .less_is_better = false,
               .data = "pendigits.csv (UCI, both parts as one file, CC BY 4.0)",
               .run = run_pen_digits});

}  // namespace carousel::lab
