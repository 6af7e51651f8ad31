#include "tasks/sequence_prediction.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/reductions.h"
#include "tasks/sequence_outputs.h"

namespace carousel {

double keyword_threshold(const SequenceModel& model, const ReadingOptions& options) noexcept {
  return options.threshold.value_or(model.tuned.keyword_threshold.value_or(kStandardThreshold));
}

void check_keywords(const SequenceModel& model, const ReadingOptions& options) {
  if (model.is_transducer() && !options.keywords.empty())
    throw SettingError(
        "keywords: a transducer does not say of each step what it hears; use a model of method ctc");
  check_different(options.keywords);
  for (const std::string& keyword : options.keywords) keyword_outputs(model.coding, keyword);
  const ReadingSearch& search = options.search;
  if (!options.keywords.empty() && (search.width || search.bonus_given || search.language))
    throw SettingError(
        "keywords: are spotted without a search for texts; leave out beam, symbol_bonus and language");
  if (!options.threshold) return;
  if (options.keywords.empty()) throw SettingError("keyword_threshold: expected keywords beside it");
  if (!(std::isfinite(*options.threshold) && *options.threshold <= 0))
    throw SettingError(fmt::format(
        "keyword_threshold: found {}, expected a number of at most 0, the best score", *options.threshold));
}

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
  const SequenceData data = read_other_sequences(model.coding, path, false, {.skipped = true}, pool);
  std::vector<std::vector<ClassAnswer>> all(data.test.size());
  for_each_output(model, data.test, pool,
                  [&](const SequenceRow& row, const Sequences<float>& y, std::size_t b) {
                    for (std::size_t t = 0; t < y.layout().length(b); ++t)
                      all[row.front()].push_back(class_answer(model.coding, y.at(b, t)));
                  });
  for (std::size_t i = 0; i < all.size(); ++i) take(data.test[i].example().name, all[i]);
  data.source->refuse_bad();
}

void predict_transcripts(const SequenceModel& model, const std::string& path, const ReadingOptions& options,
                         ThreadPool& pool, const std::function<void(const ExampleReading&)>& take) {
  check_keywords(model, options);
  const SequenceData data = read_other_sequences(model.coding, path, false, {.skipped = true}, pool);
  std::vector<ExampleReading> all;
  for (const SequencePlace& place : data.test) all.push_back({place.example().name, {}, {}});
  if (options.keywords.empty()) {
    for_each_reading(model, data.test, options.search, pool,
                     [&](RowReading& one) { all[one.row.front()].reading = std::move(one.reading); });
  } else {
    for_each_output(
        model, data.test, pool, [&](const SequenceRow& row, const Sequences<float>& y, std::size_t b) {
          const std::size_t i = row.front();
          all[i].keywords = find_keywords(model.coding, options.keywords, y, b, data.test[i].steps(),
                                          keyword_threshold(model, options));
        });
  }
  for (const ExampleReading& one : all) take(one);
  data.source->refuse_bad();
}

ExampleReading predict_steps(const SequenceModel& model, const Sequences<float>& x, const std::string& name,
                             const ReadingOptions& options, ThreadPool& pool) {
  check_keywords(model, options);
  if (options.keywords.empty()) return {name, read_steps(model, x, options.search, pool), {}};
  return {name,
          {},
          find_keywords(model.coding, options.keywords, outputs_of(model, x, pool), 0, x.layout().length(0),
                        keyword_threshold(model, options))};
}

namespace {

void append(std::optional<KeywordWindow> window, std::size_t keyword, std::vector<FoundKeyword>& found) {
  if (window) found.push_back({keyword, window->begin, window->end, window->score});
}

}  // namespace

KeywordListener::KeywordListener(const SequenceModel& model, const ReadingOptions& options) {
  check_keywords(model, options);
  const SequenceCoding& coding = model.coding;
  for (const std::string& keyword : options.keywords)
    streams_.emplace_back(KeywordSpotter(coding.outputs(), coding.blank(), keyword_outputs(coding, keyword)),
                          keyword_threshold(model, options));
}

std::vector<FoundKeyword> KeywordListener::read(std::span<const float> log_probabilities) {
  std::vector<FoundKeyword> found;
  for (std::size_t k = 0; k < streams_.size(); ++k) append(streams_[k].read(log_probabilities), k, found);
  return found;
}

std::vector<FoundKeyword> KeywordListener::finish() {
  std::vector<FoundKeyword> found;
  for (std::size_t k = 0; k < streams_.size(); ++k) append(streams_[k].finish(), k, found);
  return found;
}

SequenceStream::SequenceStream(const SequenceModel& model, bool whole)
    : model_(model),
      immediate_(!whole && !model.is_transducer() && model.network().causal() &&
                 model.coding.settings.job != SequenceJob::classify),
      x_(model.coding.features),
      logits_(model.coding.outputs()) {
  if (!immediate_) return;
  state_ = model.network().start(1);
  scratch_.resize(model.network().step_scratch(1));
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
  model_.network().step(View<const float>(x_.data(), 1, x_.size()), state_.matrix(),
                        View<float>(logits_.data(), 1, K), scratch_.data());
  kernels::log_softmax(logits_.data(), logits_.data(), 1, K, K);
  return logits_;
}

Sequences<float> SequenceStream::finish() const {
  if (steps_ == 0) throw DataError("standard input: found no steps, expected at least one");
  Sequences<float> x({steps_}, model_.coding.features);
  std::ranges::copy(all_, x.values().begin());
  return x;
}

}  // namespace carousel
