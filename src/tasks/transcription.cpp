#include "tasks/transcription.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/cells.h"
#include "model/ctc_beam_search.h"
#include "model/ctc_labelling.h"
#include "model/keyword_spotter.h"
#include "tasks/sequence_outputs.h"
#include "tasks/setting_checks.h"
#include "tasks/text_symbol_model.h"

namespace carousel {
namespace {

/// The rows of a sequence, which lie apart in a batch, one behind the other.
Tensor<float> rows_of(const Sequences<float>& y, std::size_t b) {
  Tensor<float> rows({y.layout().length(b), y.features()});
  for (std::size_t t = 0; t < y.layout().length(b); ++t) std::ranges::copy(y.at(b, t), rows.matrix().row(t));
  return rows;
}

/// From steps that come out to steps that go in.
struct Stretch {
  std::size_t in, out;
  std::size_t operator()(std::size_t step) const { return out == 0 ? 0 : std::min(in, step * in / out); }
};

}  // namespace

std::size_t standard_width(const SequenceCoding& coding) noexcept {
  return coding.settings.method == TranscribeMethod::transducer ? 8 : 16;
}

ReadingSearch reading_search(const SequenceModel& model, const ReadingSearchOptions& options) {
  ReadingSearch search{options.width, options.symbol_bonus.value_or(model.tuned.symbol_bonus),
                       options.symbol_bonus.has_value()};
  check_number("symbol_bonus", search.symbol_bonus, -kMostSymbolBonus, kMostSymbolBonus);
  if (search.width)
    check_count("beam", *search.width, 1,
                model.is_transducer() ? TransducerSearchOptions::kMaxWidth : CtcSearchOptions::kMaxWidth);
  if (options.language.empty()) return search;
  if (model.is_transducer())
    throw SettingError(
        "language: a transducer reads what it has written by itself; use a model of method ctc, or leave it "
        "out");
  check_number("language_weight", options.language_weight, 0, CtcSearchOptions::kMaxWeight);
  search.language = load_symbol_model(options.language, model.coding);
  search.language_weight = options.language_weight;
  return search;
}

Reading read_out(const SequenceCoding& coding, const Sequences<float>& y, std::size_t b, std::size_t steps,
                 const ReadingSearch& search) {
  const std::size_t width = search.width.value_or(standard_width(coding));
  const Tensor<float> rows = rows_of(y, b);
  if (std::ranges::any_of(rows.span(), [](float p) { return std::isnan(p); }))
    throw NoNumbers("the network puts out what is no number");
  const View<const float> p = rows.matrix();
  std::vector<TimedSymbol> symbols;
  Reading reading;
  if (width <= 1 && search.symbol_bonus == 0 && search.language == nullptr) {
    CtcLabelling labelling = greedy_ctc(p, coding.blank());
    reading.log_probability = labelling.log_probability;
    symbols = std::move(labelling.symbols);
  } else if (auto found = ctc_beam_search(p, coding.blank(),
                                          {.width = width,
                                           .language_weight = search.language_weight,
                                           .symbol_bonus = search.symbol_bonus},
                                          search.language.get());
             !found.empty()) {
    reading.log_probability = found.front().log_probability;
    symbols = std::move(found.front().symbols);
  }
  const Stretch stretch{steps, y.layout().length(b)};
  for (const TimedSymbol& one : symbols)
    reading.symbols.push_back(
        {coding.targets.symbol(one.symbol + 1), one.symbol, stretch(one.begin), stretch(one.end)});
  return reading;
}

namespace {

/// Of each source of a batch.
std::vector<Reading> read_by_transducer(const SequenceModel& model, const Sequences<float>& x,
                                        const ReadingSearch& search, ThreadPool& pool) {
  std::vector<Reading> readings;
  const auto found = model.transducer().search(
      pool, x,
      {.width = search.width.value_or(standard_width(model.coding)), .symbol_bonus = search.symbol_bonus});
  for (std::size_t b = 0; b < found.size(); ++b) {
    const TransducerHypothesis& best = found[b].front();
    const std::size_t steps = x.layout().length(b);
    const Stretch stretch{steps, model.transducer().output_length(steps)};
    Reading& reading = readings.emplace_back();
    reading.log_probability = best.log_probability;
    for (std::size_t i = 0; i < best.symbols.size(); ++i)
      reading.symbols.push_back({model.coding.targets.symbol(best.symbols[i] + 1), best.symbols[i],
                                 stretch(best.steps[i]), stretch(best.steps[i] + 1)});
  }
  return readings;
}

}  // namespace

void for_each_reading(const SequenceModel& model, const SequencePart& part, const ReadingSearch& search,
                      ThreadPool& pool, const std::function<void(RowReading&)>& take) {
  const SequenceBatches batches(model.coding, part, model.coding.settings.training.batch, false);
  if (!model.is_transducer()) {
    for_each_output(model, part, pool, [&](const SequenceRow& row, const Sequences<float>& y, std::size_t b) {
      const std::size_t steps = batches.steps(row);
      RowReading one{row, steps, read_out(model.coding, y, b, steps, search), &y, b};
      take(one);
    });
    return;
  }
  for (std::size_t index = 0; index < batches.batches(0); ++index) {
    std::vector<Reading> readings = read_by_transducer(model, batches.get(0, index).x, search, pool);
    const std::vector<SequenceRow> rows = batches.rows(0, index);
    for (std::size_t b = 0; b < rows.size(); ++b) {
      RowReading one{rows[b], batches.steps(rows[b]), std::move(readings[b])};
      take(one);
    }
  }
}

Reading read_steps(const SequenceModel& model, const Sequences<float>& x, const ReadingSearch& search,
                   ThreadPool& pool) {
  if (model.is_transducer()) return read_by_transducer(model, x, search, pool).front();
  return read_out(model.coding, outputs_of(model, x, pool), 0, x.layout().length(0), search);
}

std::vector<std::string> symbols_of(const SequenceCoding& coding, const SequencePart& part,
                                    const SequenceRow& row) {
  std::vector<std::string> symbols;
  for (const std::size_t i : row) {
    const Example& example = part[i].example();
    const std::vector<std::string> some =
        symbols_of(part[i].source->examples().words()[example.targets.front()], coding.settings.unit);
    symbols.insert(symbols.end(), some.begin(), some.end());
  }
  return symbols;
}

std::vector<std::string> symbols_of(const Reading& reading) {
  std::vector<std::string> symbols;
  for (const ReadSymbol& one : reading.symbols) symbols.push_back(one.symbol);
  return symbols;
}

std::string text_of(const Reading& reading, const SequenceCoding& coding) {
  return text_of(symbols_of(reading), coding.settings.unit);
}

std::vector<std::size_t> keyword_outputs(const SequenceCoding& coding, const std::string& keyword) {
  std::vector<std::size_t> outputs;
  for (const std::string& symbol : symbols_of(keyword, coding.settings.unit)) {
    const std::size_t number = coding.targets.number(symbol);
    if (number == Vocabulary::kUnknown)
      throw SettingError(fmt::format("keywords: '{}' has '{}', which no text of the training part has",
                                     shown(keyword), shown(symbol)));
    outputs.push_back(number - 1);
  }
  return outputs;
}

std::vector<FoundKeyword> find_keywords(const SequenceCoding& coding,
                                        const std::vector<std::string>& keywords, const Sequences<float>& y,
                                        std::size_t b, std::size_t steps, double threshold) {
  const Tensor<float> rows = rows_of(y, b);
  const Stretch stretch{steps, y.layout().length(b)};
  std::vector<FoundKeyword> found;
  for (std::size_t k = 0; k < keywords.size(); ++k) {
    const std::vector<std::size_t> symbols = keyword_outputs(coding, keywords[k]);
    for (const KeywordWindow& window :
         spot_keyword(View<const float>(rows.matrix()), coding.blank(), symbols, threshold))
      found.push_back({k, stretch(window.begin), stretch(window.end), window.score});
  }
  std::ranges::stable_sort(found, std::ranges::greater(), &FoundKeyword::score);
  return found;
}

}  // namespace carousel
