#include "tasks/transcribe_evaluation.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tasks/data_file.h"
#include "tasks/keyword_threshold.h"
#include "tasks/run_folder.h"

namespace carousel {
namespace {

constexpr std::size_t kPictures = 4, kPictureSteps = 1000;

std::vector<std::string> words_in(const std::string& text) { return symbols_of(text, SymbolUnit::word); }

std::string name_of(const SequencePart& part, const SequenceRow& row) {
  std::string name = part[row.front()].example().name;
  if (row.size() > 1) name += fmt::format(" and {} more", row.size() - 1);
  return name;
}

void add(TranscribeScore& score, const SequenceCoding& coding, const std::vector<std::string>& truth,
         const std::vector<std::string>& read) {
  score.labels.add(count_edits(truth, read));
  score.words.add(count_edits(words_in(text_of(truth, coding.settings.unit)),
                              words_in(text_of(read, coding.settings.unit))));
}

TranscriptPicture picture_of(const SequenceCoding& coding, const SequencePart& part, const RowReading& one,
                             Transcript text) {
  TranscriptPicture picture;
  picture.transcript = std::move(text);
  picture.features = coding.features;
  picture.steps = one.steps;
  std::vector<float> x(coding.features);
  const SequenceInputs inputs(coding, part);
  for (const std::size_t i : one.row) {
    const auto features = part[i].read();
    for (std::size_t t = 0; t < features->steps; ++t) {
      inputs.write(part[i], *features, t, x);
      picture.x.insert(picture.x.end(), x.begin(), x.end());
    }
  }
  if (one.y == nullptr) return picture;
  picture.frames = one.y->layout().length(one.b);
  std::set<std::size_t> shown;
  for (const ReadSymbol& symbol : picture.transcript.symbols) shown.insert(symbol.number);
  const auto add_output = [&](std::size_t k, const std::string& name) {
    picture.names.push_back(name);
    std::vector<double>& curve = picture.outputs.emplace_back();
    for (std::size_t t = 0; t < picture.frames; ++t)
      curve.push_back(std::exp(static_cast<double>(one.y->at(one.b, t)[k])));
  };
  for (const std::size_t k : shown) add_output(k, coding.targets.symbol(k + 1));
  add_output(coding.blank(), "blank");
  return picture;
}

class Judge {
 public:
  Judge(const SequenceModel& model, const SequencePart& part, TranscribeEvaluation& out)
      : model_(model), part_(part), out_(out) {}

  void run(const ReadingSearch& search, ThreadPool& pool) {
    try {
      for_each_reading(model_, part_, search, pool, [&](RowReading& one) { judge(one); });
    } catch (const NoNumbers&) {
      out_.diverged = true;
    }
    out_.sequences = out_.transcripts.size();
  }
  const std::vector<KeywordRow>& keyword_rows() const noexcept { return rows_; }

 private:
  void judge(RowReading& one) {
    const SequenceCoding& coding = model_.coding;
    const std::vector<std::string> truth = symbols_of(coding, part_, one.row);
    const std::vector<std::string> read = symbols_of(one.reading);
    add(out_.model, coding, truth, read);
    Transcript text{name_of(part_, one.row), text_of(truth, coding.settings.unit),
                    text_of(one.reading, coding), std::move(one.reading.symbols), count_edits(truth, read)};
    if (one.steps <= kPictureSteps && !truth.empty() && !coding.of_symbols()) {
      out_.pictures.push_back(picture_of(coding, part_, one, text));
      if (out_.pictures.size() > kPictures) out_.pictures.erase(out_.pictures.begin());  // the longest stay
    }
    out_.transcripts.push_back(std::move(text));
    if (coding.settings.keywords.empty()) return;
    rows_.push_back(keyword_row(coding, truth, *one.y, one.b, one.steps));
  }

  const SequenceModel& model_;
  const SequencePart& part_;
  TranscribeEvaluation& out_;
  std::vector<KeywordRow> rows_;
};

/// What can be said without listening: nothing, or the commonest symbol as often as texts are long.
void judge_baselines(const SequenceCoding& trained, const SequencePart& train, const SequenceCoding& coding,
                     const SequencePart& test, TranscribeEvaluation& out) {
  std::map<std::string, std::size_t> counts;
  std::size_t symbols = 0, rows = 0;
  const SequenceBatches training(trained, train, 1, false), judged(coding, test, 1, false);
  for (std::size_t i = 0; i < training.batches(0); ++i) {
    for (const std::string& symbol : symbols_of(trained, train, training.rows(0, i).front()))
      ++counts[symbol], ++symbols;
    ++rows;
  }
  const auto common = std::ranges::max_element(counts, {}, [](const auto& c) { return c.second; });
  const std::vector<std::string> constant(
      static_cast<std::size_t>(std::lround(static_cast<double>(symbols) / static_cast<double>(rows))),
      common->first);
  TranscribeScore commonest{"commonest symbol", {}, {}}, nothing{"nothing", {}, {}};
  for (std::size_t i = 0; i < judged.batches(0); ++i) {
    const std::vector<std::string> truth = symbols_of(coding, test, judged.rows(0, i).front());
    add(commonest, coding, truth, constant);
    add(nothing, coding, truth, {});
  }
  out.baselines = {commonest, nothing};
  out.beats_baselines =
      !out.diverged && std::ranges::all_of(out.baselines, [&](const TranscribeScore& baseline) {
        return out.model.labels.rate() < baseline.labels.rate();
      });
}

void judge_keywords(const SequenceModel& model, const std::optional<SequenceData>& own, const Judge& test,
                    ThreadPool& pool, TranscribeEvaluation& out) {
  const std::vector<std::string>& keywords = model.coding.settings.keywords;
  if (keywords.empty()) return;
  // Models of before it was kept with them have none.
  std::optional<double> threshold = model.tuned.keyword_threshold;
  if (!threshold && own) threshold = find_keyword_threshold(model, *own, pool);
  if (!threshold) return;
  out.threshold = *threshold;
  for (std::size_t k = 0; k < keywords.size(); ++k)
    out.keywords.push_back({keywords[k], count_keywords(test.keyword_rows(), out.threshold, k)});
}

}  // namespace

TranscribeEvaluation evaluate_transcribe(const std::string& run, const std::optional<std::string>& data,
                                         ThreadPool& pool, const ReadingSearchOptions& options,
                                         const BadExamples& bad) {
  SequenceModel model = load_sequence_model(run, SequenceJob::transcribe);
  const ReadingSearch search = reading_search(model, options);
  TranscribeEvaluation out;
  const auto own = own_data(data.has_value(), out.no_baselines, [&] {
    require_data(model.coding.settings.data, run, RunFolder::kNewPath);
    return read_own_sequences(model.coding, pool);
  });
  const SequenceCoding trained = model.coding;
  if (data) model.coding.settings.join = {};  // other data are judged as they are
  const SequenceData other =
      data ? read_other_sequences(model.coding, *data, true, bad, pool) : SequenceData();
  const SequenceData& judged = data ? other : *own;
  out.data = data.value_or(model.coding.settings.test.value_or(model.coding.settings.data));
  out.test_part = !data;
  out.step_seconds = model.coding.step_seconds;
  out.model.name = "model";
  if (judged.test.empty())
    throw DataError(fmt::format("{}: found no examples in the test part, expected at least one", out.data));
  out.left_out = judged.bad();
  Judge judge(model, judged.test, out);
  judge.run(search, pool);
  if (own) judge_baselines(trained, own->train, model.coding, judged.test, out);
  if (!out.diverged) judge_keywords(model, own, judge, pool, out);
  return out;
}

}  // namespace carousel
