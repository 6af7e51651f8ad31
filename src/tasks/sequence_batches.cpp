#include "tasks/sequence_batches.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "data/augment.h"

namespace carousel {

namespace {

constexpr std::uint64_t kOrderStream = 0x6f72646572;  // of random numbers; three an epoch
constexpr std::size_t kTogether = 16;                 // batches whose rows are sorted by length together
constexpr std::size_t kMasks = 2;
constexpr double kLargestMask = 0.5;  // of a sequence

/// Cut into runs of least to most examples each; the last one may be shorter.
std::vector<SequenceRow> joined(const std::vector<std::size_t>& examples, const JoinRange& join,
                                const Random& random) {
  std::vector<SequenceRow> rows;
  for (std::size_t at = 0, k = 0; at < examples.size(); ++k) {
    const std::size_t wanted = join.most == 0 ? 1 : join.least + random.below(k, join.most - join.least + 1);
    const std::size_t end = std::min(at + wanted, examples.size());
    rows.emplace_back(examples.begin() + static_cast<std::ptrdiff_t>(at),
                      examples.begin() + static_cast<std::ptrdiff_t>(end));
    at = end;
  }
  return rows;
}

}  // namespace

SequenceBatches::SequenceBatches(const SequenceCoding& coding, const SequencePart& part, std::size_t rows,
                                 bool training)
    : coding_(coding),
      part_(part),
      rows_(rows),
      training_(training),
      inputs_(coding, part),
      targets_(coding, part) {}

std::size_t SequenceBatches::batches(std::size_t epoch) const {
  return (order(epoch).size() + rows_ - 1) / rows_;
}

std::size_t SequenceBatches::steps(const SequenceRow& row) const {
  std::size_t sum = 0;
  for (const std::size_t i : row) sum += part_[i].steps();
  return sum;
}

std::vector<std::int64_t> SequenceBatches::targets(const SequenceRow& row) const {
  std::vector<std::int64_t> all;
  for (const std::size_t i : row) {
    const std::vector<std::int64_t> some = targets_.of(part_[i]);
    all.insert(all.end(), some.begin(), some.end());
  }
  if (coding_.settings.job == SequenceJob::classify) all.resize(1, -1);
  return all;
}

const std::vector<SequenceRow>& SequenceBatches::order(std::size_t epoch) const {
  if (epoch_ == epoch) return order_;
  const JoinRange& join = coding_.settings.join;
  const std::uint64_t seed = training_ ? coding_.settings.training.seed : 0;
  std::vector<std::size_t> examples(part_.size());
  std::iota(examples.begin(), examples.end(), std::size_t{0});
  if (training_ || join.most > 0) Random(seed, kOrderStream + 3 * epoch).shuffle(examples);
  order_ = joined(examples, join, Random(seed, kOrderStream + 3 * epoch + 1));
  const auto shorter = [&](const SequenceRow& a, const SequenceRow& b) { return steps(a) < steps(b); };
  const std::size_t together = training_ ? kTogether * rows_ : order_.size();
  for (std::size_t at = 0; at < order_.size(); at += together)
    std::stable_sort(order_.begin() + static_cast<std::ptrdiff_t>(at),
                     order_.begin() + static_cast<std::ptrdiff_t>(std::min(at + together, order_.size())),
                     shorter);
  batch_order_.resize((order_.size() + rows_ - 1) / rows_);
  std::iota(batch_order_.begin(), batch_order_.end(), std::size_t{0});
  if (training_) Random(seed, kOrderStream + 3 * epoch + 2).shuffle(batch_order_);
  epoch_ = epoch;
  return order_;
}

std::vector<SequenceRow> SequenceBatches::rows(std::size_t epoch, std::size_t index) const {
  const std::vector<SequenceRow>& all = order(epoch);
  const std::size_t begin = batch_order_.at(index) * rows_, end = std::min(begin + rows_, all.size());
  return {all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(end)};
}

void SequenceBatches::fill(Sequences<float>& x, std::size_t b, const SequenceRow& row,
                           std::size_t epoch) const {
  const SequenceSettings& settings = coding_.settings;
  const std::size_t F = coding_.features;
  const bool changes = training_ && !coding_.of_symbols() &&
                       (settings.noise > 0 || settings.time_mask > 0 || settings.frequency_mask > 0);
  std::size_t t = 0;
  for (const std::size_t i : row) {
    const auto features = part_[i].read();
    if (!changes) {
      for (std::size_t s = 0; s < features->steps; ++s) inputs_.write(part_[i], *features, s, x.at(b, t++));
      continue;
    }
    Tensor<float> scaled({features->steps, F});
    for (std::size_t s = 0; s < features->steps; ++s)
      inputs_.write(part_[i], *features, s, scaled.matrix().row_span(s));
    const Draw draw{settings.training.seed, epoch, i};
    if (settings.noise > 0) add_noise(scaled.span(), -20 * std::log10(settings.noise), draw);
    if (settings.time_mask > 0) mask_time(scaled.matrix(), {kMasks, settings.time_mask}, kLargestMask, draw);
    const std::size_t groups = coding_.step_seconds > 0 ? 1 + settings.audio.deltas : 1;
    if (settings.frequency_mask > 0)
      mask_frequency(scaled.matrix(), {kMasks, settings.frequency_mask}, groups, draw);
    for (std::size_t s = 0; s < features->steps; ++s)
      std::ranges::copy(std::as_const(scaled).matrix().row_span(s), x.at(b, t++).begin());
  }
}

Batch<float> SequenceBatches::get(std::size_t epoch, std::size_t index) const {
  const std::vector<SequenceRow> chosen = rows(epoch, index);
  const bool texts = coding_.settings.job == SequenceJob::transcribe;
  std::vector<std::size_t> lengths, target_lengths;
  std::vector<std::vector<std::int64_t>> all;
  for (const SequenceRow& row : chosen) {
    lengths.push_back(steps(row));
    all.push_back(targets(row));
    if (texts) std::erase(all.back(), -1);
    target_lengths.push_back(all.back().size());
  }
  Batch<float> batch{Sequences<float>(lengths, coding_.features), Sequences<float>(target_lengths, 1), {}};
  for (std::size_t b = 0; b < chosen.size(); ++b) {
    fill(batch.x, b, chosen[b], epoch);
    for (std::size_t t = 0; t < target_lengths[b]; ++t)
      batch.targets.at(b, t)[0] = all[b][t] < 0 ? std::nanf("") : static_cast<float>(all[b][t]);
  }
  return batch;
}

}  // namespace carousel
