// What stands for pagmo_search.cpp where pagmo is left out.
#include <carousel/error.h>
#include <fmt/format.h>

#include "training/evolution/pagmo_search.h"

namespace carousel {

template <class T>
std::unique_ptr<Learner<T>> make_pagmo_search(const EvolutionTask<T>&, const PagmoSearchOptions& options) {
  throw SettingError(
      fmt::format("method: this program was built without pagmo, and has no {}; build it with "
                  "CAROUSEL_WITH_PAGMO=ON, or take evolution_strategy",
                  options.method));
}

template std::unique_ptr<Learner<float>> make_pagmo_search(const EvolutionTask<float>&,
                                                           const PagmoSearchOptions&);
template std::unique_ptr<Learner<double>> make_pagmo_search(const EvolutionTask<double>&,
                                                            const PagmoSearchOptions&);

}  // namespace carousel
