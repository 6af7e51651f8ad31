// Experiments whose data are made by rules.
#include <array>

#include "lab/adding.h"
#include "lab/distracted_recall.h"
#include "lab/double_pole.h"
#include "lab/evoke_temporal_order.h"
#include "lab/evolino_mackey_glass.h"
#include "lab/evolino_sines.h"
#include "lab/experiment_lists.h"
#include "lab/long_lag.h"
#include "lab/reber_continual.h"
#include "lab/reber_embedded.h"
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
    Experiment{.name = "double_pole_genetic",
               .what = "the same by a genetic algorithm of 100 members",
               .source = "Wieland 1991; Gomez & Miikkulainen 1997",
               .figure = "steps balanced",
               .published = "100,000 steps",
               .gate = "7 of 10 seeds balance 100,000 steps",
               .seeds = 10,
               .needed = 7,
               .run = run_double_pole_genetic},
    Experiment{.name = "evoke_temporal_order",
               .what =
                   "tells in which order two marks stood in a sequence of 100 to 110: hidden units evolve, a "
                   "support vector machine reads them out",
               .source = "Schmidhuber, Gagliolo, Wierstra & Gomez, ESANN 2006",
               .figure = "wrong of 2,560",
               .published = "no figure",
               .gate = "at most 3 wrong, 2 of 3 seeds",
               .seeds = 3,
               .needed = 2,
               .run = run_evoke_temporal_order},
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
    Experiment{
        .name = "long_lag_2a",
        .what =
            "tells at the end of 101 symbols which the first one was: lstm_1997, one cell, 10,504 weights, "
            "by its own rule online; outputs by softmax, which is not the paper's",
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
    Experiment{
        .name = "reber_continual",
        .what =
            "tells the next symbol of embedded Reber strings without end or reset: lstm with forget gates, "
            "4 blocks of 2 cells, 424 weights, online, the learning rate decays; outputs by softmax, which "
            "is not the paper's",
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
            "by its own rule online, learning rate 0.5; outputs by softmax, which is not the paper's",
        .source = kLstm1997,
        .figure = "sequences",
        .published = "8,440 sequences on average",
        .gate = "within 24,100 sequences, 9 of 10 seeds",
        .run = run_embedded},
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

std::span<const Experiment> experiments_of_rules() { return kExperiments; }

}  // namespace carousel::lab
