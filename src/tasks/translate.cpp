#include "tasks/translate.h"

#include <carousel/version.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/counted.h"
#include "losses/cross_entropy.h"
#include "tasks/data_file.h"
#include "tasks/settings_file.h"

namespace carousel {
namespace {

constexpr std::size_t kValidated = 128;  // pairs of a batch

Metadata provenance_of(const TranslateData& data, std::size_t pairs) {
  const TranslateSettings& settings = data.coding.settings;
  std::error_code error;
  Metadata metadata{{"provenance.data", std::filesystem::path(settings.data).filename().string()},
                    {"provenance.bytes", fmt::format("{}", std::filesystem::file_size(settings.data, error))},
                    {"provenance.checksum", settings.checksum.value_or("")},
                    {"provenance.pairs", fmt::format("{}", pairs)},
                    {"provenance.seed", fmt::format("{}", settings.training.seed)},
                    {"provenance.version", kVersion}};
  if (settings.target_file) {
    metadata["provenance.target_file"] = std::filesystem::path(*settings.target_file).filename().string();
    metadata["provenance.target_checksum"] = settings.target_checksum.value_or("");
  }
  return metadata;
}

std::size_t count_pairs(std::span<const TranslateExample> examples) {
  std::size_t pairs = 0;
  for (const TranslateExample& example : examples) pairs += example.targets.size();
  return pairs;
}

std::vector<std::string> plan_lines(const TranslateData& data, const EncoderDecoder<float>& network) {
  const TranslateSettings& s = data.coding.settings;
  return {fmt::format("pairs: {}, {} of {}; {} different {}s to {} different {}s", s.data,
                      counted(count_pairs(data.examples), "pair", "pairs"),
                      counted(data.examples.size(), "source", "sources"), grouped(data.coding.sources.size()),
                      name(s.source_unit), grouped(data.coding.targets.size()), name(s.target_unit)),
          fmt::format("network: {}; {}", data.coding.spec(),
                      counted(network.weights().size(), "parameter", "parameters")),
          fmt::format("parts: {} sources to train on, {} to validate, {} to test",
                      grouped(data.parts.train.size()), grouped(data.parts.validation.size()),
                      grouped(data.parts.test.size()))};
}

/// Trains from the start, or from a checkpoint.
TrainingResult train(const TranslateData& data, EncoderDecoder<float> network, const RunFolder& folder,
                     ThreadPool& pool, RunSink* sink, const Checkpoint<float>* from) {
  const TrainingSettings& settings = data.coding.settings.training;
  const CrossEntropy<float> loss(data.coding.targets.size() + 1);
  const SymbolPairs pairs = numbered(data.part(data.parts.train), data.coding),
                    judged = numbered(data.part(data.parts.validation), data.coding);
  const PairBatches training = PairBatches::training(pairs, settings.batch, settings.seed),
                    validation = PairBatches::validation(judged, kValidated);
  if (sink != nullptr) {
    sink->on_plan(plan_lines(data, network));
    sink->on_left_out(left_out_lines(data.bad));
  }
  const Metadata provenance = provenance_of(data, count_pairs(data.examples));
  const auto save = [&](std::span<const float> weights) {
    const auto fill = [&](const ParameterTable&, std::span<float> values) {
      std::ranges::copy(weights, values.begin());
    };
    const auto best =
        EncoderDecoder<float>::filled(network.spec(), network.inputs(), {.backward = false}, fill);
    save_translator(folder.model(), data.coding, best, provenance);
  };
  const BatchSource<float>* const judge = judged.size() == 0 ? nullptr : &validation;
  return train_run({network, loss, training, judge, save, data.coding.settings.sampling}, settings, folder,
                   pool, sink, from);
}

}  // namespace

TrainingResult train_translate(const TranslateSettings& settings, const RunFolder& folder, ThreadPool& pool,
                               RunSink* sink) {
  const TranslateData data = prepare_translate_data(settings);
  EncoderDecoder<float> network = build_translator(data.coding);  // refuses before anything is written
  begin_run(folder, to_toml(data.coding.settings));
  return train(data, std::move(network), folder, pool, sink, nullptr);
}

TrainingResult resume_translate(const RunFolder& folder, ThreadPool& pool, RunSink* sink) {
  folder.require();
  const auto settings = read_settings<TranslateSettings>(folder.settings());
  require_pairs(settings, folder.settings());
  const TranslateData data = prepare_translate_data(settings);
  EncoderDecoder<float> network = build_translator(data.coding);
  const std::optional<Checkpoint<float>> checkpoint = continue_run(folder);
  return train(data, std::move(network), folder, pool, sink, checkpoint ? &*checkpoint : nullptr);
}

void require_pairs(const TranslateSettings& settings, const std::string& named_in) {
  require_data(settings.data, named_in, RunFolder::kNewPath);
  if (settings.target_file)
    require_data(*settings.target_file, named_in, "write its new path into run.toml ([data] target_file)");
}

}  // namespace carousel
