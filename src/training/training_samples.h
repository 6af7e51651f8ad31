// Small data and whole runs for the tests of training.
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "base/random.h"
#include "training/trainer.h"

namespace carousel {

/// Ragged random sequences; the target is the decaying sum of the inputs so far, now and then missing.
template <class T>
class DecayingSums final : public BatchSource<T> {
 public:
  DecayingSums(std::uint64_t seed, std::size_t batch_count, bool carries = false)
      : seed_(seed), batches_(batch_count), carries_(carries) {}

  std::size_t batches(std::size_t) const override { return batches_; }

  Batch<T> get(std::size_t epoch, std::size_t index) const override {
    const Random random(seed_, 1000 * epoch + index);
    std::uint64_t at = 0;
    Batch<T> batch;
    std::vector<std::size_t> lengths(5);
    for (std::size_t& length : lengths) length = random.below(at++, 9);
    batch.x = Sequences<T>(lengths, 2);
    batch.targets = Sequences<T>(lengths, 1);
    for (std::size_t b = 0; b < lengths.size(); ++b) {
      double sum = 0;
      for (std::size_t t = 0; t < lengths[b]; ++t) {
        for (T& x : batch.x.at(b, t)) {
          x = static_cast<T>(random.uniform(at++, -1, 1));
          sum = 0.7 * sum + static_cast<double>(x);
        }
        const bool missing = random.uniform(at++) < 0.2;
        batch.targets.at(b, t)[0] = missing ? std::numeric_limits<T>::quiet_NaN() : static_cast<T>(sum);
      }
    }
    if (carries_ && index > 0) batch.carry = {1, 0, 1, 1, 0};
    return batch;
  }

 private:
  std::uint64_t seed_;
  std::size_t batches_;
  bool carries_;
};

/// The batches it is given, in order.
template <class T>
class GivenBatches final : public BatchSource<T> {
 public:
  explicit GivenBatches(std::vector<Batch<T>> batches) : batches_(std::move(batches)) {}
  std::size_t batches(std::size_t) const override { return batches_.size(); }
  Batch<T> get(std::size_t, std::size_t index) const override { return batches_[index]; }

 private:
  std::vector<Batch<T>> batches_;
};

/// Keeps what it is told and stops the run after so many batches in all (0: never).
class RecordingSink : public ProgressSink {
 public:
  explicit RecordingSink(std::size_t stop_after = 0) : stop_after_(stop_after) {}
  void on_batch(const ProgressRecord& record) override { batches.push_back(record); }
  void on_epoch(const ProgressRecord& record) override { epochs.push_back(record); }
  void on_checkpoint(const std::string& path) override { checkpoints.push_back(path); }
  bool should_stop() override { return batches.size() == stop_after_; }

  std::vector<ProgressRecord> batches, epochs;
  std::vector<std::string> checkpoints;

 private:
  std::size_t stop_after_;
};

}  // namespace carousel
