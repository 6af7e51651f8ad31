#include "training/evolino/evolino.h"

#include <carousel/error.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>

#include "base/median.h"

namespace carousel {

template <class T>
Evolino<T>::Evolino(EvolinoTask<T> task, const EvolinoOptions& options)
    : task_(std::move(task)),
      options_(options),
      subpopulations_(task_.groups, task_.weights, options.subpopulations),
      judged_(task_.weights),
      best_(task_.weights) {
  for (std::size_t i = 0; i < task_.pool.threads(); ++i) {
    readouts_.push_back(task_.make_readout());
    networks_.push_back(task_.weights);
  }
}

template <class T>
double Evolino<T>::judge(std::size_t generation, std::size_t network, std::size_t thread,
                         std::span<T> weights) {
  subpopulations_.assemble(subpopulations_.partners(generation, network), weights);
  return readouts_[thread]->solve(weights);
}

/// Losses of all networks. Who is free takes the next.
template <class T>
std::vector<double> Evolino<T>::judge(std::size_t generation) {
  std::vector<double> losses(subpopulations_.networks());
  std::atomic<std::size_t> next = 0;
  task_.pool.run(std::min(readouts_.size(), losses.size()), [&](std::size_t thread) {
    for (std::size_t i = next++; i < losses.size(); i = next++)
      losses[i] = judge(generation, i, thread, networks_[thread]);
  });
  return losses;
}

template <class T>
void Evolino<T>::keep_best(std::size_t generation, std::size_t network) {
  judged_loss_ = judge(generation, network, 0, judged_);
  ++stagnated_;
  if (judged_loss_ >= best_loss_) return;
  best_ = judged_, best_loss_ = judged_loss_;
  stagnated_ = 0;
}

template <class T>
LearningStep Evolino<T>::step(const LearningPlace& place) {
  const std::vector<double> losses = judge(place.epoch);
  std::vector<double> numbers;
  std::ranges::copy_if(losses, std::back_inserter(numbers), [](double loss) { return !std::isnan(loss); });
  if (numbers.empty())
    throw TrainingError("no network has a loss that is a number; try a smaller range or mutation");
  const auto best = std::ranges::find(losses, *std::ranges::min_element(numbers));
  keep_best(place.epoch, static_cast<std::size_t>(best - losses.begin()));
  if (options_.stagnation > 0 && stagnated_ >= options_.stagnation) {
    subpopulations_.burst(place.epoch, best_);
    stagnated_ = 0;
  } else {
    subpopulations_.evolve(place.epoch, losses);
  }
  LearningStep came;
  came.loss = median(numbers), came.count = 1;
  came.sequences = losses.size();
  return came;
}

template <class T>
void Evolino<T>::put(Checkpoint<T>& checkpoint) {
  checkpoint.vectors["members"] = subpopulations_.members();
  checkpoint.vectors["best"] = best_;
  checkpoint.numbers["best"] = best_loss_;
  checkpoint.numbers["stagnated"] = static_cast<double>(stagnated_);
}

template <class T>
void Evolino<T>::take(const Checkpoint<T>& checkpoint) {
  const AlignedVector<T>& members = checkpoint.vector("members", subpopulations_.members().size());
  const AlignedVector<T>& best = checkpoint.vector("best", best_.size());
  const double best_loss = checkpoint.number("best");
  stagnated_ = checkpoint.count("stagnated");
  subpopulations_.set_members(members);
  best_ = best, best_loss_ = best_loss;
}

template class Evolino<float>;
template class Evolino<double>;

}  // namespace carousel
