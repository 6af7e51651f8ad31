// A population and the algorithm of pagmo that leads it, from generation to generation. Made of nothing but
// its options and losses.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "training/evolution/pagmo_search.h"

namespace carousel {

class PagmoEvolution {
 public:
  using Member = std::vector<double>;
  /// Losses of members, NaN the worst.
  using Judge = std::function<std::vector<double>(const std::vector<Member>&)>;

  /// Throws SettingError for options out of range and sizes that there is no room for.
  PagmoEvolution(const Member& start, const PagmoSearchOptions& options);
  ~PagmoEvolution();
  PagmoEvolution(PagmoEvolution&&) noexcept;
  PagmoEvolution& operator=(PagmoEvolution&&) noexcept;

  /// Makes the next generation; returns the losses of its new members. Parents that are judged again are
  /// before them. Throws TrainingError for a member with a weight that is no number.
  std::vector<double> advance(const Judge& judge);
  /// How many members so many generations have judged.
  std::size_t judged(std::size_t generations) const;
  /// The best of the generation.
  const Member& best() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace carousel
