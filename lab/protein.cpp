#include "lab/protein.h"

#include "lab/task_run.h"
#include "tasks/class_evaluation.h"
#include "tasks/sequence_training.h"

namespace carousel::lab {

namespace {

constexpr const char* kSettings = R"toml(
[data]
format = "tokens"
split = "1.0,0,0"
[network]
layers = "dropout 0.2, parallel(conv1d 8 kernel=17 padding=same, stack(dropout 0.3, conv1d 48 kernel=9 padding=same activation=tanh, dropout 0.6, bidirectional(lstm 32), dropout 0.6))"
embedding = 20
[training]
epochs = 45
batch = 8
learning_rate = 0.003
optimizer = "adamw"
weight_decay = 0.2
)toml";

Outcome run_protein(const Context& context, std::uint64_t seed) {
  auto settings = lab_settings<LabelSettings>(kSettings, seed);
  settings.data = data_file(context, "protein-secondary-structure.train");
  settings.test = data_file(context, "protein-secondary-structure.test");
  const RunPlace place;
  ContextRunSink sink(context);
  const TrainingResult result = train_sequences(settings, place.run(), *context.pool, &sink);
  const auto score = evaluate_classes(SequenceJob::label, place.run().path, std::nullopt, *context.pool);
  return judged(result, score.model.accuracy, 0.62, false);
}

}  // namespace

const Experiment kProtein = of_a_task({.name = "protein",
                                       .what = "tells the secondary structure of each residue",
                                       .source = "Qian & Sejnowski 1988",
                                       .figure = "Q3",
                                       .published = "64.3 %",
                                       .gate = "62 %",
                                       .less_is_better = false,
                                       .data = "protein-secondary-structure.train and .test (UCI, CC BY 4.0)",
                                       .run = run_protein});

}  // namespace carousel::lab
