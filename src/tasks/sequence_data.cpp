#include "tasks/sequence_data.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "base/compensated_sum.h"
#include "base/counted.h"
#include "base/random.h"
#include "data/cells.h"
#include "data/record_reader.h"
#include "tasks/data_file.h"
#include "tasks/hidden_markov_baseline.h"
#include "tasks/setting_checks.h"

namespace carousel {
namespace {

constexpr std::uint64_t kPartStream = 0x70617274;                                  // of random numbers
constexpr std::size_t kEpochs = 50, kMostExamples = 32, kMostBatchSteps = 20'000;  // of a batch

SequencePart all_of(const SequenceSource& source) {
  SequencePart part;
  for (std::size_t i = 0; i < source.size(); ++i) part.push_back({&source, i});
  return part;
}

/// Shares of examples, drawn by chance whatever the seed of training is; counts, in order.
void split(SequenceData& data, SequencePart all, const SplitRule& rule) {
  if (std::holds_alternative<SplitFractions>(rule)) Random(0, kPartStream).shuffle(all);
  const Split parts = split_rows(all.size(), rule, "examples");
  const auto take = [&](const Range& range, SequencePart& to) {
    to.assign(all.begin() + static_cast<std::ptrdiff_t>(range.begin),
              all.begin() + static_cast<std::ptrdiff_t>(range.end));
    std::ranges::sort(to, {}, &SequencePlace::index);
  };
  take(parts.train, data.train);
  take(parts.validation, data.validation);
  take(parts.test, data.test);
}

/// A part that the data itself says needs no number of examples; one that the rule has for it must be right.
void settle(std::size_t& count, const SequencePart& part, const char* name) {
  if (part.empty()) return;
  if (count != 0 && count != part.size())
    throw SettingError(fmt::format("split: found {} for the {} part, expected 0, or {} as the data has in it",
                                   count, name, part.size()));
  count = 0;
}

/// Cuts the training part into those parts that nobody has named: the validation's share is taken out of it,
/// or numbers of examples in order.
void cut_the_rest(SequenceData& data, SplitRule rule) {
  if (const auto* shares = std::get_if<SplitFractions>(&rule)) {
    if (shares->validation == 0 || !data.validation.empty()) return;
    const double share = shares->validation / (shares->train + shares->validation);
    rule = SplitFractions{1 - share, share, 0};
  }
  const auto settle_both = [&](auto* counts) {
    if (counts == nullptr) return;
    settle(counts->validation, data.validation, "validation");
    settle(counts->test, data.test, "test");
  };
  settle_both(std::get_if<SplitCounts>(&rule));
  settle_both(std::get_if<SplitLast>(&rule));
  SequenceData parts;
  split(parts, std::move(data.train), rule);
  data.train = std::move(parts.train);
  if (data.validation.empty()) data.validation = std::move(parts.validation);
  if (data.test.empty()) data.test = std::move(parts.test);
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
  if (data.test_source != nullptr) {
    if (!data.test.empty())
      throw SettingError(
          fmt::format("test: {} says itself which of its examples are for the test; leave "
                      "--test out, and judge the model on {} by carousel evaluate",
                      settings.data, *settings.test));
    data.test = all_of(*data.test_source);
  }
  cut_the_rest(data, settings.split);
}

void check_parts(const SequenceData& data) {
  if (data.train.empty())
    throw DataError(fmt::format(
        "{}: found no example to train on, expected at least one; name other data, or another split{}",
        data.coding.settings.data, first_left_out(data.source->bad())));
  if (data.test_source != nullptr && data.test_source->features() != data.source->features())
    throw DataError(fmt::format("{}: found steps of {} values, expected {} as in {}",
                                *data.coding.settings.test, data.test_source->features(),
                                data.source->features(), data.coding.settings.data));
}

/// Of the data and, behind it, of the test.
std::vector<ExampleFormat> formats_of(const SequenceSettings& settings) {
  ExampleOptions options = settings.example_options();
  if (options.format == ExampleFormat::automatic)
    options.format = find_example_format(settings.data, options);
  if (options.format == ExampleFormat::pen) options.features.pen = true;
  std::vector<ExampleFormat> formats{options.format};
  if (settings.test) formats.push_back(find_other_format(*settings.test, options));
  return formats;
}

/// Throws SettingError for what was asked of data that there are not.
void refuse_meaningless(const SequenceSettings& s) {
  const SequenceSettings standard;
  const std::vector<ExampleFormat> formats = formats_of(s);
  const auto needs = [&](const char* setting, bool asked, std::initializer_list<ExampleFormat> any,
                         const char* what) {
    if (!asked || std::ranges::find_first_of(formats, any) != formats.end()) return;
    throw SettingError(fmt::format("{}: means nothing to data of format {}, only to {}; leave it out",
                                   setting, name(formats.front()), what));
  };
  using enum ExampleFormat;
  const auto of_sound = [&](const char* setting, bool asked) {
    needs(setting, asked, {manifest, folders}, "sound, in folders or named by a manifest");
  };
  needs("width", s.width != standard.width, {rows}, "CSV with a row for each example");
  needs("pen", s.pen, {ExampleFormat::pen, manifest, folders}, "CSV of what a pen wrote");
  of_sound("audio", s.audio.kind != standard.audio.kind);
  of_sound("rate", s.audio.rate != standard.audio.rate);
  of_sound("channel", s.audio.channel.has_value());
  of_sound("hop", s.audio.hop_ms != standard.audio.hop_ms);
  of_sound("mels", s.audio.mels != standard.audio.mels);
  of_sound("deltas", s.audio.deltas != standard.audio.deltas);
}

/// Throws DataError where steps are of another kind than those that a model learns, or has learned, from.
void check_steps(const Examples& examples, bool symbols, const std::string& path) {
  if (examples.symbols().empty() != symbols) return;
  throw DataError(fmt::format("{}: found steps of {}, expected {}, as the model is trained on", path,
                              symbols ? "numbers" : "symbols", symbols ? "symbols" : "numbers"));
}

/// The names that columns of other data have to have: in rows one a number of all steps, else one a feature.
std::vector<std::string> columns_for(ExampleFormat other, const SequenceCoding& coding) {
  const bool of_rows = coding.settings.format == ExampleFormat::rows;
  return of_rows == (other == ExampleFormat::rows) ? coding.columns : std::vector<std::string>();
}

/// columns: that the data have to have, see FeatureOptions.
SequenceData open(const SequenceSettings& settings, const std::optional<std::vector<std::string>>& columns,
                  const BadExamples& bad, ThreadPool& pool) {
  SequenceData data;
  data.coding.settings = settings;
  const std::vector<ExampleFormat> formats = formats_of(settings);
  data.coding.settings.format = formats.front();
  if (data.coding.settings.format == ExampleFormat::pen) data.coding.settings.pen = true;
  const auto examples = [&](const std::string& path, ExampleFormat format,
                            std::optional<std::vector<std::string>> names) {
    ExampleOptions options = data.coding.settings.example_options();
    options.format = format;
    options.features.columns = std::move(names);
    return open_examples(path, options);
  };
  const auto look_through = [&](std::unique_ptr<Examples> all) {
    return std::make_unique<SequenceSource>(std::move(all), SequenceCheck{settings.job, settings.unit}, bad,
                                            pool);
  };
  data.source = look_through(examples(settings.data, formats.front(), columns));
  const auto found = data.source->examples().columns();
  data.coding.columns = columns.value_or(std::vector<std::string>(found.begin(), found.end()));
  if (!settings.target && !data.source->examples().target().empty())
    data.coding.settings.target = data.source->examples().target();
  if (settings.test) {
    auto test = examples(*settings.test, formats.back(), columns_for(formats.back(), data.coding));
    check_steps(*test, !data.source->examples().symbols().empty(), *settings.test);
    data.test_source = look_through(std::move(test));
  }
  data.coding.features = data.source->features();
  data.coding.step_seconds = data.source->examples().step_seconds();
  const std::string checksum = data.test_source == nullptr ? data.source->checksum()
                                                           : joined_checksum(*data.source, *data.test_source);
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

/// Says that there is a test part of so many examples where the rule counts them and has none, for the data
/// itself says which they are.
void tell_test(SplitRule& split, std::size_t examples) {
  if (auto* counts = std::get_if<SplitCounts>(&split)) counts->test = examples;
  if (auto* last = std::get_if<SplitLast>(&split)) last->test = examples;
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

std::vector<BadExample> SequenceData::bad() const {
  std::vector<BadExample> all;
  for (const SequenceSource* one : {source.get(), test_source.get()})
    if (one != nullptr) all.insert(all.end(), one->bad().begin(), one->bad().end());
  return all;
}

SequenceData prepare_sequences(const SequenceSettings& settings, ThreadPool& pool) {
  check_settings(settings);
  refuse_meaningless(settings);
  SequenceData data = open(settings, {}, skip_bad(settings.skip_bad), pool);
  SequenceCoding& coding = data.coding;
  if (data.source->examples().symbols().empty())
    coding.scalers = fit(data.train, coding.features, settings.scaling);
  else
    coding.symbols = words_of(data.train, coding.settings, true);
  coding.targets = words_of(data.train, coding.settings, false);
  if (coding.targets.size() < 3)
    throw DataError(fmt::format("{}: found {} in the training part, expected at least two to tell apart",
                                settings.data, counted(coding.targets.size() - 1, "class", "classes")));
  check_hidden_markov(coding);
  decide_training(coding.settings, data.train);
  if (data.test.empty() && has_test_part(coding.settings)) leave_out_test(coding.settings.split);
  if (!data.test.empty() && !has_test_part(coding.settings))
    tell_test(coding.settings.split, data.test.size());
  return data;
}

SequenceData read_own_sequences(const SequenceCoding& coding, ThreadPool& pool) {
  SequenceData data = open(coding.settings, coding.columns, {coding.settings.skip_bad}, pool);
  data.coding = coding;
  return data;
}

SequenceData read_other_sequences(const SequenceCoding& coding, const std::string& path, bool targets,
                                  const BadExamples& bad, ThreadPool& pool) {
  SequenceData data;
  data.coding = coding;
  ExampleOptions options = coding.settings.example_options();
  options.targets = targets;
  options.format = find_other_format(path, options);
  options.features.columns = columns_for(options.format, coding);
  std::unique_ptr<Examples> examples = open_examples(path, options);
  if (examples->list().empty()) throw DataError(fmt::format("{}: found no examples", source_name(path)));
  check_steps(*examples, coding.of_symbols(), source_name(path));
  const SequenceSettings& settings = coding.settings;
  data.source = std::make_unique<SequenceSource>(
      std::move(examples), SequenceCheck{settings.job, settings.unit, targets, coding.features}, bad, pool);
  data.test = all_of(*data.source);
  if (data.test.empty()) data.source->refuse_bad();
  return data;
}

SequenceInputs::SequenceInputs(const SequenceCoding& coding, const SequencePart& part) : coding_(coding) {
  for (const SequencePlace& place : part) {
    const auto [own, is_new] = symbols_.try_emplace(place.source);
    if (!is_new) continue;
    for (const std::string& symbol : place.source->examples().symbols())
      own->second.push_back(static_cast<float>(coding.symbols.number(symbol)));
  }
}

void SequenceInputs::write(const SequencePlace& place, const Features& features, std::size_t t,
                           std::span<float> x) const {
  const std::span<const float> step = features.step(t);
  if (coding_.of_symbols()) {
    x[0] = symbols_.at(place.source)[static_cast<std::size_t>(step[0])];
    return;
  }
  for (std::size_t f = 0; f < step.size(); ++f)
    x[f] = static_cast<float>(coding_.scalers[f].apply(static_cast<double>(step[f])));
}

SequenceTargets::SequenceTargets(const SequenceCoding& coding, const SequencePart& part)
    : texts_(coding.settings.job == SequenceJob::transcribe) {
  for (const SequencePlace& place : part) {
    const auto [own, is_new] = numbers_.try_emplace(place.source);
    if (!is_new) continue;
    for (const std::string& word : place.source->examples().words()) {
      std::vector<std::int64_t>& numbers = own->second.emplace_back();
      for (const std::string& symbol :
           texts_ ? symbols_of(word, coding.settings.unit) : std::vector<std::string>{word})
        numbers.push_back(static_cast<std::int64_t>(coding.targets.number(symbol)) - 1);
    }
  }
}

std::vector<std::int64_t> SequenceTargets::of(const SequencePlace& place) const {
  const std::vector<std::uint32_t>& targets = place.example().targets;
  const Words& words = numbers_.at(place.source);
  if (texts_) return targets.empty() ? std::vector<std::int64_t>() : words[targets.front()];
  std::vector<std::int64_t> numbers;
  for (const std::uint32_t target : targets) numbers.push_back(words[target].front());
  return numbers;
}

}  // namespace carousel
