#include "training/evolution/pagmo_search.h"

#include <carousel/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "training/evolution/pagmo_evolution.h"

namespace carousel {

namespace {

using Member = PagmoEvolution::Member;

template <class T>
class PagmoSearch final : public Learner<T> {
 public:
  PagmoSearch(const EvolutionTask<T>& task, const PagmoSearchOptions& options)
      : options_(options), start_(task.weights), evolution_(begin()), judges_(task), best_(start_) {}

  std::string method() const override { return options_.method; }
  std::size_t steps(std::size_t) const override { return 1; }
  LearningStep step(const LearningPlace& place) override;
  double validate() override;
  std::span<const T> weights() const override { return best_; }
  void put(Checkpoint<T>& checkpoint) override;
  void take(const Checkpoint<T>& checkpoint) override;

 private:
  PagmoEvolution begin() const { return {Member(start_.begin(), start_.end()), options_}; }
  std::vector<double> judge(const std::vector<Member>& members, std::uint64_t round);

  PagmoSearchOptions options_;
  AlignedVector<T> start_;
  PagmoEvolution evolution_;
  Judges<T> judges_;
  AlignedVector<T> best_;       // of the last generation
  std::vector<double> losses_;  // of all members ever judged
};

template <class T>
void write(const Member& member, std::span<T> out) {
  std::ranges::transform(member, out.begin(), [](double w) { return static_cast<T>(w); });
}

template <class T>
std::vector<double> PagmoSearch<T>::judge(const std::vector<Member>& members, std::uint64_t round) {
  return judges_.losses(members.size(), [&](std::size_t i, std::span<T> out) {
    write(members[i], out);
    return round;
  });
}

template <class T>
LearningStep PagmoSearch<T>::step(const LearningPlace& place) {
  const std::uint64_t round = options_.one_round ? 1 : place.epoch + 1;
  const std::vector<double> losses = evolution_.advance([&](const std::vector<Member>& members) {
    std::vector<double> found = judge(members, round);
    losses_.insert(losses_.end(), found.begin(), found.end());
    return found;
  });
  write(evolution_.best(), std::span<T>(best_));
  LearningStep came;
  came.sequences = losses.size();
  for (const double loss : losses)
    if (!std::isnan(loss)) came.loss += loss, ++came.count;
  if (came.count == 0)
    throw TrainingError("every member has no loss that is a number; try a smaller deviation");
  return came;
}

template <class T>
double PagmoSearch<T>::validate() {
  const double loss = judge({evolution_.best()}, 0).front();
  return std::isnan(loss) ? std::numeric_limits<double>::infinity() : loss;
}

template <class T>
void PagmoSearch<T>::put(Checkpoint<T>& checkpoint) {
  checkpoint.vectors["weights"] = best_;
  checkpoint.series["losses"] = losses_;
}

template <class T>
void PagmoSearch<T>::take(const Checkpoint<T>& checkpoint) {
  const AlignedVector<T>& best = checkpoint.vector("weights", start_.size());
  const std::vector<double>& losses = checkpoint.doubles("losses", evolution_.judged(checkpoint.epoch));
  const auto differs = [] {
    return ModelError(
        "the checkpoint's losses do not lead to its weights: it was written with other options, another "
        "pagmo or on another kind of processor");
  };
  PagmoEvolution evolution = begin();
  auto next = losses.begin();
  try {
    for (std::size_t g = 0; g < checkpoint.epoch; ++g)
      evolution.advance([&](const std::vector<Member>& members) {
        next += static_cast<std::ptrdiff_t>(members.size());
        return std::vector<double>(next - static_cast<std::ptrdiff_t>(members.size()), next);
      });
  } catch (const TrainingError&) {
    throw differs();
  }
  AlignedVector<T> found(start_.size());
  write(evolution.best(), std::span<T>(found));
  if (found != best) throw differs();
  evolution_ = std::move(evolution);
  best_ = std::move(found);
  losses_ = losses;
}

}  // namespace

template <class T>
std::unique_ptr<Learner<T>> make_pagmo_search(const EvolutionTask<T>& task,
                                              const PagmoSearchOptions& options) {
  return std::make_unique<PagmoSearch<T>>(task, options);
}

template std::unique_ptr<Learner<float>> make_pagmo_search(const EvolutionTask<float>&,
                                                           const PagmoSearchOptions&);
template std::unique_ptr<Learner<double>> make_pagmo_search(const EvolutionTask<double>&,
                                                            const PagmoSearchOptions&);

}  // namespace carousel
