#include "tasks/hidden_markov_baseline.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <map>

#include "base/counted.h"
#include "tasks/hidden_markov/baum_welch.h"

namespace carousel {
namespace {

constexpr double kMostBytes = 1 << 30;

bool of_steps(const SequenceCoding& coding) { return coding.settings.job == SequenceJob::label; }

/// Of one model.
std::size_t states_of(const SequenceCoding& coding) {
  return coding.settings.hidden_markov * (of_steps(coding) ? coding.outputs() : 1);
}

/// Examples as the models see them.
class Reader {
 public:
  explicit Reader(const SequenceCoding& coding) : coding_(coding) {}

  /// To be called once for each part, before its examples are read.
  void know(const SequencePart& part) {
    parts_.emplace_back(SequenceInputs(coding_, part), SequenceTargets(coding_, part));
    for (const SequencePlace& place : part) known_.try_emplace(place.source, &parts_.back());
  }

  /// Of a sequence's class, or of each step's; -1: the model does not know it.
  std::vector<std::int64_t> targets(const SequencePlace& place) const {
    std::vector<std::int64_t> targets = known_.at(place.source)->second.of(place);
    if (!of_steps(coding_)) targets.resize(1);
    return targets;
  }

  Observed read(const SequencePlace& place) const {
    const auto features = place.read();
    const std::size_t F = coding_.features;
    Observed observed{features->steps, std::vector<float>(features->steps * F), {}};
    for (std::size_t t = 0; t < observed.steps; ++t)
      known_.at(place.source)->first.write(place, *features, t, std::span(observed.x).subspan(t * F, F));
    return observed;
  }

  /// With each step held to the states of its label.
  Observed read_labelled(const SequencePlace& place) const {
    Observed observed = read(place);
    const std::size_t N = coding_.settings.hidden_markov;
    for (const std::int64_t target : targets(place)) {
      const auto k = static_cast<std::size_t>(target);
      observed.states.push_back(target < 0 ? Range{0, states_of(coding_)} : Range{k * N, (k + 1) * N});
    }
    return observed;
  }

 private:
  const SequenceCoding& coding_;
  std::deque<std::pair<SequenceInputs, SequenceTargets>> parts_;
  std::map<const SequenceSource*, const std::pair<SequenceInputs, SequenceTargets>*> known_;
};

class Baseline {
 public:
  Baseline(const SequenceCoding& coding, const SequencePart& train, ThreadPool& pool, const TellWork& tell)
      : coding_(coding), reader_(coding), pool_(pool), log_share_(coding.outputs()) {
    const std::string what = fmt::format("baseline: fitting hidden Markov models of {} a class to {}",
                                         counted(coding.settings.hidden_markov, "state", "states"),
                                         counted(train.size(), "example", "examples"));
    const auto told = [&](std::size_t done, std::size_t models) {
      if (tell) tell(what, static_cast<double>(done) / static_cast<double>(models));
    };
    told(0, 1);
    reader_.know(train);
    if (!coding.of_symbols()) moments_ = feature_moments(sequences_of(train), coding.features);
    if (of_steps(coding)) {
      models_.push_back(fit({train.size(), [&](std::size_t i) { return reader_.read_labelled(train[i]); }}));
      told(1, 1);
      return;
    }
    std::vector<SequencePart> by_class(coding.outputs());
    for (const SequencePlace& place : train)
      if (const std::int64_t target = reader_.targets(place).front(); target >= 0)
        by_class[static_cast<std::size_t>(target)].push_back(place);
    for (std::size_t k = 0; k < by_class.size(); ++k) {
      log_share_[k] = std::log(static_cast<double>(by_class[k].size()) / static_cast<double>(train.size()));
      models_.push_back(fit(sequences_of(by_class[k])));
      told(k + 1, by_class.size());
    }
  }

  ConfusionMatrix judge(const SequencePart& test) {
    reader_.know(test);
    std::vector<std::vector<std::size_t>> told(test.size());
    pool_.run(test.size(), [&](std::size_t i) {
      const Observed observed = reader_.read(test[i]);
      told[i] = of_steps(coding_) ? labels_of(observed) : std::vector{class_of(observed)};
    });
    ConfusionMatrix confusion(coding_.outputs());
    for (std::size_t i = 0; i < test.size(); ++i) {
      const std::vector<std::int64_t> targets = reader_.targets(test[i]);
      for (std::size_t t = 0; t < targets.size(); ++t)
        if (targets[t] >= 0)
          confusion.add(static_cast<std::size_t>(targets[t]), told[i][t]);
        else
          confusion.add_stranger(test[i].example().targets[t], told[i][t]);
    }
    return confusion;
  }

 private:
  ObservedSequences sequences_of(const SequencePart& part) const {
    return {part.size(), [&](std::size_t i) { return reader_.read(part[i]); }};
  }

  HiddenMarkov fit(const ObservedSequences& sequences) const {
    BaumWelchOptions options;
    options.starts = coding_.settings.hidden_markov > 1 ? 2 : 1;
    const std::size_t states = states_of(coding_);
    const auto emissions = [&] {
      return coding_.of_symbols() ? symbol_emissions(states, coding_.symbols.size(), options.pseudo_count)
                                  : gaussian_emissions(states, moments_);
    };
    return std::move(baum_welch(sequences, states, emissions, options, pool_).model);
  }

  std::size_t class_of(const Observed& observed) const {
    std::size_t best = 0;
    double most = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < models_.size(); ++k) {
      const double score = log_share_[k] + models_[k].log_likelihood(observed);
      if (score > most) most = score, best = k;
    }
    return best;
  }

  std::vector<std::size_t> labels_of(const Observed& observed) const {
    std::vector<std::size_t> labels(observed.steps);
    std::vector<double> share(coding_.outputs());
    const std::size_t N = coding_.settings.hidden_markov;
    ForwardBackward(models_.front(), observed)
        .backward([&](std::size_t t, std::span<const double> state, std::span<const double>) {
          std::ranges::fill(share, 0);
          for (std::size_t j = 0; j < state.size(); ++j) share[j / N] += state[j];
          labels[t] = static_cast<std::size_t>(std::ranges::max_element(share) - share.begin());
        });
    return labels;
  }

  const SequenceCoding& coding_;
  Reader reader_;
  ThreadPool& pool_;
  FeatureMoments moments_;
  std::vector<HiddenMarkov> models_;  // one a class, or one
  std::vector<double> log_share_;     // of the classes in the training part
};

}  // namespace

void check_hidden_markov(const SequenceCoding& coding) {
  if (coding.settings.hidden_markov == 0) return;
  const auto states = static_cast<double>(states_of(coding)),
             models = static_cast<double>(of_steps(coding) ? 1 : coding.outputs()),
             sums = states *
                    static_cast<double>(coding.of_symbols() ? coding.symbols.size() : 3 * coding.features);
  const double bytes = baum_welch_bytes(states, sums) + models * 16 * (states * states + sums);
  if (bytes > kMostBytes)
    throw SettingError(fmt::format(
        "hidden_markov: {} of each of {} take {:.1f} GiB, expected at most 1; name fewer, or 0 for none",
        counted(coding.settings.hidden_markov, "state", "states"),
        counted(coding.outputs(), "class", "classes"), bytes / kMostBytes));
}

ClassScore hidden_markov_baseline(const SequenceCoding& coding, const SequencePart& train,
                                  const SequencePart& test, ThreadPool& pool, const TellWork& tell) {
  const ConfusionMatrix confusion = Baseline(coding, train, pool, tell).judge(test);
  return {"hidden Markov", confusion.accuracy(), confusion.macro_f1()};
}

}  // namespace carousel
