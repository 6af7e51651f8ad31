#include "tasks/class_baselines.h"

#include <algorithm>
#include <limits>

#include "tasks/hidden_markov_baseline.h"

namespace carousel {
namespace {

constexpr std::size_t kStretches = 8;

/// Calls take(x, target, word) for everything that is to be told: a sequence in eight stretches, or a step.
/// target: -1 for a word that is no class of the model's.
template <class Take>
void for_each_case(const SequenceCoding& coding, const SequencePart& part, Take&& take) {
  const SequenceInputs inputs(coding, part);
  const SequenceTargets numbers(coding, part);
  const bool steps = coding.settings.job == SequenceJob::label;
  const std::size_t F = coding.features;
  std::vector<float> x(F);
  for (const SequencePlace& place : part) {
    const std::vector<std::uint32_t>& words = place.example().targets;
    const std::vector<std::int64_t> targets = numbers.of(place);
    const auto features = place.read();
    std::vector<double> whole(steps ? F : kStretches * F);
    for (std::size_t t = 0; t < features->steps; ++t) {
      inputs.write(place, *features, t, x);
      if (!steps) continue;
      std::ranges::copy(x, whole.begin());
      take(whole, targets[t], words[t]);
    }
    if (steps) continue;
    for (std::size_t s = 0; s < kStretches; ++s) {
      const std::size_t begin = std::min(s * features->steps / kStretches, features->steps - 1),
                        end = std::max(begin + 1, (s + 1) * features->steps / kStretches);
      for (std::size_t t = begin; t < end; ++t) {
        inputs.write(place, *features, t, x);
        for (std::size_t f = 0; f < F; ++f)
          whole[s * F + f] += static_cast<double>(x[f]) / static_cast<double>(end - begin);
      }
    }
    take(whole, targets.front(), words.front());
  }
}

template <class Tell>
ClassScore score(const char* name, const SequenceCoding& coding, const SequencePart& test, Tell&& tell) {
  ConfusionMatrix confusion(coding.outputs());
  for_each_case(coding, test, [&](const std::vector<double>& x, std::int64_t target, std::uint32_t word) {
    if (target >= 0)
      confusion.add(static_cast<std::size_t>(target), tell(x));
    else
      confusion.add_stranger(word, tell(x));
  });
  return {name, confusion.accuracy(), confusion.macro_f1()};
}

std::size_t largest(const std::vector<std::size_t>& counts) {
  return static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin());
}

/// Of those that do not look at the order of things in time.
std::vector<ClassScore> timeless_baselines(const SequenceCoding& coding, const SequencePart& train,
                                           const SequencePart& test) {
  const std::size_t K = coding.outputs();
  std::vector<std::size_t> counts(K);
  std::vector<std::vector<double>> means(K);
  std::vector<std::vector<std::size_t>> by_symbol(coding.symbols.size(), std::vector<std::size_t>(K));
  for_each_case(coding, train, [&](const std::vector<double>& x, std::int64_t target, std::uint32_t) {
    if (target < 0) return;  // of a model whose classes are not those of the data
    const auto k = static_cast<std::size_t>(target);
    ++counts[k];
    if (coding.of_symbols()) {
      ++by_symbol[static_cast<std::size_t>(x[0])][k];
      return;
    }
    means[k].resize(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) means[k][i] += x[i];
  });
  const std::size_t frequent = largest(counts);
  std::vector<ClassScore> scores{score("most frequent", coding, test, [&](const auto&) { return frequent; })};
  if (coding.of_symbols()) {
    if (coding.settings.job != SequenceJob::label) return scores;
    std::vector<std::size_t> best;
    for (const std::vector<std::size_t>& seen : by_symbol)
      best.push_back(std::ranges::max(seen) == 0 ? frequent : largest(seen));
    scores.push_back(score("by symbol", coding, test,
                           [&](const auto& x) { return best[static_cast<std::size_t>(x[0])]; }));
    return scores;
  }
  for (std::size_t k = 0; k < K; ++k)
    for (double& value : means[k]) value /= static_cast<double>(counts[k]);
  scores.push_back(score("nearest mean", coding, test, [&](const std::vector<double>& x) {
    std::size_t nearest = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < K; ++k) {
      double distance = 0;
      for (std::size_t i = 0; i < means[k].size(); ++i)
        distance += (x[i] - means[k][i]) * (x[i] - means[k][i]);
      if (!means[k].empty() && distance < least) least = distance, nearest = k;
    }
    return nearest;
  }));
  return scores;
}

}  // namespace

std::vector<ClassScore> class_baselines(const SequenceCoding& coding, const SequencePart& train,
                                        const SequencePart& test, ThreadPool& pool, const TellWork& tell) {
  std::vector<ClassScore> scores = timeless_baselines(coding, train, test);
  if (coding.settings.hidden_markov > 0)
    scores.push_back(hidden_markov_baseline(coding, train, test, pool, tell));
  return scores;
}

}  // namespace carousel
