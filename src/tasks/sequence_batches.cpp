#include "tasks/sequence_batches.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"

namespace carousel {

namespace {
constexpr std::uint64_t kOrderStream = 0x6f72646572;  // of random numbers
constexpr std::size_t kTogether = 16;                 // batches whose examples are sorted by length together
}  // namespace

SequenceBatches::SequenceBatches(const SequenceCoding& coding, const SequencePart& part, std::size_t batch,
                                 bool shuffled)
    : coding_(coding), part_(part), batch_(batch), shuffled_(shuffled) {
  for (const SequencePlace& place : part_)
    if (std::ranges::find(sources_, place.source) == sources_.end()) {
      sources_.push_back(place.source);
      inputs_.emplace_back(coding, place.source->examples());
      targets_.emplace_back(coding, place.source->examples());
    }
}

std::size_t SequenceBatches::batches(std::size_t) const { return (part_.size() + batch_ - 1) / batch_; }

const std::vector<std::size_t>& SequenceBatches::order(std::size_t epoch) const {
  if (epoch_ == epoch) return order_;
  order_.resize(part_.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  batch_order_.resize(batches(epoch));
  std::iota(batch_order_.begin(), batch_order_.end(), std::size_t{0});
  const auto shorter = [&](std::size_t a, std::size_t b) { return part_[a].steps() < part_[b].steps(); };
  if (shuffled_) {
    const std::uint64_t seed = coding_.settings.training.seed;
    Random(seed, kOrderStream + 2 * epoch).shuffle(order_);
    const std::size_t together = kTogether * batch_;
    for (std::size_t at = 0; at < order_.size(); at += together)
      std::stable_sort(order_.begin() + static_cast<std::ptrdiff_t>(at),
                       order_.begin() + static_cast<std::ptrdiff_t>(std::min(at + together, order_.size())),
                       shorter);
    Random(seed, kOrderStream + 2 * epoch + 1).shuffle(batch_order_);
  } else {
    std::ranges::stable_sort(order_, shorter);
  }
  epoch_ = epoch;
  return order_;
}

std::vector<std::size_t> SequenceBatches::members(std::size_t epoch, std::size_t index) const {
  const std::vector<std::size_t>& all = order(epoch);
  const std::size_t begin = batch_order_.at(index) * batch_, end = std::min(begin + batch_, all.size());
  return {all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(end)};
}

Batch<float> SequenceBatches::get(std::size_t epoch, std::size_t index) const {
  const std::vector<std::size_t> chosen = members(epoch, index);
  std::vector<std::size_t> lengths, target_lengths;
  std::vector<std::vector<std::int64_t>> targets;
  for (const std::size_t i : chosen) {
    const SequencePlace& place = part_[i];
    const auto source =
        static_cast<std::size_t>(std::ranges::find(sources_, place.source) - sources_.begin());
    lengths.push_back(place.steps());
    targets.push_back(targets_[source].of(place.example()));
    if (coding_.settings.job == SequenceJob::classify) targets.back().resize(1, -1);
    target_lengths.push_back(targets.back().size());
  }
  Batch<float> batch{Sequences<float>(lengths, coding_.features), Sequences<float>(target_lengths, 1), {}};
  for (std::size_t b = 0; b < chosen.size(); ++b) {
    const SequencePlace& place = part_[chosen[b]];
    const auto source =
        static_cast<std::size_t>(std::ranges::find(sources_, place.source) - sources_.begin());
    const auto features = place.read();
    for (std::size_t t = 0; t < lengths[b]; ++t) inputs_[source].write(*features, t, batch.x.at(b, t));
    for (std::size_t t = 0; t < target_lengths[b]; ++t)
      batch.targets.at(b, t)[0] = targets[b][t] < 0 ? std::nanf("") : static_cast<float>(targets[b][t]);
  }
  return batch;
}

}  // namespace carousel
