#include "tasks/keyword_threshold.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "tasks/sequence_outputs.h"

namespace carousel {
namespace {

constexpr double kLowestScore = -8;  // of keywords that are looked at

/// How often each keyword stands in a text of symbols, occurrences that overlap counted once.
std::vector<std::size_t> keywords_in(const SequenceCoding& coding, const std::vector<std::string>& symbols) {
  std::vector<std::size_t> all;
  for (std::size_t k = 0; k < coding.settings.keywords.size(); ++k) {
    const std::vector<std::string> wanted = symbols_of(coding.settings.keywords[k], coding.settings.unit);
    for (auto at = symbols.begin();
         (at = std::search(at, symbols.end(), wanted.begin(), wanted.end())) != symbols.end();
         at += static_cast<std::ptrdiff_t>(wanted.size()))
      all.push_back(k);
  }
  return all;
}

double best_threshold(const std::vector<KeywordRow>& rows) {
  std::set<double, std::greater<>> scores{0};
  for (const KeywordRow& row : rows)
    for (const FoundKeyword& one : row.found) scores.insert(one.score);
  double best = 0, best_f1 = -1;
  for (const double score : scores)
    if (const double f1 = count_keywords(rows, score, std::nullopt).f1(); f1 > best_f1)
      best = score, best_f1 = f1;
  // A little below: scores of what was never heard lie as often below as above.
  const auto next = scores.upper_bound(best);
  return next == scores.end() ? best - 1 : (best + *next) / 2;
}

}  // namespace

KeywordRow keyword_row(const SequenceCoding& coding, const std::vector<std::string>& symbols,
                       const Sequences<float>& y, std::size_t b, std::size_t steps) {
  return {keywords_in(coding, symbols),
          find_keywords(coding, coding.settings.keywords, y, b, steps, kLowestScore)};
}

DetectionCounts count_keywords(const std::vector<KeywordRow>& rows, double threshold,
                               std::optional<std::size_t> keyword) {
  DetectionCounts counts;
  for (const KeywordRow& row : rows) {
    std::vector<std::size_t> truth, found;
    for (const std::size_t k : row.truth)
      if (!keyword || k == *keyword) truth.push_back(k);
    for (const FoundKeyword& one : row.found)
      if (one.score >= threshold && (!keyword || one.keyword == *keyword)) found.push_back(one.keyword);
    counts += score_labels(truth, found);
  }
  return counts;
}

std::optional<double> find_keyword_threshold(const SequenceModel& model, const SequenceData& data,
                                             ThreadPool& pool) {
  const SequencePart& part = data.validation.empty() ? data.train : data.validation;
  const SequenceBatches batches(model.coding, part, model.coding.settings.training.batch, false);
  std::vector<KeywordRow> rows;
  bool diverged = false;
  for_each_output(model, part, pool, [&](const SequenceRow& row, const Sequences<float>& y, std::size_t b) {
    diverged = diverged || std::ranges::any_of(y.values(), [](float p) { return std::isnan(p); });
    if (!diverged)
      rows.push_back(
          keyword_row(model.coding, symbols_of(model.coding, part, row), y, b, batches.steps(row)));
  });
  if (diverged || rows.empty()) return std::nullopt;
  return best_threshold(rows);
}

}  // namespace carousel
