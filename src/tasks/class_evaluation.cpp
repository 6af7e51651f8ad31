#include "tasks/class_evaluation.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/compensated_sum.h"
#include "tasks/class_baselines.h"
#include "tasks/data_file.h"
#include "tasks/roc.h"
#include "tasks/run_folder.h"
#include "tasks/sequence_outputs.h"

namespace carousel {
namespace {

constexpr std::size_t kMistakes = 30, kStrips = 6, kStripSteps = 300;

/// What the model says of one example, step by step (of a class: one step).
struct Answer {
  std::vector<std::size_t> predicted;
  std::vector<double> probability;       // of it
  std::vector<double> true_probability;  // logarithm; NaN where the truth is not known
  std::vector<float> scores;             // of the classes, of classify
};

/// How sure a row of logarithms is of each class. Of two classes that is their difference: near 0 and 1 one
/// logarithm alone is too coarse.
std::vector<float> class_scores(std::span<const float> p) {
  if (p.size() == 2) return {p[0] - p[1], p[1] - p[0]};
  return {p.begin(), p.end()};
}

Answer answer_of(const Sequences<float>& y, std::size_t b, const std::vector<std::int64_t>& targets) {
  Answer answer;
  for (std::size_t t = 0; t < y.layout().length(b); ++t) {
    const std::span<const float> p = y.at(b, t);
    const auto best = std::ranges::max_element(p);
    answer.predicted.push_back(static_cast<std::size_t>(best - p.begin()));
    answer.probability.push_back(std::exp(static_cast<double>(*best)));
    answer.true_probability.push_back(
        targets[t] < 0 ? std::nan("") : static_cast<double>(p[static_cast<std::size_t>(targets[t])]));
  }
  return answer;
}

class Judge {
 public:
  Judge(const SequenceModel& model, const SequencePart& part, ClassEvaluation& out)
      : model_(model), part_(part), out_(out), targets_(model.coding, part), answers_(part.size()) {}

  void run(ThreadPool& pool) {
    for_each_output(model_, part_, pool,
                    [&](const SequenceRow& row, const Sequences<float>& y, std::size_t b) {
                      Answer& answer = answers_[row.front()];
                      answer = answer_of(y, b, targets_of(row.front()));
                      if (model_.coding.settings.job == SequenceJob::classify)
                        answer.scores = class_scores(y.at(b, 0));
                    });
    for (std::size_t i = 0; i < part_.size(); ++i) count(i);
    out_.nats = known_ == 0 ? std::nan("") : nats_.value() / static_cast<double>(known_);
    out_.diverged = known_ > 0 && !std::isfinite(out_.nats);
    out_.model = {"model", out_.confusion.accuracy(), out_.confusion.macro_f1()};
    if (!out_.diverged && model_.coding.settings.job == SequenceJob::classify) out_.roc_auc = roc_auc();
    std::ranges::stable_sort(out_.mistakes, std::ranges::greater(), &ClassMistake::probability);
    out_.mistakes.resize(std::min(out_.mistakes.size(), kMistakes));
    if (model_.coding.settings.job == SequenceJob::label)
      for (std::size_t i = 0; i < std::min(part_.size(), kStrips); ++i) out_.strips.push_back(strip(i));
  }

 private:
  std::vector<std::int64_t> targets_of(std::size_t i) const {
    std::vector<std::int64_t> targets = targets_.of(part_[i]);
    if (model_.coding.settings.job == SequenceJob::classify) targets.resize(1, -1);
    return targets;
  }
  const std::string& truth(std::size_t i, std::size_t t) const {
    const SequencePlace& place = part_[i];
    return place.source->examples().words()[place.example().targets[t]];
  }
  const std::string& class_name(std::size_t k) const { return model_.coding.targets.symbol(k + 1); }

  void count(std::size_t i) {
    const std::vector<std::int64_t> targets = targets_of(i);
    const Answer& answer = answers_[i];
    for (std::size_t t = 0; t < targets.size(); ++t) {
      ++out_.judged;
      if (targets[t] < 0) {
        ++out_.unknown;
        out_.confusion.add_stranger(part_[i].example().targets[t], answer.predicted[t]);
      } else {
        out_.confusion.add(static_cast<std::size_t>(targets[t]), answer.predicted[t]);
        nats_.add(-answer.true_probability[t]);
        ++known_;
      }
      if (targets[t] == static_cast<std::int64_t>(answer.predicted[t])) continue;
      out_.mistakes.push_back({part_[i].example().name, targets.size() > 1 ? t + 1 : 0, truth(i, t),
                               class_name(answer.predicted[t]), answer.probability[t]});
    }
  }

  double roc_auc() const {
    std::vector<std::int64_t> truth;
    for (std::size_t i = 0; i < part_.size(); ++i) truth.push_back(targets_of(i).front());
    CompensatedSum sum;
    std::size_t defined = 0;
    std::vector<ScoredCase> cases(part_.size());
    for (std::size_t k = 0; k < model_.coding.outputs(); ++k) {
      for (std::size_t i = 0; i < cases.size(); ++i)
        cases[i] = {static_cast<double>(answers_[i].scores[k]), truth[i] == static_cast<std::int64_t>(k)};
      const double auc = receiver_operating_characteristic(cases).auc;
      if (std::isnan(auc)) continue;
      sum.add(auc);
      ++defined;
    }
    return defined == 0 ? std::nan("") : sum.value() / static_cast<double>(defined);
  }

  LabelStrip strip(std::size_t i) const {
    const Answer& answer = answers_[i];
    LabelStrip strip{part_[i].example().name, {}, {}, {}, {}};
    const auto features = part_[i].read();
    const auto symbols = part_[i].source->examples().symbols();
    for (std::size_t t = 0; t < std::min(answer.predicted.size(), kStripSteps); ++t) {
      if (!symbols.empty()) strip.symbols.push_back(symbols[static_cast<std::size_t>(features->step(t)[0])]);
      strip.truth.push_back(truth(i, t));
      strip.predicted.push_back(class_name(answer.predicted[t]));
      strip.probability.push_back(answer.probability[t]);
    }
    return strip;
  }

  const SequenceModel& model_;
  const SequencePart& part_;
  ClassEvaluation& out_;
  SequenceTargets targets_;
  std::vector<Answer> answers_;
  CompensatedSum nats_;
  std::size_t known_ = 0;
};

}  // namespace

ClassEvaluation evaluate_classes(SequenceJob job, const std::string& run,
                                 const std::optional<std::string>& data, ThreadPool& pool,
                                 const BadExamples& bad, const TellWork& tell) {
  const SequenceModel model = load_sequence_model(run, job);
  ClassEvaluation out;
  const auto own = own_data(data.has_value(), out.no_baselines, [&] {
    require_data(model.coding.settings.data, run, RunFolder::kNewPath);
    return read_own_sequences(model.coding, pool);
  });
  const SequenceData other =
      data ? read_other_sequences(model.coding, *data, true, bad, pool) : SequenceData();
  const SequenceData& judged = data ? other : *own;
  out.job = job;
  out.data = data.value_or(model.coding.settings.test.value_or(model.coding.settings.data));
  out.test_part = !data;
  if (judged.test.empty())
    throw DataError(fmt::format("{}: found no examples in the test part, expected at least one", out.data));
  out.examples = judged.test.size();
  out.left_out = judged.bad();
  for (std::size_t k = 0; k < model.coding.outputs(); ++k)
    out.classes.push_back(model.coding.targets.symbol(k + 1));
  out.confusion = ConfusionMatrix(model.coding.outputs());
  Judge(model, judged.test, out).run(pool);
  if (own) out.baselines = class_baselines(model.coding, own->train, judged.test, pool, tell);
  out.beats_baselines = own && std::ranges::all_of(out.baselines, [&](const ClassScore& baseline) {
                          return out.model.accuracy > baseline.accuracy;
                        });
  return out;
}

}  // namespace carousel
