#include "model/ctc_beam_search.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <unordered_map>

#include "kernels/float_mode.h"
#include "model/log_add.h"

namespace carousel {
namespace {

constexpr std::size_t kMaxWidth = CtcSearchOptions::kMaxWidth;
constexpr double kMaxWeight = CtcSearchOptions::kMaxWeight;
constexpr double kRoundedUp = 1e-3;  // above the logarithm of 1
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// The prefixes that the search has ever gone on with, each once: a tree.
class Prefixes {
 public:
  explicit Prefixes(std::size_t outputs) : outputs_(outputs), nodes_{{kNone, 0, 0}} {}

  std::size_t parent(std::size_t node) const { return nodes_[node].parent; }
  std::size_t symbol(std::size_t node) const { return nodes_[node].symbol; }
  std::size_t length(std::size_t node) const { return nodes_[node].length; }
  std::size_t longer(std::size_t node, std::size_t symbol) {
    const auto [found, is_new] = children_.try_emplace(node * outputs_ + symbol, nodes_.size());
    if (is_new) nodes_.push_back({node, symbol, nodes_[node].length + 1});
    return found->second;
  }
  std::vector<std::size_t> symbols(std::size_t node) const {
    std::vector<std::size_t> result(length(node));
    for (std::size_t i = result.size(); i-- > 0; node = parent(node)) result[i] = symbol(node);
    return result;
  }

 private:
  struct Node {
    std::size_t parent, symbol, length;
  };
  std::size_t outputs_;
  std::vector<Node> nodes_;
  std::unordered_map<std::uint64_t, std::size_t> children_;
};

/// A prefix that goes on, with the log probabilities of its paths that end in a blank, and in its last
/// symbol.
struct Entry {
  std::size_t node;
  double blank, last;
  double bonus;  // what the score has beside the log probability
  SymbolModel::StatePointer state;
  std::vector<double> next;  // of the language model, [outputs]
};

/// An entry after one frame more: the prefix as it is (symbol kNone), or one symbol longer.
struct Candidate {
  std::size_t row, symbol;
  double blank, last, bonus, score;
};

/// The search, frame by frame.
class CtcSearch {
 public:
  CtcSearch(std::size_t outputs, std::size_t blank, const CtcSearchOptions& options,
            const SymbolModel* language)
      : outputs_(outputs),
        blank_(blank),
        options_(options),
        language_(options.language_weight == 0 ? nullptr : language),
        prefixes_(outputs),
        child_with_(outputs, kNone) {
    Entry first{0, 0, kImpossible, 0, {}, {}};
    if (language_) first.state = language_->start();
    look_ahead(first);
    beam_.push_back(std::move(first));
  }

  template <class T>
  void read(std::span<const T> frame) {
    find_children();
    candidates_.clear();
    for (std::size_t row = 0; row < beam_.size(); ++row) offer_kept(frame, row);
    for (std::size_t row = 0; row < beam_.size(); ++row) offer_longer(frame, row);
    choose();
  }

  template <class T>
  std::vector<CtcHypothesis> results(View<const T> log_probabilities) const {
    std::vector<CtcHypothesis> all;
    for (const Entry& entry : beam_) {
      if (all.size() == options_.results) break;
      const double p = log_add(entry.blank, entry.last);
      const std::vector<std::size_t> symbols = prefixes_.symbols(entry.node);
      all.push_back({align_ctc(log_probabilities, blank_, symbols).symbols, p, p + entry.bonus});
    }
    return all;
  }

 private:
  /// For each prefix the rows of those that are one symbol longer and there too.
  void find_children() {
    std::unordered_map<std::size_t, std::size_t> rows;
    for (std::size_t row = 0; row < beam_.size(); ++row) rows[beam_[row].node] = row;
    children_.assign(beam_.size(), {});
    for (std::size_t row = 0; row < beam_.size(); ++row) {
      const auto parent = rows.find(prefixes_.parent(beam_[row].node));
      if (parent != rows.end()) children_[parent->second].push_back(row);
    }
  }

  /// A prefix as it is: the frame is a blank, or the last symbol once more. Candidate `row` is that of row.
  template <class T>
  void offer_kept(std::span<const T> frame, std::size_t row) {
    const Entry& entry = beam_[row];
    const double blank = log_add(entry.blank, entry.last) + static_cast<double>(frame[blank_]);
    double last = kImpossible;
    if (entry.node != 0) last = entry.last + static_cast<double>(frame[prefixes_.symbol(entry.node)]);
    candidates_.push_back({row, kNone, blank, last, entry.bonus, 0});
  }

  /// One symbol longer; what is then a prefix that is there already adds to it.
  template <class T>
  void offer_longer(std::span<const T> frame, std::size_t row) {
    const Entry& entry = beam_[row];
    const double all = log_add(entry.blank, entry.last);
    const std::size_t own = entry.node == 0 ? kNone : prefixes_.symbol(entry.node);
    for (const std::size_t child : children_[row]) child_with_[prefixes_.symbol(beam_[child].node)] = child;
    for (std::size_t k = 0; k < outputs_; ++k) {
      if (k == blank_) continue;
      // The symbol that it ends in is a new one only behind a blank.
      const double p = (k == own ? entry.blank : all) + static_cast<double>(frame[k]);
      if (const std::size_t child = child_with_[k]; child != kNone)
        candidates_[child].last = log_add(candidates_[child].last, p);
      else
        candidates_.push_back({row, k, kImpossible, p, longer_bonus(entry, k), 0});
    }
    for (const std::size_t child : children_[row]) child_with_[prefixes_.symbol(beam_[child].node)] = kNone;
  }

  double longer_bonus(const Entry& entry, std::size_t k) const {
    const double next = language_ ? options_.language_weight * entry.next[k] : 0;
    return entry.bonus + next + options_.symbol_bonus;
  }

  void choose() {
    ranking_.clear();
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      Candidate& one = candidates_[i];
      one.score = log_add(one.blank, one.last) + one.bonus;
      if (one.score > kImpossible) ranking_.push_back(i);
    }
    const auto before = [this](std::size_t a, std::size_t b) {
      const double x = candidates_[a].score, y = candidates_[b].score;
      return x > y || (x == y && a < b);
    };
    if (ranking_.size() > options_.width) {
      const auto last = ranking_.begin() + static_cast<std::ptrdiff_t>(options_.width);
      std::nth_element(ranking_.begin(), last, ranking_.end(), before);
      ranking_.erase(last, ranking_.end());
    }
    std::ranges::sort(ranking_, before);
    next_.clear();
    for (const std::size_t i : ranking_) next_.push_back(entry_of(candidates_[i]));
    beam_.swap(next_);
  }

  Entry entry_of(const Candidate& one) {
    Entry& from = beam_[one.row];
    if (one.symbol == kNone)
      return {from.node, one.blank, one.last, one.bonus, from.state, std::move(from.next)};
    Entry longer{prefixes_.longer(from.node, one.symbol), one.blank, one.last, one.bonus, {}, {}};
    if (language_) longer.state = language_->after(*from.state, one.symbol);
    look_ahead(longer);
    return longer;
  }

  void look_ahead(Entry& entry) const {
    if (!language_) return;
    entry.next.resize(outputs_);
    language_->log_probabilities(*entry.state, entry.next);
    for (std::size_t k = 0; k < outputs_; ++k)
      if (k != blank_ && !(entry.next[k] <= kRoundedUp))
        throw Error(
            fmt::format("[ctc] the language model says {} for symbol {} after {} symbols, expected the "
                        "logarithm of a probability",
                        entry.next[k], k, prefixes_.length(entry.node)));
  }

  std::size_t outputs_, blank_;
  CtcSearchOptions options_;
  const SymbolModel* language_;
  Prefixes prefixes_;
  std::vector<Entry> beam_, next_;  // the best first
  std::vector<std::vector<std::size_t>> children_;
  std::vector<std::size_t> child_with_;  // each symbol
  std::vector<Candidate> candidates_;
  std::vector<std::size_t> ranking_;
};

void check_options(const CtcSearchOptions& options) {
  const auto refuse = [](const char* name, auto least, auto most, auto found) {
    throw SettingError(fmt::format("search: {} is {}, expected from {} to {}", name, found, least, most));
  };
  const double weight = options.language_weight, bonus = options.symbol_bonus;
  if (options.width < 1 || options.width > kMaxWidth) refuse("width", 1, kMaxWidth, options.width);
  if (options.results < 1 || options.results > options.width)
    refuse("results", 1, options.width, options.results);
  if (!(weight >= 0 && weight <= kMaxWeight)) refuse("language_weight", 0, kMaxWeight, weight);
  if (!(std::abs(bonus) <= kMaxWeight)) refuse("symbol_bonus", -kMaxWeight, kMaxWeight, bonus);
}

}  // namespace

template <class T>
std::vector<CtcHypothesis> ctc_beam_search(View<const T> log_probabilities, std::size_t blank,
                                           const CtcSearchOptions& options, const SymbolModel* language) {
  check_options(options);
  const std::size_t outputs = log_probabilities.columns();
  check_blank(outputs, blank);
  const kernels::StandardFloatMode mode;
  CtcSearch search(outputs, blank, options, language);
  for (std::size_t t = 0; t < log_probabilities.rows(); ++t) {
    check_frame(log_probabilities.row_span(t), outputs, t);
    search.read(log_probabilities.row_span(t));
  }
  return search.results(log_probabilities);
}

template std::vector<CtcHypothesis> ctc_beam_search(View<const float>, std::size_t, const CtcSearchOptions&,
                                                    const SymbolModel*);
template std::vector<CtcHypothesis> ctc_beam_search(View<const double>, std::size_t, const CtcSearchOptions&,
                                                    const SymbolModel*);

}  // namespace carousel
