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

Outcome run_chorales_lstm(const Context& context, std::uint64_t seed) { return run(context, seed, kLstm); }
Outcome run_chorales_gru(const Context& context, std::uint64_t seed) { return run(context, seed, kGru); }

}  // namespace

const Experiment kChoralesGru{
    .name = "chorales_gru",
    .what = "tells the next step of a chorale, a piano roll: gru 400",
    .source = "Boulanger-Lewandowski, Bengio & Vincent, ICML 2012; Chung et al. 2014",
    .figure = "nats a step",
    .published = "8.43 to 8.54",
    .gate = "at most 8.60",
    .seeds = 3,
    .needed = 3,
    .by_sequences = false,
    .data = "JSB_Chorales.mat (Boulanger-Lewandowski's split)",
    .shares_threads = true,
    .run = run_chorales_gru};

const Experiment kChoralesLstm{
    .name = "chorales_lstm",
    .what = "the same with lstm",
    .source = "Boulanger-Lewandowski, Bengio & Vincent, ICML 2012; Greff et al. 2015",
    .figure = "nats a step",
    .published = "8.45",
    .gate = "at most 8.60",
    .seeds = 3,
    .needed = 3,
    .by_sequences = false,
    .data = "JSB_Chorales.mat (Boulanger-Lewandowski's split)",
    .shares_threads = true,
    .run = run_chorales_lstm};

}  // namespace carousel::lab
