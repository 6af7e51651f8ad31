#include "model/keyword_spotter.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "model/log_add.h"

namespace carousel {
namespace {

/// Windows without a frame in common.
class Chosen {
 public:
  bool add(const KeywordWindow& window) {
    const auto after = ends_.lower_bound(window.begin);  // the first that begins no earlier
    if (after != ends_.end() && after->first < window.end) return false;
    if (after != ends_.begin() && std::prev(after)->second > window.begin) return false;
    ends_.emplace(window.begin, window.end);
    return true;
  }

 private:
  std::map<std::size_t, std::size_t> ends_;  // by begin
};

/// Of windows that overlap the better one is told; of equally good ones the longer.
bool preferred(const KeywordWindow& a, const KeywordWindow& b) noexcept {
  return a.score > b.score || (a.score == b.score && a.end - a.begin > b.end - b.begin);
}

bool heard(const KeywordWindow& window, double threshold) noexcept {
  return window.score > kImpossible && window.score >= threshold;
}

}  // namespace

KeywordSpotter::KeywordSpotter(std::size_t outputs, std::size_t blank, std::vector<std::size_t> keyword)
    : outputs_(outputs), blank_(blank), keyword_(std::move(keyword)) {
  check_blank(outputs, blank);
  if (keyword_.empty()) throw Error("[keyword] expected at least one symbol, got none");
  for (const std::size_t symbol : keyword_)
    if (symbol >= outputs || symbol == blank)
      throw Error(fmt::format("[keyword] expected symbols among {} outputs but the blank {}, got {}", outputs,
                              blank, symbol));
  ways_.resize(2 * keyword_.size() - 1, {kImpossible, 0, 0});
}

template <class T>
KeywordWindow KeywordSpotter::read(std::span<const T> log_probabilities) {
  check_frame(log_probabilities, outputs_, frames_);
  const auto filler = static_cast<double>(*std::ranges::max_element(log_probabilities));
  for (std::size_t s = ways_.size(); s-- > 0;) {
    const bool said = s % 2 == 0;
    Way way = ways_[s];
    const auto offer = [&way](const Way& other) {
      if (better(other, way)) way = other;
    };
    if (s == 0 && !(way.sum >= 0)) way = {0, frames_, 0};
    if (s >= 1) offer(ways_[s - 1]);
    if (s >= 2 && said && keyword_[s / 2] != keyword_[s / 2 - 1]) offer(ways_[s - 2]);
    const std::size_t output = said ? keyword_[s / 2] : blank_;
    const auto p = static_cast<double>(log_probabilities[output]);
    way.sum = p == kImpossible ? kImpossible : way.sum + (p - filler);
    way.said += said ? 1 : 0;
    ways_[s] = way;
  }
  ++frames_;
  const Way& last = ways_.back();
  if (last.sum == kImpossible) return {frames_ - 1, frames_, kImpossible};
  return {last.begin, frames_, last.sum / static_cast<double>(last.said)};
}

template <class T>
std::optional<KeywordWindow> KeywordStream::read(std::span<const T> log_probabilities) {
  const KeywordWindow window = spotter_.read(log_probabilities);
  const bool counts = heard(window, threshold_) && window.begin >= told_;
  if (open_ && counts && window.begin < open_->end) {
    if (preferred(window, *open_)) open_ = window;
    return std::nullopt;
  }
  const std::optional<KeywordWindow> told = finish();
  if (counts) open_ = window;
  return told;
}

std::optional<KeywordWindow> KeywordStream::finish() noexcept {
  if (open_) told_ = open_->end;
  return std::exchange(open_, std::nullopt);
}

template <class T>
std::vector<KeywordWindow> spot_keyword(View<const T> log_probabilities, std::size_t blank,
                                        std::span<const std::size_t> keyword, double threshold) {
  KeywordSpotter spotter(log_probabilities.columns(), blank, {keyword.begin(), keyword.end()});
  std::vector<KeywordWindow> all, result;
  for (std::size_t t = 0; t < log_probabilities.rows(); ++t) {
    const KeywordWindow window = spotter.read(log_probabilities.row_span(t));
    if (heard(window, threshold)) all.push_back(window);
  }
  std::ranges::stable_sort(all, preferred);
  Chosen chosen;
  for (const KeywordWindow& window : all)
    if (chosen.add(window)) result.push_back(window);
  return result;
}

template KeywordWindow KeywordSpotter::read(std::span<const float>);
template KeywordWindow KeywordSpotter::read(std::span<const double>);
template std::optional<KeywordWindow> KeywordStream::read(std::span<const float>);
template std::optional<KeywordWindow> KeywordStream::read(std::span<const double>);
template std::vector<KeywordWindow> spot_keyword(View<const float>, std::size_t, std::span<const std::size_t>,
                                                 double);
template std::vector<KeywordWindow> spot_keyword(View<const double>, std::size_t,
                                                 std::span<const std::size_t>, double);

}  // namespace carousel
