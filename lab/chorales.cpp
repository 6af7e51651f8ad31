#include "lab/chorales.h"

#include "lab/task_run.h"
#include "tasks/generate.h"
#include "tasks/music_evaluation.h"

namespace carousel::lab {

namespace {

constexpr const char* kLstm = "";
constexpr const char* kGru = R"toml(
[network]
layers = "gru 400 zoneout_hidden=0.1, dropout 0.5"
[training]
epochs = 60
patience = 10
)toml";

Outcome run(const Context& context, std::uint64_t seed, const char* toml) {
  auto settings = lab_settings<GenerateSettings>(toml, seed);
  settings.data = data_file(context, "JSB_Chorales.mat");
  const RunPlace place;
  ContextRunSink sink(context);
  const TrainingResult result = train_generate(settings, place.run(), *context.pool, &sink);
  return judged(result, evaluate_music(place.run().path, std::nullopt, *context.pool).model.nats, 8.60);
}

}  // namespace

Outcome run_chorales_lstm(const Context& context, std::uint64_t seed) { return run(context, seed, kLstm); }
Outcome run_chorales_gru(const Context& context, std::uint64_t seed) { return run(context, seed, kGru); }

}  // namespace carousel::lab
