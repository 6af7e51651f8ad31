#include "tasks/translate_evaluation.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "losses/cross_entropy.h"
#include "tasks/bleu.h"
#include "tasks/data_file.h"
#include "tasks/edit_distance.h"
#include "tasks/nearest_line.h"
#include "tasks/run_folder.h"
#include "tasks/settings_file.h"
#include "training/batch_runner.h"

namespace carousel {
namespace {

using Symbols = std::vector<std::string>;

constexpr std::size_t kTogether = 128;  // sources that are searched for at a time
constexpr std::size_t kShown = 12;      // answers of each kind that are kept
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
/// Values of the nearest baseline's tables: some ten seconds.
constexpr std::uint64_t kNearestBudget = 10'000'000'000;

/// Counts answers against their references.
class Judge {
 public:
  explicit Judge(LineUnit unit) : words_(judged_unit(unit) == LineUnit::word) {}

  /// Whether it is one of them.
  bool add(const Symbols& answer, const TranslateExample& example) {
    EditCounts fewest;
    for (std::size_t i = 0; i < example.targets.size(); ++i) {
      const EditCounts edits = count_edits(example.targets[i], answer);
      if (i == 0 || edits.distance() < fewest.distance()) fewest = edits;
    }
    errors_.add(fewest);
    if (words_) bleu_.add(answer, example.targets);
    return fewest.distance() == 0;
  }
  TranslateScore score(std::string name) const {
    return {std::move(name), errors_.sequence_rate(), errors_.rate(), words_ ? bleu_.score() : kNan};
  }

 private:
  bool words_;
  ErrorRate errors_;
  BleuCounts bleu_;
};

TranslateData read_own(TranslateCoding coding, const std::string& run) {
  // Of a run folder the paths in run.toml count, where files may have moved to.
  const RunFolder folder{run};
  if (folder.exists()) {
    const auto settings = read_settings<TranslateSettings>(folder.settings());
    coding.settings.data = settings.data;
    coding.settings.target_file = settings.target_file;
  }
  require_pairs(coding.settings, run);
  return read_own_pairs(coding);
}

/// Nothing where it gives no finite number.
std::optional<double> loss_of(const TranslateModel& model, const SymbolPairs& pairs, ThreadPool& pool) {
  const CrossEntropy<float> loss(model.coding.targets.size() + 1);
  try {
    return evaluate_loss<float>(model.network, loss, PairBatches::validation(pairs, kTogether), pool).mean();
  } catch (const TrainingError&) {
    return std::nullopt;
  }
}

/// As references have them.
Symbols judged_symbols(const Translation& answer, LineUnit unit) {
  return unit == LineUnit::piece ? line_symbols(line_text(answer.symbols, unit), unit) : answer.symbols;
}

/// A source as the encoder reads it.
Symbols read_symbols(const TranslateCoding& coding, const Symbols& source) {
  if (!coding.sources.byte_pairs()) return source;
  Symbols symbols;
  for (const std::size_t number : coding.sources.numbers(source))
    symbols.push_back(coding.sources.symbol(number));
  return symbols;
}

void judge_model(const TranslateModel& model, std::span<const TranslateExample> examples, ThreadPool& pool,
                 TranslateEvaluation& out) {
  Judge judge(out.target_unit);
  for (std::size_t begin = 0; begin < examples.size(); begin += kTogether) {
    const auto some = examples.subspan(begin, std::min(kTogether, examples.size() - begin));
    std::vector<Symbols> sources;
    for (const TranslateExample& example : some) sources.push_back(example.source);
    auto answers = translate(model, sources, model.coding.settings.beam, 1, pool);
    for (std::size_t i = 0; i < some.size(); ++i) {
      Translation& answer = answers[i].front();
      auto& kept = judge.add(judged_symbols(answer, out.target_unit), some[i]) ? out.right : out.wrong;
      if (kept.size() < kShown)
        kept.push_back({some[i], read_symbols(model.coding, sources[i]), std::move(answer)});
    }
  }
  out.model = judge.score("model");
}

/// The same answer function for every source.
template <class Answer>
TranslateScore judge_answers(std::string name, LineUnit unit, std::span<const TranslateExample> examples,
                             const Answer& answer) {
  Judge judge(unit);
  for (const TranslateExample& example : examples) judge.add(answer(example), example);
  return judge.score(std::move(name));
}

/// Of equally frequent ones the smallest.
Symbols most_frequent_target(std::span<const TranslateExample> training) {
  std::map<Symbols, std::size_t> counts;
  for (const TranslateExample& example : training)
    for (const Symbols& target : example.targets) ++counts[target];
  return std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })->first;
}

/// Sources alone, so that they can be searched.
SymbolPairs sources_of(std::span<const TranslateExample> examples, const TranslateCoding& coding) {
  std::vector<TranslateExample> copies;
  for (const TranslateExample& example : examples) copies.push_back({example.source, {{}}});
  return numbered(copies, coding);
}

std::optional<TranslateScore> judge_nearest(std::span<const TranslateExample> training,
                                            std::span<const TranslateExample> examples,
                                            const TranslateCoding& coding) {
  const SymbolPairs known = sources_of(training, coding), asked = sources_of(examples, coding);
  const NearestLine nearest(known.sources);
  std::uint64_t budget = kNearestBudget;
  Judge judge(coding.settings.target_unit);
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const std::optional<std::size_t> found = nearest.find(asked.sources[i], budget);
    if (!found) return std::nullopt;
    judge.add(training[*found].targets.front(), examples[i]);
  }
  return judge.score("nearest");
}

void judge_baselines(const TranslateCoding& coding, std::span<const TranslateExample> training,
                     std::span<const TranslateExample> examples, TranslateEvaluation& out) {
  const TranslateSettings& s = coding.settings;
  const Symbols frequent = most_frequent_target(training);
  out.baselines.push_back(
      judge_answers("copy", s.target_unit, examples, [&](const TranslateExample& example) {
        return line_symbols(line_text(example.source, s.source_unit), s.target_unit);
      }));
  out.baselines.push_back(judge_answers("most frequent", s.target_unit, examples,
                                        [&](const TranslateExample&) { return frequent; }));
  if (auto nearest = judge_nearest(training, examples, coding)) out.baselines.push_back(std::move(*nearest));
}

std::size_t count_unknown(const TranslateCoding& coding, std::span<const TranslateExample> examples) {
  std::size_t unknown = 0;
  for (const TranslateExample& example : examples)
    unknown += static_cast<std::size_t>(
        std::ranges::count(coding.sources.numbers(example.source), Vocabulary::kUnknown));
  return unknown;
}

}  // namespace

LineUnit judged_unit(LineUnit target_unit) noexcept {
  return target_unit == LineUnit::piece ? LineUnit::word : target_unit;
}

TranslateEvaluation evaluate_translate(const std::string& run, const std::optional<std::string>& data,
                                       ThreadPool& pool, const BadExamples& bad) {
  const TranslateModel model = load_translator(run);
  const TranslateCoding& coding = model.coding;
  TranslateEvaluation out;
  const auto own = own_data(data.has_value(), out.no_baselines, [&] { return read_own(coding, run); });
  BadExampleList left_out(bad);
  const std::vector<TranslateExample> others =
      data ? read_other_pairs(coding, *data, left_out) : std::vector<TranslateExample>();
  const std::span<const TranslateExample> examples = data ? std::span(others) : own->part(own->parts.test);
  out.data = data ? *data : own->coding.settings.data;
  out.test_part = !data;
  out.left_out = data ? left_out.list() : own->bad;
  out.source_unit = coding.settings.source_unit;
  out.target_unit = coding.settings.target_unit;
  if (examples.empty())
    throw DataError(fmt::format("{}: found no pairs to judge on, expected at least one{}", out.data,
                                first_left_out(out.left_out)));
  const SymbolPairs pairs = numbered(examples, coding);
  out.sources = examples.size();
  out.pairs = pairs.size();
  out.unknown = count_unknown(coding, examples);
  const std::optional<double> loss = loss_of(model, pairs, pool);
  out.loss = loss.value_or(kNan);
  out.diverged = !loss;
  if (out.diverged) {
    out.model = {"model", kNan, kNan, kNan};
  } else {
    judge_model(model, examples, pool, out);
  }
  if (own) judge_baselines(coding, own->part(own->parts.train), examples, out);
  out.beats_baselines = own && std::ranges::all_of(out.baselines, [&](const TranslateScore& baseline) {
                          return out.model.symbol_error_rate < baseline.symbol_error_rate;
                        });
  return out;
}

}  // namespace carousel
