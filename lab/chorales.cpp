#include "lab/chorales.h"

#include <fmt/format.h>

#include <string>

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

constexpr std::string_view kData = "JSB_Chorales.mat (Boulanger-Lewandowski's split; public domain)";

Outcome run(const Context& context, std::uint64_t seed, std::string_view toml, double gate = 8.60) {
  auto settings = lab_settings<GenerateSettings>(toml, seed);
  settings.data = data_file(context, "JSB_Chorales.mat");
  const RunPlace place;
  ContextRunSink sink(context);
  const TrainingResult result = train_generate(settings, place.run(), *context.pool, &sink);
  return judged(result, evaluate_music(place.run().path, std::nullopt, *context.pool).model.nats, gate);
}

Outcome run_chorales_lstm(const Context& context, std::uint64_t seed) { return run(context, seed, kLstm); }
Outcome run_chorales_gru(const Context& context, std::uint64_t seed) { return run(context, seed, kGru); }

constexpr std::string_view kFamily = "chorales_";

/// Its name says what the layer is called.
template <std::size_t variant>
Outcome run_variant(const Context& context, std::uint64_t seed) {
  const std::string_view layer = kChoralesVariants[variant].name.substr(kFamily.size());
  return run(context, seed, fmt::format("[network]\nlayers = \"{} 200, dropout 0.5\"\n", layer), 9.6);
}

template <std::size_t variant>
constexpr Experiment variant_of(std::string_view name, std::string_view what) {
  return {.name = name,
          .what = what,
          .source = "Greff, Srivastava, Koutnik, Steunebrink & Schmidhuber 2015",
          .figure = "nats a step",
          .published = "no figure for this set",
          .gate = "below 9.6",
          .seeds = 1,
          .needed = 1,
          .by_sequences = false,
          .data = kData,
          .shares_threads = true,
          .run = run_variant<variant>};
}

}  // namespace

constexpr std::array<Experiment, 8> kChoralesVariants = {
    variant_of<0>("chorales_coupled",
                  "the next step of a chorale: peephole lstm 200 whose forget gate is 1 - the input gate"),
    variant_of<1>("chorales_full_gate_recurrence",
                  "the next step of a chorale: peephole lstm 200 whose gates are fed back to all gates"),
    variant_of<2>("chorales_no_forget_gate",
                  "the next step of a chorale: peephole lstm 200 without a forget gate"),
    variant_of<3>("chorales_no_input_activation",
                  "the next step of a chorale: peephole lstm 200 without tanh of what is written"),
    variant_of<4>("chorales_no_input_gate",
                  "the next step of a chorale: peephole lstm 200 without an input gate"),
    variant_of<5>("chorales_no_output_activation",
                  "the next step of a chorale: peephole lstm 200 without tanh of what is read"),
    variant_of<6>("chorales_no_output_gate",
                  "the next step of a chorale: peephole lstm 200 without an output gate"),
    variant_of<7>("chorales_no_peepholes",
                  "the next step of a chorale: lstm 200, the peephole lstm without peepholes")};

const Experiment kChoralesGru =
    of_a_task({.name = "chorales_gru",
               .what = "tells the next step of a chorale, a piano roll: gru 400",
               .source = "Boulanger-Lewandowski, Bengio & Vincent, ICML 2012; Chung et al. 2014",
               .figure = "nats a step",
               .published = "8.43 to 8.54",
               .gate = "at most 8.60",
               .data = kData,
               .run = run_chorales_gru});

const Experiment kChoralesLstm =
    of_a_task({.name = "chorales_lstm",
               .what = "tells the next step of a chorale, a piano roll: lstm 256",
               .source = "Boulanger-Lewandowski, Bengio & Vincent, ICML 2012; Greff et al. 2015",
               .figure = "nats a step",
               .published = "8.45",
               .gate = "at most 8.60",
               .data = kData,
               .run = run_chorales_lstm});

}  // namespace carousel::lab
