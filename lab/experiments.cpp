#include "lab/experiments.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/suggest.h"
#include "lab/adding.h"
#include "lab/chorales.h"
#include "lab/copy_date.h"
#include "lab/digits_2d.h"
#include "lab/distracted_recall.h"
#include "lab/double_pole.h"
#include "lab/evolino_mackey_glass.h"
#include "lab/evolino_sines.h"
#include "lab/forecast_real.h"
#include "lab/long_lag.h"
#include "lab/pen_digits.h"
#include "lab/protein.h"
#include "lab/reber_continual.h"
#include "lab/reber_embedded.h"
#include "lab/shakespeare.h"
#include "lab/t_maze.h"
#include "lab/temporal_order.h"

namespace carousel::lab {

namespace {

template <std::size_t sines>
Outcome run_sines(const Context& context, std::uint64_t seed) {
  return run_evolino_sines(context, seed, sines);
}
Outcome run_t_maze_50(const Context& context, std::uint64_t seed) { return run_t_maze(context, seed, 50); }
Outcome run_t_maze_100(const Context& context, std::uint64_t seed) { return run_t_maze(context, seed, 100); }

constexpr std::size_t kMostLag = 200'000;  // sequences of 1,000 steps

Outcome run_adding_100(const Context& context, std::uint64_t seed) { return run_adding(context, seed, 100); }
Outcome run_adding_1000(const Context& context, std::uint64_t seed) {
  return run_adding(context, seed, 1000);
}
Outcome run_distracted(const Context& context, std::uint64_t seed) {
  return run_distracted_recall(context, seed);
}
Outcome run_long_lag_2a_100(const Context& context, std::uint64_t seed) {
  return run_long_lag_2a(context, seed);
}
Outcome run_long_lag_2c_1000(const Context& context, std::uint64_t seed) {
  return run_long_lag_2c(context, seed, 1000, 1000, kMostLag);
}
Outcome run_embedded(const Context& context, std::uint64_t seed) { return run_reber_embedded(context, seed); }
Outcome run_continual(const Context& context, std::uint64_t seed) {
  return run_reber_continual(context, seed);
}
Outcome run_temporal_order_6a(const Context& context, std::uint64_t seed) {
  return run_temporal_order(context, seed, 2);
}
Outcome run_temporal_order_6b(const Context& context, std::uint64_t seed) {
  return run_temporal_order(context, seed, 3);
}

constexpr std::string_view kLstm1997 = "Hochreiter & Schmidhuber, Neural Computation 9, 1997";

constexpr std::array kExperiments = {
    Experiment{
        .name = "adding",
        .what = "adds the two marked numbers of a sequence of 100 to 110: lstm_1997, 2 blocks of 2 cells, 93 "
                "weights, by its own rule online",
        .source = kLstm1997,
        .figure = "wrong of 2,560",
        .published = "74,000 sequences, 1 wrong",
        .gate = "at most 3 wrong within 150,000 sequences, 9 of 10 seeds",
        .run = run_adding_100},
    Experiment{.name = "adding_1000",
               .what = "the same with sequences of 1,000 to 1,100",
               .source = kLstm1997,
               .figure = "wrong of 2,560",
               .published = "853,000 sequences, 1 wrong",
               .gate = "none: an aim, solved",
               .seeds = 3,
               .needed = 1,
               .run = run_adding_1000},
    Experiment{.name = "chorales_gru",
               .what = "tells the next step of a chorale, a piano roll: gru 400",
               .source = "Boulanger-Lewandowski, Bengio & Vincent, ICML 2012; Chung et al. 2014",
               .figure = "nats a step",
               .published = "8.43 to 8.54",
               .gate = "at most 8.60",
               .seeds = 3,
               .needed = 3,
               .by_sequences = false,
               .less_is_better = true,
               .data = "JSB_Chorales.mat (Boulanger-Lewandowski's split)",
               .shares_threads = true,
               .run = run_chorales_gru},
    Experiment{.name = "chorales_lstm",
               .what = "the same with lstm",
               .source = "Boulanger-Lewandowski, Bengio & Vincent, ICML 2012; Greff et al. 2015",
               .figure = "nats a step",
               .published = "8.45",
               .gate = "at most 8.60",
               .seeds = 3,
               .needed = 3,
               .by_sequences = false,
               .less_is_better = true,
               .data = "JSB_Chorales.mat (Boulanger-Lewandowski's split)",
               .shares_threads = true,
               .run = run_chorales_lstm},
    Experiment{.name = "copy_date",
               .what = "turns written dates into ISO dates: an encoder-decoder with additive attention, "
                       "12,000 dates to learn from",
               .source = "Bahdanau, Cho & Bengio, ICLR 2015",
               .figure = "share exact",
               .published = "no figure",
               .gate = "99.5 % of 1,000 other dates",
               .seeds = 3,
               .needed = 3,
               .by_sequences = false,
               .less_is_better = false,
               .data = "",
               .shares_threads = true,
               .run = run_copy_date},
    Experiment{.name = "digits_by_rows",
               .what = "tells a handwritten digit from its rows: a bidirectional lstm",
               .source = "LeCun et al. 1998",
               .figure = "share right",
               .published = "no figure",
               .gate = "98.7 % of 10,000",
               .seeds = 3,
               .needed = 3,
               .by_sequences = false,
               .less_is_better = false,
               .data = "the four files of MNIST, gzip",
               .shares_threads = true,
               .run = run_digits_by_rows},
    Experiment{.name = "digits_md_lstm",
               .what = "the same by an LSTM of two dimensions, four directions, windows of 2 x 2",
               .source = "Graves, Fernandez & Schmidhuber, ICANN 2007",
               .figure = "share right",
               .published = "no figure",
               .gate = "97 % of 10,000",
               .seeds = 3,
               .needed = 3,
               .by_sequences = false,
               .less_is_better = false,
               .data = "the four files of MNIST, gzip",
               .shares_threads = true,
               .run = run_digits_md_lstm},
    Experiment{
        .name = "distracted_recall",
        .what = "tells the two items that stood first among distractors: a network of units, connections and "
                "gaters (lstm_g), 8 memory cells, by its local rule",
        .source = "Monner & Reggia, Neural Networks 25, 2012",
        .figure = "share right",
        .published = "solved",
        .gate = "95 % right, 9 of 10 seeds",
        .run = run_distracted},
    Experiment{
        .name = "double_pole_evolution_strategy",
        .what =
            "balances two poles on a cart without seeing velocities: a recurrent network of 4 units, by an "
            "evolution strategy with mirrored noise",
        .source = "Wieland 1991; Gomez & Miikkulainen 1997; Salimans et al. 2017",
        .figure = "steps balanced",
        .published = "solved",
        .gate = "7 of 10 seeds balance 1,000 steps",
        .seeds = 10,
        .needed = 7,
        .run = run_double_pole_evolution_strategy},
    Experiment{
        .name = "evolino_mackey_glass",
        .what =
            "goes on with the Mackey-Glass series, free for 84 steps: 30 cells evolve, the readout is solved",
        .source = "Schmidhuber, Wierstra, Gagliolo & Gomez, Neural Computation 19, 2007",
        .figure = "NRMSE after 84 steps",
        .published = "1.9e-3",
        .gate = "at most 0.05, 9 of 10 seeds",
        .seeds = 10,
        .needed = 9,
        .by_sequences = false,
        .run = run_evolino_mackey_glass},
    Experiment{
        .name = "evolino_sines_2",
        .what =
            "goes on with the sum of two sines, free for 300 steps: 10 cells evolve, the readout is solved",
        .source = "Schmidhuber, Wierstra, Gagliolo & Gomez, Neural Computation 19, 2007",
        .figure = "NMSE",
        .published = "4.15e-3 (mean)",
        .gate = "at most 1e-2, 9 of 10 seeds",
        .seeds = 10,
        .needed = 9,
        .by_sequences = false,
        .run = run_sines<2>},
    Experiment{.name = "evolino_sines_3",
               .what = "the same with three sines",
               .source = "Schmidhuber, Wierstra, Gagliolo & Gomez, Neural Computation 19, 2007",
               .figure = "NMSE",
               .published = "8.04e-3 (mean)",
               .gate = "at most 5e-2, 9 of 10 seeds",
               .seeds = 10,
               .needed = 9,
               .by_sequences = false,
               .run = run_sines<3>},
    Experiment{.name = "evolino_sines_5",
               .what = "the same with five sines and 20 cells",
               .source = "Schmidhuber, Wierstra, Gagliolo & Gomez, Neural Computation 19, 2007",
               .figure = "NMSE",
               .published = "0.166 (mean)",
               .gate = "none: an aim, 0.166",
               .seeds = 3,
               .needed = 1,
               .by_sequences = false,
               .run = run_sines<5>},
    Experiment{.name = "forecast_ett",
               .what = "the oil temperature of a transformer 24 hours ahead, Informer's split",
               .source = "Zhou et al., AAAI 2021",
               .figure = "mean square error",
               .published = "persistence: 0.0343",
               .gate = "at most 0.032, and less than persistence",
               .seeds = 3,
               .needed = 3,
               .by_sequences = false,
               .less_is_better = true,
               .data = "ETTh1.csv (ETDataset)",
               .shares_threads = true,
               .run = run_forecast_ett},
    Experiment{.name = "forecast_m4_hourly",
               .what = "414 series of the M4 competition, 48 hours ahead, one network",
               .source = "Makridakis, Spiliotis & Assimakopoulos 2020",
               .figure = "sMAPE %",
               .published = "9.4 (the best of the competition); seasonal naive 13.912",
               .gate = "at most 12.0",
               .seeds = 3,
               .needed = 3,
               .by_sequences = false,
               .less_is_better = true,
               .data = "Hourly-train.csv, Hourly-test.csv (M4)",
               .shares_threads = true,
               .run = run_forecast_m4_hourly},
    Experiment{
        .name = "long_lag_2a",
        .what =
            "tells at the end of 101 symbols which the first one was: lstm_1997, one cell, 10,504 weights, "
            "by its own rule online",
        .source = kLstm1997,
        .figure = "largest error of 10,000",
        .published = "5,040 sequences",
        .gate = "all errors below 0.25, 9 of 10 seeds",
        .run = run_long_lag_2a_100},
    Experiment{
        .name = "long_lag_2c",
        .what =
            "the same with 1,000 distractors in random order, 1,000 steps: lstm_1997, 2 blocks of one cell",
        .source = kLstm1997,
        .figure = "sequences",
        .published = "49,000 sequences",
        .gate = "none: an aim, 49,000 sequences",
        .seeds = 3,
        .needed = 1,
        .run = run_long_lag_2c_1000},
    Experiment{.name = "multiplication",
               .what = "multiplies the two marked numbers of a sequence of 100 to 110: the network of adding",
               .source = kLstm1997,
               .figure = "mean square error",
               .published = "482,000 sequences, 0.0223; 1,273,000, 0.0139",
               .gate = "0.0223, 9 of 10 seeds",
               .run = run_multiplication},
    Experiment{.name = "pen_digits",
               .what = "tells a digit from a pen's stroke of eight points, other writers",
               .source = "Alimoglu & Alpaydin 1996",
               .figure = "share right",
               .published = "98.8 %",
               .gate = "97 % of 3,498",
               .seeds = 3,
               .needed = 3,
               .by_sequences = false,
               .less_is_better = false,
               .data = "pendigits.csv (UCI, as one file)",
               .shares_threads = true,
               .run = run_pen_digits},
    Experiment{.name = "protein",
               .what = "tells the secondary structure of each residue",
               .source = "Qian & Sejnowski 1988",
               .figure = "Q3",
               .published = "64.3 %",
               .gate = "62 %",
               .seeds = 3,
               .needed = 3,
               .by_sequences = false,
               .less_is_better = false,
               .data = "protein-secondary-structure.train and .test (UCI)",
               .shares_threads = true,
               .run = run_protein},
    Experiment{
        .name = "reber_continual",
        .what =
            "tells the next symbol of embedded Reber strings without end or reset: lstm with forget gates, "
            "4 blocks of 2 cells, 424 weights, online, the learning rate decays",
        .source = "Gers, Schmidhuber & Cummins, Neural Computation 12, 2000",
        .figure = "symbols without error",
        .published = "62 % of networks perfect",
        .gate = "62 % of 20 networks tell 1,000,000 symbols",
        .seeds = 20,
        .needed = 13,
        .by_sequences = false,
        .less_is_better = false,
        .run = run_continual},
    Experiment{
        .name = "reber_embedded",
        .what =
            "tells the next symbol of embedded Reber strings: lstm_1997, 3 blocks of 2 cells, 276 weights, "
            "by its own rule online, learning rate 0.5",
        .source = kLstm1997,
        .figure = "sequences",
        .published = "8,440 sequences on average",
        .gate = "within 24,100 sequences, 9 of 10 seeds",
        .run = run_embedded},
    Experiment{.name = "shakespeare",
               .what = "tells the next letter of Shakespeare: one layer of 256",
               .source = "Karpathy 2015",
               .figure = "nats a character",
               .published = "1.50 to 1.55",
               .gate = "at most 1.60",
               .seeds = 3,
               .needed = 3,
               .by_sequences = false,
               .less_is_better = true,
               .data = "input.txt (tinyshakespeare)",
               .shares_threads = true,
               .run = run_shakespeare},
    Experiment{.name = "t_maze",
               .what = "walks down a corridor of 50 steps and turns where a sign at its beginning said: lstm "
                       "64, by recurrent PPO",
               .source = "Bakker, NIPS 14, 2002; Wierstra, Foerster, Peters & Schmidhuber, ICANN 2007",
               .figure = "share of right turns",
               .published = "solved",
               .gate = "95 % of 1,000 episodes, 4 of 5 seeds",
               .seeds = 5,
               .needed = 4,
               .by_sequences = true,
               .run = run_t_maze_50},
    Experiment{.name = "t_maze_100",
               .what = "the same with a corridor of 100 steps",
               .source = "Bakker, NIPS 14, 2002; Wierstra, Foerster, Peters & Schmidhuber, ICANN 2007",
               .figure = "share of right turns",
               .published = "solved",
               .gate = "none: an aim, 100 %",
               .seeds = 3,
               .needed = 1,
               .by_sequences = true,
               .run = run_t_maze_100},
    Experiment{.name = "taxi",
               .what = "taxi passengers of New York five half hours ahead",
               .source = "Cui, Ahmad & Hawkins 2016",
               .figure = "MAPE as the sum of errors over the sum of values",
               .published = "0.085 to 0.10",
               .gate = "at most 0.10",
               .seeds = 3,
               .needed = 3,
               .by_sequences = false,
               .less_is_better = true,
               .data = "nyc_taxi.csv (NAB)",
               .shares_threads = true,
               .run = run_taxi},
    Experiment{
        .name = "temporal_order",
        .what = "tells in which order two marks stood in a sequence of 100 to 110: lstm_1997, 2 blocks of 2 "
                "cells, 156 weights, by its own rule online",
        .source = kLstm1997,
        .figure = "wrong of 2,560",
        .published = "31,390 sequences, 1 wrong",
        .gate = "at most 3 wrong within 65,000 sequences, 9 of 10 seeds",
        .run = run_temporal_order_6a},
    Experiment{.name = "temporal_order_3",
               .what = "the same with three marks: 3 blocks of 2 cells, 308 weights",
               .source = kLstm1997,
               .figure = "wrong of 2,560",
               .published = "571,100 sequences, 2 wrong",
               .gate = "none: an aim, 571,100 sequences",
               .seeds = 3,
               .needed = 1,
               .run = run_temporal_order_6b},
};

}  // namespace

std::span<const Experiment> experiments() { return kExperiments; }

const Experiment& experiment(std::string_view name) {
  const auto found = std::ranges::find(kExperiments, name, &Experiment::name);
  if (found != kExperiments.end()) return *found;
  std::vector<std::string> names;
  for (const Experiment& one : kExperiments) names.emplace_back(one.name);
  throw SettingError(fmt::format("NAME: there is no experiment '{}'; {}", name, suggestion(name, names)));
}

}  // namespace carousel::lab
