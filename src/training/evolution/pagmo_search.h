// Direct search over a weight vector w of n weights by algorithms of pagmo 2 (Biscani & Izzo, "A parallel
// global multiobjective framework for optimization: pagmo", 2020):
//
//   cma_es   members w ~ m + sigma N(0, C); m, C and sigma follow the better half of them and the way that m
//            has taken (Hansen & Ostermeier, "Completely Derandomized Self-Adaptation in Evolution
//            Strategies", 2001; Hansen, "The CMA Evolution Strategy: A Comparing Review", 2006)
//   xnes     members w ~ m + A N(0, I); m and log A follow the natural gradient of the expected rank
//            (Glasmachers, Schaul, Sun, Wierstra & Schmidhuber, "Exponential Natural Evolution Strategies",
//            2010)
//   genetic  members are bred: selection, crossover, mutation; the best of parents and children stay
//
// The first generation is w to begin with, and members around it, w + deviation e_i, e_i standard normal, a
// function of (seed, i). cma_es and xnes begin with the best of these for m. What pagmo makes of a
// generation's losses is a function of them and of the seed, so a search that goes on after a stop is led
// through all its losses again without judging a member. pagmo takes exp, log and normal numbers from the C
// and C++ libraries: the same bits on any number of threads, but not with other libraries or on every kind
// of processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "training/evolution/judges.h"
#include "training/learner.h"

namespace carousel {

/// How a genetic algorithm breeds a child. Its first parent is selected, its second drawn from the selected.
struct GeneticOptions {
  /// "tournament": the best of `selected` members drawn at random, for each child; "truncated": the best
  /// `selected` members in turn.
  std::string selection = "tournament";
  std::size_t selected = 2;  ///< 1 to members
  /// What comes from the second parent: "exponential": a stretch of weights, each next one with
  /// crossover_probability; "binomial": each weight with it; "single": with it, all weights behind a place;
  /// "sbx": simulated binary crossover of both (Deb & Agrawal 1995), for an even number of members.
  std::string crossover = "exponential";
  double crossover_probability = 0.9;
  double crossover_index = 1;  ///< of sbx, 1 to 100: the larger, the nearer are children to their parents
  /// "gaussian": adds mutation_deviation times a normal number; "uniform": a new one from the box;
  /// "polynomial": towards a side of the box (Deb & Agrawal 1999).
  std::string mutation = "gaussian";
  double mutation_probability = 0.1;  ///< of a weight
  double mutation_deviation = 0.5;    ///< up to 2 bound
  double mutation_index = 1;          ///< of polynomial, 1 to 100: the larger, the smaller are changes
};

struct PagmoSearchOptions {
  std::string method = "cma_es";  ///< "xnes", "genetic"
  /// Of a generation, to 2^20; cma_es from 5, xnes from 4, genetic from 2. 0: 4 + 3 ln n, of genetic 64.
  std::size_t members = 0;
  double deviation = 0.5;  ///< of the first generation, and sigma to begin with; up to bound
  double bound = 10;       ///< how far a weight may go from where it began; what would go farther stays there
  /// Judges every generation under round 1. Where a loss does not depend on the round this saves a genetic
  /// algorithm from judging parents again, which is half of its work.
  bool one_round = false;
  GeneticOptions genetic;
  std::uint64_t seed = 0;
};

/// The most weights for cma_es and xnes, which keep a dozen matrices of this size squared, and whose steps
/// take time with its cube: at 1000 about 7 s and 1 s of processor time. genetic takes as many as 2^27 over
/// members.
inline constexpr std::size_t kMostSearchedWeights = 1000;

/// A step, and an epoch, is a generation. All members of generation g, from 0, are judged under round g + 1,
/// on all threads: pagmo makes them before it needs a loss of one of them. (It asks for one loss after the
/// other, and these algorithms take none of its batch evaluators; so a copy of the algorithm is asked which
/// members will come.) A step's loss is the mean of the new members'; the validation loss, and the weights
/// that go with it, are those of the generation's best under round 0. A step throws TrainingError where no
/// new member has a loss that is a number, or a member a weight that is none. What is kept are 8 bytes for
/// each member ever judged.
/// Throws SettingError for options out of range, more weights than there is room for, or a program without
/// pagmo.
template <class T>
std::unique_ptr<Learner<T>> make_pagmo_search(const EvolutionTask<T>& task,
                                              const PagmoSearchOptions& options);

}  // namespace carousel
