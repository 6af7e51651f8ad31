#include "tasks/sequence_data.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <exception>
#include <numeric>
#include <set>

#include "base/compensated_sum.h"
#include "base/counted.h"
#include "base/random.h"
#include "data/cells.h"
#include "tasks/data_file.h"
#include "tasks/setting_checks.h"

namespace carousel {
namespace {

constexpr std::uint64_t kPartStream = 0x70617274;  // of random numbers
constexpr std::size_t kLookedAtOnce = 64;          // examples read side by side
constexpr std::size_t kEpochs = 50, kMostExamples = 32, kMostBatchSteps = 20'000;  // of a batch

/// FNV-1a, 64 bits, over texts with a zero byte behind each, and over numbers, 32 bits at a time.
struct Fingerprint {
  std::uint64_t hash = 0xcbf29ce484222325;
  void add(std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash *= 0x100000001b3;
  }
  void add(const std::vector<float>& values) {
    for (const float value : values) hash = (hash ^ std::bit_cast<std::uint32_t>(value)) * 0x100000001b3;
  }
};

std::string wrong_value(const Features& features, bool symbols) {
  if (features.steps == 0 || features.width == 0) return "found no steps, expected at least one";
  if (symbols) return "";
  const auto bad = std::ranges::find_if(features.values, [](float v) { return !std::isfinite(v); });
  if (bad == features.values.end()) return "";
  const auto place = static_cast<std::size_t>(bad - features.values.begin());
  return fmt::format("step {}, value {}: found {}, expected a finite number", place / features.width + 1,
                     place % features.width + 1, *bad);
}

/// What is wrong with an example's targets; "" if nothing.
std::string wrong_targets(const Examples& examples, std::size_t index, std::size_t steps, SequenceJob job) {
  const std::vector<std::uint32_t>& targets = examples.list()[index].targets;
  if (targets.empty()) return "found nothing that says what it is";
  const bool of_steps = job == SequenceJob::label;
  if (of_steps && targets.size() != steps)
    return fmt::format("found {} for {}, expected one a step", counted(targets.size(), "label", "labels"),
                       counted(steps, "step", "steps"));
  const auto other = std::ranges::find_if(targets, [&](std::uint32_t t) { return t != targets.front(); });
  if (!of_steps && other != targets.end())
    return fmt::format("found '{}' and '{}', expected the same at all of its steps",
                       shown(examples.words()[targets.front()]), shown(examples.words()[*other]));
  if (job != SequenceJob::transcribe)
    for (const std::uint32_t target : targets)
      if (examples.words()[target].empty()) return "found an empty label, expected a text";
  return "";
}

}  // namespace

SequenceSource::SequenceSource(std::unique_ptr<Examples> examples, bool skip_bad, SequenceJob job,
                               bool targets, ThreadPool& pool)
    : examples_(std::move(examples)),
      cache_(*examples_),
      steps_(examples_->list().size()),
      prints_(examples_->list().size()) {
  const std::size_t n = steps_.size();
  std::vector<std::size_t> widths(n);
  std::vector<std::string> reasons(n);
  for (std::size_t begin = 0; begin < n; begin += kLookedAtOnce) {
    const std::size_t count = std::min(kLookedAtOnce, n - begin);
    pool.run(count, [&](std::size_t k) {
      const std::size_t i = begin + k;
      try {
        const auto features = cache_.get(i);
        steps_[i] = features->steps;
        widths[i] = features->width;
        Fingerprint print;
        print.add(features->values);
        prints_[i] = print.hash;
        reasons[i] = wrong_value(*features, !examples_->symbols().empty());
        if (reasons[i].empty() && targets) reasons[i] = wrong_targets(*examples_, i, steps_[i], job);
      } catch (const Error& error) {
        reasons[i] = error.what();
      } catch (const std::bad_alloc&) {
        reasons[i] = "there is not enough memory for it";
      }
    });
    for (std::size_t i = begin; i < begin + count; ++i) {
      if (reasons[i].empty() && width_ == 0) width_ = widths[i];
      if (reasons[i].empty() && widths[i] != width_)
        reasons[i] =
            fmt::format("found steps of {} values, expected {} as in those before", widths[i], width_);
      if (reasons[i].empty()) {
        good_.push_back(i);
        continue;
      }
      const std::string& name = examples_->list()[i].name;
      if (!skip_bad)
        throw DataError(
            fmt::format("{}: {}; --skip-bad goes on without such examples", shown(name, 200), reasons[i]));
      bad_.push_back({name, reasons[i]});
    }
  }
}

std::string SequenceSource::checksum() const {
  Fingerprint print;
  for (std::size_t i = 0; i < size(); ++i) {
    print.add(example(i).name);
    print.add(fmt::format("{} {} {}", steps(i), static_cast<int>(example(i).part), prints_[good_[i]]));
    for (const std::uint32_t target : example(i).targets) print.add(examples_->words()[target]);
  }
  return fmt::format("fnv1a64:{:016x}", print.hash);
}

namespace {

SequencePart all_of(const SequenceSource& source) {
  SequencePart part;
  for (std::size_t i = 0; i < source.size(); ++i) part.push_back({&source, i});
  return part;
}

/// Shares of examples, drawn by chance whatever the seed of training is; counts, in order.
void split(SequenceData& data, SequencePart all, const SplitRule& rule) {
  if (std::holds_alternative<SplitFractions>(rule)) Random(0, kPartStream).shuffle(all);
  const Split parts = split_rows(all.size(), rule);
  const auto take = [&](const Range& range, SequencePart& to) {
    to.assign(all.begin() + static_cast<std::ptrdiff_t>(range.begin),
              all.begin() + static_cast<std::ptrdiff_t>(range.end));
    std::ranges::sort(to, {}, &SequencePlace::index);
  };
  take(parts.train, data.train);
  take(parts.validation, data.validation);
  take(parts.test, data.test);
}

/// Takes the validation's share out of the training part.
void draw_validation(SequenceData& data, const SplitRule& rule) {
  const auto* shares = std::get_if<SplitFractions>(&rule);
  if (shares == nullptr || shares->validation == 0) return;
  const double share = shares->validation / (shares->train + shares->validation);
  SequenceData parts;
  split(parts, std::move(data.train), SplitFractions{1 - share, share, 0});
  data.train = std::move(parts.train);
  data.validation = std::move(parts.validation);
}

void make_parts(SequenceData& data) {
  const SequenceSettings& settings = data.coding.settings;
  SequencePart all = all_of(*data.source);
  const bool named =
      std::ranges::any_of(all, [](const SequencePlace& p) { return p.example().part != ExamplePart::any; });
  if (!named && data.test_source == nullptr) return split(data, std::move(all), settings.split);
  for (const SequencePlace& place : all) {
    const ExamplePart part = place.example().part;
    (part == ExamplePart::test         ? data.test
     : part == ExamplePart::validation ? data.validation
                                       : data.train)
        .push_back(place);
  }
  if (data.test_source != nullptr) data.test = all_of(*data.test_source);
  if (data.validation.empty()) draw_validation(data, settings.split);
}

void check_parts(const SequenceData& data) {
  if (data.train.empty())
    throw DataError(
        fmt::format("{}: found no example to train on, expected at least one; name other data, or "
                    "another split",
                    data.coding.settings.data));
  if (data.test_source != nullptr && data.test_source->features() != data.source->features())
    throw DataError(fmt::format("{}: found steps of {} values, expected {} as in {}",
                                *data.coding.settings.test, data.test_source->features(),
                                data.source->features(), data.coding.settings.data));
}

SequenceData open(const SequenceSettings& settings, ThreadPool& pool) {
  SequenceData data;
  data.coding.settings = settings;
  if (settings.format == ExampleFormat::automatic)
    data.coding.settings.format = find_example_format(settings.data, settings.example_options());
  if (data.coding.settings.format == ExampleFormat::pen) data.coding.settings.pen = true;
  const ExampleOptions options = data.coding.settings.example_options();
  const auto read = [&](const std::string& path) {
    return std::make_unique<SequenceSource>(open_examples(path, options), settings.skip_bad, settings.job,
                                            true, pool);
  };
  data.source = read(settings.data);
  if (settings.test) data.test_source = read(*settings.test);
  if (!settings.target && !data.source->examples().target().empty())
    data.coding.settings.target = data.source->examples().target();
  data.coding.features = data.source->features();
  data.coding.step_seconds = data.source->examples().step_seconds();
  std::string checksum = data.source->checksum();
  if (data.test_source != nullptr) {
    Fingerprint both;
    both.add(checksum);
    both.add(data.test_source->checksum());
    checksum = fmt::format("fnv1a64:{:016x}", both.hash);
  }
  check_checksum(settings.data, settings.checksum, {0, checksum});
  data.coding.settings.checksum = checksum;
  make_parts(data);
  check_parts(data);
  return data;
}

/// Mean and deviation, or the range, of every feature over the training part, one example after the other.
Scalers fit(const SequencePart& train, std::size_t features, Scaling scaling) {
  Scalers scalers(features);
  if (scaling == Scaling::none) return scalers;
  const bool standard = scaling == Scaling::standard;
  std::vector<CompensatedSum> sums(features), squares(features);
  std::vector<double> low(features, INFINITY), high(features, -INFINITY);
  double count = 0;
  const auto each = [&](const auto& take) {
    for (const SequencePlace& place : train) {
      const auto read = place.read();
      for (std::size_t i = 0; i < read->values.size(); ++i)
        take(i % features, static_cast<double>(read->values[i]));
    }
  };
  each([&](std::size_t f, double value) {
    sums[f].add(value);
    low[f] = std::min(low[f], value);
    high[f] = std::max(high[f], value);
  });
  for (const SequencePlace& place : train) count += static_cast<double>(place.steps());
  if (standard)
    each([&](std::size_t f, double value) {
      const double distance = value - sums[f].value() / count;
      squares[f].add(distance * distance);
    });
  for (std::size_t f = 0; f < features; ++f) {
    const double scale = standard ? std::sqrt(squares[f].value() / count) : high[f] - low[f];
    scalers[f] = {standard ? sums[f].value() / count : low[f], scale > 0 ? scale : 1};
  }
  return scalers;
}

/// What steps, or targets, of the training part are made of, in order of their bytes.
Vocabulary words_of(const SequencePart& train, const SequenceSettings& settings, bool of_symbols) {
  const SequenceSource& source = *train.front().source;
  const auto texts = of_symbols ? source.examples().symbols() : source.examples().words();
  std::vector<std::uint8_t> seen(texts.size());
  for (const SequencePlace& place : train) {
    if (of_symbols) {
      for (const float value : place.read()->values) seen[static_cast<std::size_t>(value)] = 1;
    } else {
      for (const std::uint32_t target : place.example().targets) seen[target] = 1;
    }
  }
  const bool cut = !of_symbols && settings.job == SequenceJob::transcribe;
  std::set<std::string> words;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (seen[i] == 0) continue;
    const auto symbols = cut ? symbols_of(texts[i], settings.unit) : std::vector<std::string>{texts[i]};
    words.insert(symbols.begin(), symbols.end());
  }
  return Vocabulary({words.begin(), words.end()});
}

/// Says that there is no test part; the others stay as they are.
void leave_out_test(SplitRule& split) {
  auto* shares = std::get_if<SplitFractions>(&split);
  split =
      SplitFractions{shares != nullptr ? shares->train : 1, shares != nullptr ? shares->validation : 0, 0};
}

void decide_training(SequenceSettings& settings, const SequencePart& train) {
  if (settings.training.epochs == 0) settings.training.epochs = kEpochs;
  if (settings.training.batch > 0) return;
  std::vector<std::size_t> steps;
  for (const SequencePlace& place : train) steps.push_back(place.steps());
  std::ranges::nth_element(steps, steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2));
  const std::size_t joined = std::max<std::size_t>(settings.join.most, 1) * steps[steps.size() / 2];
  settings.training.batch = std::clamp<std::size_t>(kMostBatchSteps / joined, 1, kMostExamples);
}

}  // namespace

/// Of data that is to be predicted from: a table or list like the one learned from, or any file of features,
/// folder or manifest.
static ExampleFormat format_to_predict(ExampleOptions options, const std::string& path) {
  const bool files = options.format == ExampleFormat::manifest || options.format == ExampleFormat::folders;
  const bool table = path.ends_with(".csv") || path.ends_with(".tsv");
  if (path == "-" && options.features.pen) return ExampleFormat::pen;
  if (!files && (table || !is_feature_file(path))) return options.format;
  options.format = ExampleFormat::automatic;
  if (!options.features.pen) options.id.reset();
  return find_example_format(path, options);
}

SequenceData prepare_sequences(const SequenceSettings& settings, ThreadPool& pool) {
  check_settings(settings);
  SequenceData data = open(settings, pool);
  SequenceCoding& coding = data.coding;
  if (data.source->examples().symbols().empty())
    coding.scalers = fit(data.train, coding.features, settings.scaling);
  else
    coding.symbols = words_of(data.train, coding.settings, true);
  coding.targets = words_of(data.train, coding.settings, false);
  if (coding.targets.size() < 3)
    throw DataError(fmt::format("{}: found {} in the training part, expected at least two to tell apart",
                                settings.data, counted(coding.targets.size() - 1, "class", "classes")));
  decide_training(coding.settings, data.train);
  if (data.test.empty() && has_test_part(coding.settings)) leave_out_test(coding.settings.split);
  return data;
}

SequenceData read_own_sequences(const SequenceCoding& coding, ThreadPool& pool) {
  SequenceData data = open(coding.settings, pool);
  data.coding = coding;
  return data;
}

SequenceData read_other_sequences(const SequenceCoding& coding, const std::string& path, bool targets,
                                  ThreadPool& pool) {
  SequenceData data;
  data.coding = coding;
  ExampleOptions options = coding.settings.example_options();
  options.targets = targets;
  if (!targets) options.format = format_to_predict(options, path);
  data.source = std::make_unique<SequenceSource>(open_examples(path, options), coding.settings.skip_bad,
                                                 coding.settings.job, targets, pool);
  data.test = all_of(*data.source);
  if (data.test.empty()) throw DataError(fmt::format("{}: found no examples", path));
  if (data.source->features() != coding.features ||
      data.source->examples().symbols().empty() == coding.of_symbols())
    throw DataError(fmt::format("{}: found steps of {}, expected {}, as the model was trained on", path,
                                counted(data.source->features(), "value", "values"), coding.features));
  return data;
}

SequenceInputs::SequenceInputs(const SequenceCoding& coding, const Examples& examples) : coding_(coding) {
  for (const std::string& symbol : examples.symbols())
    symbols_.push_back(static_cast<float>(coding.symbols.number(symbol)));
}

void SequenceInputs::write(const Features& features, std::size_t t, std::span<float> x) const {
  const std::span<const float> step = features.step(t);
  if (coding_.of_symbols()) {
    x[0] = symbols_[static_cast<std::size_t>(step[0])];
    return;
  }
  for (std::size_t f = 0; f < step.size(); ++f)
    x[f] = static_cast<float>(coding_.scalers[f].apply(static_cast<double>(step[f])));
}

SequenceTargets::SequenceTargets(const SequenceCoding& coding, const Examples& examples)
    : texts_(coding.settings.job == SequenceJob::transcribe) {
  for (const std::string& word : examples.words()) {
    numbers_.emplace_back();
    for (const std::string& symbol :
         texts_ ? symbols_of(word, coding.settings.unit) : std::vector<std::string>{word})
      numbers_.back().push_back(static_cast<std::int64_t>(coding.targets.number(symbol)) - 1);
  }
}

std::vector<std::int64_t> SequenceTargets::of(const Example& example) const {
  if (texts_)
    return example.targets.empty() ? std::vector<std::int64_t>() : numbers_[example.targets.front()];
  std::vector<std::int64_t> numbers;
  for (const std::uint32_t target : example.targets) numbers.push_back(numbers_[target].front());
  return numbers;
}

}  // namespace carousel
