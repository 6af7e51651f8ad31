#include "tasks/sequence_prediction.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/reductions.h"
#include "tasks/sequence_outputs.h"

namespace carousel {
namespace {

/// Calls take(name, what tell(y, b, steps) made) for the examples of a file, in their order.
template <class Answer, class Tell, class Take>
void in_order(const SequenceModel& model, const std::string& path, ThreadPool& pool, Tell&& tell,
              Take&& take) {
  const SequenceData data = read_other_sequences(model.coding, path, false, pool);
  std::vector<Answer> answers(data.test.size());
  for_each_output(model, data.test, pool,
                  [&](const SequenceRow& row, const Sequences<float>& y, std::size_t b) {
                    answers[row.front()] = tell(y, b, data.test[row.front()].steps());
                  });
  for (std::size_t i = 0; i < answers.size(); ++i) take(data.test[i].example().name, answers[i]);
}

}  // namespace

ClassAnswer class_answer(const SequenceCoding& coding, std::span<const float> log_probabilities) {
  const auto best = std::ranges::max_element(log_probabilities);
  ClassAnswer answer;
  answer.name = coding.targets.symbol(static_cast<std::size_t>(best - log_probabilities.begin()) + 1);
  for (const float p : log_probabilities) answer.probabilities.push_back(std::exp(static_cast<double>(p)));
  answer.probability = std::exp(static_cast<double>(*best));
  return answer;
}

void predict_classes(const SequenceModel& model, const std::string& path, ThreadPool& pool,
                     const TakeClasses& take) {
  const auto tell = [&](const Sequences<float>& y, std::size_t b, std::size_t) {
    std::vector<ClassAnswer> answers;
    for (std::size_t t = 0; t < y.layout().length(b); ++t)
      answers.push_back(class_answer(model.coding, y.at(b, t)));
    return answers;
  };
  in_order<std::vector<ClassAnswer>>(model, path, pool, tell, take);
}

void predict_transcripts(const SequenceModel& model, const std::string& path, const ReadingOptions& options,
                         ThreadPool& pool, const std::function<void(const ExampleReading&)>& take) {
  const auto tell = [&](const Sequences<float>& y, std::size_t b, std::size_t steps) {
    return ExampleReading{"", read_out(model.coding, y, b, steps, options.width),
                          find_keywords(model.coding, options.keywords, y, b, steps, options.threshold)};
  };
  in_order<ExampleReading>(model, path, pool, tell, [&](const std::string& example, ExampleReading& reading) {
    reading.example = example;
    take(reading);
  });
}

SequenceStream::SequenceStream(const SequenceModel& model)
    : model_(model),
      immediate_(model.network.causal() && model.coding.settings.job != SequenceJob::classify),
      x_(model.coding.features),
      logits_(model.network.outputs()),
      state_(model.network.start(1)) {
  if (immediate_) scratch_.resize(model.network.step_scratch(1));
}

std::span<const float> SequenceStream::push(std::span<const float> step) {
  const SequenceCoding& coding = model_.coding;
  ++steps_;
  if (step.size() != coding.features)
    throw DataError(fmt::format("step {}: found {} values, expected {}, as the model was trained on", steps_,
                                step.size(), coding.features));
  for (std::size_t f = 0; f < step.size(); ++f) {
    if (!std::isfinite(step[f]))
      throw DataError(
          fmt::format("step {}, value {}: found {}, expected a finite number", steps_, f + 1, step[f]));
    x_[f] = static_cast<float>(coding.scalers[f].apply(static_cast<double>(step[f])));
  }
  if (!immediate_) {
    all_.insert(all_.end(), x_.begin(), x_.end());
    return {};
  }
  const std::size_t K = logits_.size();
  model_.network.step(View<const float>(x_.data(), 1, x_.size()), state_.matrix(),
                      View<float>(logits_.data(), 1, K), scratch_.data());
  kernels::log_softmax(logits_.data(), logits_.data(), 1, K, K);
  return logits_;
}

Sequences<float> SequenceStream::finish(ThreadPool& pool) const {
  if (steps_ == 0) throw DataError("standard input: found no steps, expected at least one");
  Sequences<float> x({steps_}, model_.coding.features);
  std::ranges::copy(all_, x.values().begin());
  return outputs_of(model_, x, pool);
}

}  // namespace carousel
