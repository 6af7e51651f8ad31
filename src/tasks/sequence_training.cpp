#include "tasks/sequence_training.h"

#include <carousel/error.h>
#include <carousel/version.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "base/counted.h"
#include "data/cells.h"
#include "losses/cross_entropy.h"
#include "losses/ctc.h"
#include "losses/transducer_loss.h"
#include "tasks/classification_metrics.h"
#include "tasks/data_file.h"
#include "tasks/keyword_threshold.h"
#include "tasks/pretrained.h"
#include "tasks/sequence_batches.h"
#include "tasks/settings_file.h"
#include "tasks/symbol_bonus.h"
#include "tasks/unreachable_texts.h"

namespace carousel {
namespace {

constexpr std::size_t kUnreachableShown = 5;

std::string unreachable_line(const SequenceData& data) {
  return fmt::format("{} whose text needs more steps than the network puts out",
                     counted(data.unreachable.size(), "example", "examples"));
}

Metadata provenance_of(const SequenceData& data) {
  const SequenceSettings& settings = data.coding.settings;
  Metadata metadata = {{"provenance.data", std::filesystem::path(settings.data).filename().string()},
                       {"provenance.checksum", settings.checksum.value_or("")},
                       {"provenance.examples", fmt::format("{}", data.train.size())},
                       {"provenance.seed", fmt::format("{}", settings.training.seed)},
                       {"provenance.version", kVersion}};
  if (!data.unreachable.empty()) metadata["provenance.left_out"] = unreachable_line(data);
  return metadata;
}

std::string examples_line(const SequenceData& data) {
  std::size_t steps = 0, longest = 0, count = 0;
  for (const SequencePart* part : {&data.train, &data.validation, &data.test})
    for (const SequencePlace& place : *part) {
      steps += place.steps();
      longest = std::max(longest, place.steps());
      ++count;
    }
  const SequenceCoding& coding = data.coding;
  return fmt::format("examples: {} of {}, {}, the longest of {}", counted(count, "sequence", "sequences"),
                     coding.of_symbols() ? counted(coding.symbols.size() - 1, "symbol", "symbols")
                                         : counted(coding.features, "feature", "features"),
                     counted(steps, "step", "steps"), grouped(longest));
}

std::vector<std::string> plan_lines(const SequenceData& data, std::size_t weights) {
  return {
      examples_line(data),
      fmt::format("targets: {}", data.coding.settings.job == SequenceJob::transcribe
                                     ? counted(data.coding.targets.size() - 1, "symbol", "symbols")
                                     : counted(data.coding.outputs(), "class", "classes")),
      fmt::format("network: {}; {}", sequence_spec(data.coding), counted(weights, "parameter", "parameters")),
      fmt::format("parts: {} to train on, {} to validate, {} to test", grouped(data.train.size()),
                  grouped(data.validation.size()), grouped(data.test.size()))};
}

/// Bad examples, and those that no network of this kind can learn.
std::vector<std::string> left_out_lines(const SequenceData& data) {
  std::vector<std::string> lines = carousel::left_out_lines(data.bad());
  if (data.unreachable.empty()) return lines;
  lines.push_back("left out: " + unreachable_line(data));
  list_examples(data.unreachable, kUnreachableShown, lines);
  return lines;
}

/// How many targets of a part are of each class, [classes]; those that the model does not know are of none.
std::vector<std::size_t> class_counts(const SequenceCoding& coding, const SequencePart& part) {
  std::vector<std::size_t> counts(coding.outputs());
  const SequenceTargets targets(coding, part);
  for (const SequencePlace& place : part)
    for (const std::int64_t target : targets.of(place))
      if (target >= 0) ++counts[static_cast<std::size_t>(target)];
  return counts;
}

/// n / (K n_k), where the training part has n_k > 0 of each class: all classes together weigh alike, and a
/// target 1 on average.
std::vector<double> balanced_weights(const SequenceData& data) {
  const std::vector<std::size_t> counts = class_counts(data.coding, data.train);
  const auto all = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::size_t{0}));
  std::vector<double> weights;
  for (const std::size_t count : counts)
    weights.push_back(all / (static_cast<double>(counts.size()) * static_cast<double>(count)));
  return weights;
}

/// What an evaluation could not count, and a validation part that no training could be judged by.
void check_classes(const SequenceData& data) {
  const SequenceCoding& coding = data.coding;
  if (coding.outputs() > ConfusionMatrix::kMostClasses)
    throw DataError(fmt::format(
        "{}: found {} classes in the training part, expected at most {}; --target names another column",
        coding.settings.data, grouped(coding.outputs()), grouped(ConfusionMatrix::kMostClasses)));
  const std::vector<std::size_t> counts = class_counts(coding, data.validation);
  if (!data.validation.empty() && std::ranges::all_of(counts, [](std::size_t count) { return count == 0; }))
    throw DataError(
        fmt::format("{}: found no class in the validation part ({}) that is in the training part, too; "
                    "another --split, or one without validation such as 0.9,0,0.1, goes on",
                    coding.settings.data, counted(data.validation.size(), "example", "examples")));
}

/// What can be tuned of the model that training has brought is written into its file.
void tune(const SequenceData& data, const RunFolder& folder, ThreadPool& pool) {
  SequenceModel model = load_sequence_model(folder.model(), data.coding.settings.job);
  if (!model.coding.settings.keywords.empty())
    model.tuned.keyword_threshold = find_keyword_threshold(model, data, pool);
  if (model.is_transducer()) model.tuned.symbol_bonus = find_symbol_bonus(model, data, pool);
  const auto save = [&](const auto& net) {
    save_sequence_model(folder.model(), model.coding, net, model.provenance, model.tuned);
  };
  std::visit(save, model.net);
}

/// Trains from the start, or from a checkpoint.
template <class Net>
TrainingResult train(const SequenceData& data, Net network, const std::vector<std::string>& plan,
                     const RunFolder& folder, ThreadPool& pool, RunSink* sink,
                     const Checkpoint<float>* from) {
  const TrainingSettings& settings = data.coding.settings.training;
  const LossPointer<float> loss = sequence_loss(data);
  const SequenceBatches training(data.coding, data.train, settings.batch, true),
      validation(data.coding, data.validation, settings.batch, false);
  if (sink != nullptr) {
    sink->on_plan(plan);
    sink->on_left_out(left_out_lines(data));
  }
  const Metadata provenance = provenance_of(data);
  const auto save = [&](std::span<const float> weights) {
    const auto fill = [&](const ParameterTable&, std::span<float> values) {
      std::ranges::copy(weights, values.begin());
    };
    const auto best = Net::filled(network.spec(), network.inputs(), {.backward = false}, fill);
    save_sequence_model(folder.model(), data.coding, best, provenance);
  };
  const TrainingResult result =
      train_run({network, *loss, training, data.validation.empty() ? nullptr : &validation, save}, settings,
                folder, pool, sink, from);
  const SequenceSettings& own = data.coding.settings;
  const bool tunable = !own.keywords.empty() || own.method == TranscribeMethod::transducer;
  if (tunable && result.best_epoch > 0) tune(data, folder, pool);  // before, there is no model
  return result;
}

/// Before the first update. Returns what is told of it.
template <class Net>
std::vector<std::string> begin(SequenceData& data, Net& network, const RunFolder& folder) {
  std::vector<std::string> plan = plan_lines(data, network.weights().size());
  SequenceSettings& settings = data.coding.settings;
  if (!settings.pretrained) return plan;
  const std::string file = model_file(*settings.pretrained);
  std::error_code none;  // there may be no run yet
  if (std::filesystem::equivalent(file, folder.model(), none))
    throw SettingError(
        fmt::format("pretrained: {} is what this run would replace; train into another folder", shown(file)));
  hold_to(file, settings.pretrained_checksum);
  const std::size_t taken = begin_with(network, data.coding, file);
  plan.push_back(fmt::format("pretrained: {} of {} parameters begin as in {}", grouped(taken),
                             grouped(network.weights().size()), shown(*settings.pretrained)));
  return plan;
}

/// Calls train with the network, or transducer, of the settings, once the data is such that it can learn it.
template <class Train>
TrainingResult with_network(SequenceData& data, Train&& train) {
  const SequenceSettings& settings = data.coding.settings;
  if (settings.method == TranscribeMethod::transducer) return train(build_sequence_transducer(data.coding));
  Network<float> network = build_sequence_network(data.coding);
  for (const std::string& keyword : settings.keywords) keyword_outputs(data.coding, keyword);
  if (settings.job == SequenceJob::transcribe)
    leave_out_unreachable(data, [&](std::size_t steps) { return network.output_length(steps); });
  else
    check_classes(data);
  return train(std::move(network));
}

std::string settings_text(const SequenceSettings& settings) {
  return as_own_task(settings, [](const auto& own) { return to_toml(own); });
}

}  // namespace

LossPointer<float> sequence_loss(const SequenceData& data) {
  const SequenceCoding& coding = data.coding;
  if (coding.settings.method == TranscribeMethod::transducer)
    return std::make_unique<TransducerLoss<float>>(coding.outputs());
  if (coding.settings.job == SequenceJob::transcribe) return std::make_unique<Ctc<float>>(coding.outputs());
  const bool balanced = coding.settings.class_weights == ClassWeights::balanced;
  return std::make_unique<CrossEntropy<float>>(coding.outputs(), coding.settings.label_smoothing,
                                               balanced ? balanced_weights(data) : std::vector<double>());
}

SequenceSettings read_sequence_settings(SequenceJob job, const std::string& path) {
  SequenceSettings wanted;
  wanted.job = job;
  return as_own_task(wanted,
                     [&](auto own) -> SequenceSettings { return read_settings<decltype(own)>(path); });
}

TrainingResult train_sequences(const SequenceSettings& settings, const RunFolder& folder, ThreadPool& pool,
                               RunSink* sink) {
  SequenceData data = prepare_sequences(settings, pool);
  return with_network(data, [&](auto network) {  // refuses before anything is written
    const std::vector<std::string> plan = begin(data, network, folder);
    begin_run(folder, settings_text(data.coding.settings));
    return train(data, std::move(network), plan, folder, pool, sink, nullptr);
  });
}

TrainingResult resume_sequences(SequenceJob job, const RunFolder& folder, ThreadPool& pool, RunSink* sink) {
  folder.require();
  const SequenceSettings settings = read_sequence_settings(job, folder.settings());
  require_data(settings.data, folder.settings(), RunFolder::kNewPath);
  SequenceData data = prepare_sequences(settings, pool);
  return with_network(data, [&](auto network) {
    const std::optional<Checkpoint<float>> checkpoint = continue_run(folder);
    const auto plan = checkpoint ? plan_lines(data, network.weights().size()) : begin(data, network, folder);
    return train(data, std::move(network), plan, folder, pool, sink, checkpoint ? &*checkpoint : nullptr);
  });
}

}  // namespace carousel
