#include "tasks/language_evaluation.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/compensated_sum.h"
#include "base/file.h"
#include "kernels/reductions.h"
#include "tasks/data_file.h"
#include "tasks/ngram.h"
#include "tasks/run_folder.h"
#include "tasks/settings_file.h"
#include "tasks/text_batches.h"
#include "tasks/text_generator.h"

namespace carousel {
namespace {

constexpr std::uint64_t kMaxTextBytes = std::uint64_t{1} << 34;
constexpr std::size_t kChunk = 256;
constexpr std::size_t kMostCounted = 5'000'000;  // symbols that the baselines learn from
constexpr std::size_t kExcerpt = 120, kSample = 600;
constexpr double kSampleTemperature = 0.8;

LanguageScore score_of(std::string name, double nats, std::size_t symbols, std::size_t characters) {
  const double per_character = nats * static_cast<double>(symbols) / static_cast<double>(characters);
  return {std::move(name), nats, per_character, per_character / std::numbers::ln2, std::exp(nats)};
}

/// The model's own score and accuracy.
void judge(const LanguageModel& model, std::span<const std::size_t> symbols, std::size_t characters,
           ThreadPool& pool, LanguageEvaluation& out) {
  const TextBatches batches(symbols, TextBatches::judged(symbols.size()), kChunk, false, 0);
  const Network<float>& network = model.network;
  const std::size_t K = network.outputs();
  const auto trace = network.make_trace();
  const Pass pass{.pool = &pool};
  Tensor<float> state;
  Sequences<float> y;
  CompensatedSum nats;
  std::size_t right = 0, count = 0;
  for (std::size_t index = 0; index < batches.batches(0); ++index) {
    const Batch<float> batch = batches.get(0, index);
    if (index == 0) state = network.start(batch.x.layout().batch());
    network.forward(pass, batch.x, state.matrix(), y, *trace);
    kernels::log_softmax(y.values().data(), y.values().data(), y.rows(), K, K);
    for (std::size_t row = 0; row < y.rows(); ++row) {
      const std::span<const float> p = std::as_const(y).matrix().row_span(row);
      const auto target = static_cast<std::size_t>(batch.targets.matrix()(row, 0));
      nats.add(-static_cast<double>(p[target]));
      right += static_cast<std::size_t>(std::ranges::max_element(p) - p.begin()) == target;
    }
    count += y.rows();
  }
  out.symbols = count;
  out.model = score_of("model", nats.value() / static_cast<double>(count), count, characters);
  out.accuracy = static_cast<double>(right) / static_cast<double>(count);
  out.diverged = !std::isfinite(out.model.nats);
}

/// Orders of the baselines that are worth it.
std::vector<std::pair<std::string, std::size_t>> baseline_orders(TextUnit unit) {
  const std::size_t longest = unit == TextUnit::character ? 5 : 3;
  return {{"frequencies", 1}, {"pairs", 2}, {fmt::format("runs of {}", longest), longest}};
}

void judge_baselines(const LanguageCoding& coding, std::span<const std::size_t> training,
                     std::span<const std::size_t> symbols, std::size_t characters, LanguageEvaluation& out) {
  const std::size_t known = std::min(training.size(), kMostCounted);
  for (const auto& [name, order] : baseline_orders(text_unit(coding.settings))) {
    const NGram counts(training.last(known), coding.vocabulary.size(), order);
    CompensatedSum nats;
    for (std::size_t at = 1; at < symbols.size(); ++at) nats.add(counts.loss(symbols.first(at + 1)));
    const std::size_t count = symbols.size() - 1;
    out.baselines.push_back(score_of(name, nats.value() / static_cast<double>(count), count, characters));
  }
  out.beats_baselines = std::ranges::all_of(
      out.baselines, [&](const LanguageScore& baseline) { return out.model.nats < baseline.nats; });
}

/// What the model makes of the first symbols, and what goes on in it.
void read_excerpt(const LanguageModel& model, std::span<const std::size_t> symbols, ThreadPool& pool,
                  LanguageEvaluation& out) {
  const auto shown = symbols.first(std::min(symbols.size(), kExcerpt));
  const Network<float>& network = model.network;
  Sequences<float> x({shown.size()}, 1), y;
  for (std::size_t t = 0; t < shown.size(); ++t) x.at(0, t)[0] = static_cast<float>(shown[t]);
  const auto trace = network.make_trace();
  Tensor<float> state = network.start(1);
  network.forward({.pool = &pool, .record = true}, x, state.matrix(), y, *trace);
  const std::size_t K = network.outputs();
  kernels::log_softmax(y.values().data(), y.values().data(), y.rows(), K, K);
  for (std::size_t t = 0; t < shown.size(); ++t) {
    out.excerpt.push_back(valid_text(model.coding.vocabulary.symbol(shown[t]), "", InvalidText::replace));
    out.losses.push_back(t == 0 ? std::nan("") : -static_cast<double>(y.at(0, t - 1)[shown[t]]));
  }
  for (const Recording<float>& recording : network.recordings(*trace)) {
    if (recording.layout->length(0) != shown.size()) continue;
    const std::size_t dot = recording.name.rfind('.');
    LanguageRecording one{
        recording.name.substr(0, dot), recording.name.substr(dot + 1), recording.values.columns(), {}};
    one.values.resize(one.rows * shown.size());
    for (std::size_t t = 0; t < shown.size(); ++t)
      for (std::size_t row = 0; row < one.rows; ++row)
        one.values[row * shown.size() + t] = recording.values(recording.layout->row(0, t), row);
    out.recordings.push_back(std::move(one));
  }
}

void write_sample(const LanguageModel& model, LanguageEvaluation& out) {
  TextGenerator generator(model);
  CharacterStream characters;
  for (std::size_t bytes = 0; bytes < kSample;) {
    const std::string& symbol =
        model.coding.vocabulary.symbol(generator.next({.temperature = kSampleTemperature}));
    bytes += symbol.size();
    out.sample += characters.add(symbol);
  }
  out.sample += characters.end();
}

}  // namespace

LanguageEvaluation evaluate_generate(const std::string& run, const std::optional<std::string>& data,
                                     ThreadPool& pool) {
  const LanguageModel model = load_language_model(run);
  const LanguageCoding& coding = model.coding;
  LanguageEvaluation out;
  out.data = data.value_or(coding.settings.data);
  out.test_part = !data;
  out.unit = *coding.settings.unit;
  const auto own = own_data(data.has_value(), out.no_baselines, [&] {
    require_data(coding.settings.data, run, RunFolder::kNewPath);
    return read_own_text(coding);
  });
  const std::string text =
      data ? valid_text(read_file(*data, kMaxTextBytes), *data, coding.settings.invalid) : "";
  const std::vector<std::size_t> other = coding.numbers(text, out.data);
  const std::span<const std::size_t> symbols = data ? std::span(other) : own->part(own->parts.test);
  if (symbols.size() < 2)
    throw DataError(fmt::format("{}: found {} to judge on, expected at least 2", out.data,
                                counted(symbols.size(), out.unit)));
  const std::size_t characters = data ? coding.characters_told(text) : own->characters;
  out.unknown = static_cast<std::size_t>(std::ranges::count(symbols, Vocabulary::kUnknown));
  judge(model, symbols, characters, pool, out);
  if (own) judge_baselines(coding, own->part(own->parts.train), symbols, characters, out);
  read_excerpt(model, symbols, pool, out);
  if (!out.diverged) write_sample(model, out);
  return out;
}

}  // namespace carousel
