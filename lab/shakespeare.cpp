#include "lab/shakespeare.h"

#include "lab/task_run.h"
#include "tasks/generate.h"

namespace carousel::lab {

namespace {

constexpr const char* kSettings = R"toml(
[data]
split = "0.9,0.1,0"
[network]
dropout = 0.2
[training]
epochs = 12
)toml";

Outcome run_shakespeare(const Context& context, std::uint64_t seed) {
  auto settings = lab_settings<GenerateSettings>(kSettings, seed);
  settings.data = data_file(context, "input.txt");
  const RunPlace place;
  ContextRunSink sink(context);
  const TrainingResult result = train_generate(settings, place.run(), *context.pool, &sink);
  return judged(result, result.best_validation_loss, 1.60);
}

}  // namespace

const Experiment kShakespeare = of_a_task({.name = "shakespeare",
                                           .what = "tells the next letter of Shakespeare: one layer of 256",
                                           .source = "Karpathy 2015",
                                           .figure = "nats a character",
                                           .published = "1.50 to 1.55",
                                           .gate = "at most 1.60",
                                           .data = "input.txt (karpathy/char-rnn, tinyshakespeare)",
                                           .run = run_shakespeare});

}  // namespace carousel::lab
