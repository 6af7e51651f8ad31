#include "tasks/sequence_source.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <new>

#include "base/counted.h"
#include "base/fnv1a.h"
#include "data/cells.h"
#include "data/vocabulary.h"

namespace carousel {
namespace {

constexpr std::size_t kLookedAtOnce = 64;  // examples read side by side

/// Over texts with a zero byte behind each, and over numbers, 32 bits at a time.
struct Fingerprint {
  Fnv1a hash;
  void add(std::string_view text) {
    hash.add(text);
    hash.add(0);
  }
  void add(const std::vector<float>& values) {
    for (const float value : values) hash.add(std::bit_cast<std::uint32_t>(value));
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

/// Does the text have a symbol that stands for unknown ones?
bool has_unknown(const std::string& text, const SequenceCheck& check) {
  if (text.find(Vocabulary::kUnknownSymbol) == std::string::npos) return false;
  if (check.job != SequenceJob::transcribe) return text == Vocabulary::kUnknownSymbol;
  const std::vector<std::string> symbols = symbols_of(text, check.unit);
  return std::ranges::find(symbols, Vocabulary::kUnknownSymbol) != symbols.end();
}

/// What is wrong with an example's targets; "" if nothing.
std::string wrong_targets(const Examples& examples, std::size_t index, std::size_t steps,
                          const SequenceCheck& check) {
  const std::vector<std::uint32_t>& targets = examples.list()[index].targets;
  if (targets.empty()) return "found nothing that says what it is";
  const bool of_steps = check.job == SequenceJob::label;
  if (of_steps && targets.size() != steps)
    return fmt::format("found {} for {}, expected one a step", counted(targets.size(), "label", "labels"),
                       counted(steps, "step", "steps"));
  const auto other = std::ranges::find_if(targets, [&](std::uint32_t t) { return t != targets.front(); });
  if (!of_steps && other != targets.end())
    return fmt::format("found '{}' and '{}', expected the same at all of its steps",
                       shown(examples.words()[targets.front()]), shown(examples.words()[*other]));
  for (const std::uint32_t target : targets) {
    const std::string& word = examples.words()[target];
    if (word.empty() && check.job != SequenceJob::transcribe) return "found an empty label, expected a text";
    if (has_unknown(word, check))
      return "found the sign U+FFFD for what it is, which stands for what could not be read";
  }
  return "";
}

/// The number that most of the good examples have; of two, that of the first.
std::size_t commonest_width(const std::vector<std::size_t>& widths, const std::vector<std::string>& reasons) {
  std::map<std::size_t, std::size_t> counts;
  for (std::size_t i = 0; i < widths.size(); ++i)
    if (reasons[i].empty()) ++counts[widths[i]];
  std::size_t commonest = 0, most = 0;
  for (std::size_t i = 0; i < widths.size(); ++i)
    if (reasons[i].empty() && counts[widths[i]] > most) commonest = widths[i], most = counts[widths[i]];
  return commonest;
}

}  // namespace

SequenceSource::SequenceSource(std::unique_ptr<Examples> examples, const SequenceCheck& check,
                               const BadExamples& bad, ThreadPool& pool)
    : examples_(std::move(examples)),
      cache_(*examples_),
      steps_(examples_->list().size()),
      widths_(steps_.size()),
      prints_(steps_.size()),
      reasons_(steps_.size()),
      bad_(bad) {
  const auto take = [&](std::size_t i) {
    if (!reasons_[i].empty()) bad_.add({examples_->list()[i].name, reasons_[i]});
  };
  const std::size_t n = steps_.size();
  for (std::size_t begin = 0; begin < n; begin += kLookedAtOnce) {
    const std::size_t end = std::min(begin + kLookedAtOnce, n);
    pool.run(end - begin, [&](std::size_t k) { reasons_[begin + k] = look_at(begin + k, check); });
    for (std::size_t i = begin; i < end && !bad.skipped; ++i) take(i);  // reads no more in vain
  }
  width_ = check.width > 0 ? check.width : commonest_width(widths_, reasons_);
  for (std::size_t i = 0; i < n; ++i) {
    if (reasons_[i].empty() && widths_[i] != width_)
      reasons_[i] =
          fmt::format("found steps of {}, expected {} as {}", counted(widths_[i], "value", "values"), width_,
                      check.width > 0 ? "the model was trained on" : "most examples have");
    take(i);
    if (reasons_[i].empty()) good_.push_back(i);
  }
}

/// Why it is bad; "" if it is not.
std::string SequenceSource::look_at(std::size_t index, const SequenceCheck& check) {
  try {
    const auto features = cache_.get(index);
    steps_[index] = features->steps;
    widths_[index] = features->width;
    Fingerprint print;
    print.add(features->values);
    prints_[index] = print.hash.value();
    std::string reason = wrong_value(*features, !examples_->symbols().empty());
    if (reason.empty() && check.targets) reason = wrong_targets(*examples_, index, features->steps, check);
    return reason;
  } catch (const Error& error) {
    return without_name(examples_->list()[index].name, error.what());
  } catch (const std::bad_alloc&) {
    return "there is not enough memory for it";
  }
}

void SequenceSource::refuse_bad() const {
  if (bad().empty()) return;
  const std::string good = size() == 0 ? ""
                                       : fmt::format("; {} of {} are good and have been answered",
                                                     grouped(size()), grouped(size() + bad().size()));
  throw DataError(fmt::format("{}: {}{}", shown(bad().front().name, 200), bad().front().reason, good));
}

std::string SequenceSource::checksum() const {
  Fingerprint print;
  for (std::size_t i = 0; i < size(); ++i) {
    print.add(example(i).name);
    print.add(fmt::format("{} {} {}", steps(i), static_cast<int>(example(i).part), prints_[good_[i]]));
    for (const std::uint32_t target : example(i).targets) print.add(examples_->words()[target]);
  }
  return print.hash.text();
}

std::string joined_checksum(const SequenceSource& one, const SequenceSource& other) {
  Fingerprint both;
  both.add(one.checksum());
  both.add(other.checksum());
  return both.hash.text();
}

}  // namespace carousel
