#include "model/transducer_search.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/reductions.h"
#include "model/log_add.h"
#include "model/no_numbers.h"
#include "model/ranking.h"

namespace carousel {

namespace {

constexpr std::size_t kMaxAStep = 65536;

void check_options(const TransducerSearchOptions& options) {
  const auto check = [](const char* name, std::size_t most, std::size_t found) {
    if (found < 1 || found > most)
      throw SettingError(fmt::format("search: {} is {}, expected from 1 to {}", name, found, most));
  };
  check("width", TransducerSearchOptions::kMaxWidth, options.width);
  check("max_a_step", kMaxAStep, options.max_a_step);
  if (!std::isfinite(options.symbol_bonus))
    throw SettingError(
        fmt::format("search: symbol_bonus is {}, expected a finite number", options.symbol_bonus));
}

/// The search for one source.
template <class T>
class SourceSearch {
 public:
  SourceSearch(const TransducerParts<T>& parts, std::span<const T> start,
               const TransducerSearchOptions& options)
      : parts_(parts), options_(options) {
    Live first;
    first.state.assign(start.begin(), start.end());
    live_.push_back(std::move(first));
    read_symbols({parts.symbols()});
    ended_.swap(live_);
  }

  /// One step of the memory, W m + b [J]. False if a probability is no number.
  bool step(std::span<const T> source, std::size_t t) {
    live_.swap(ended_);
    ended_.clear();
    for (std::size_t put_out = 0; !live_.empty(); ++put_out) {
      if (!judge(source)) return false;
      for (std::size_t row = 0; row < live_.size(); ++row) end(row);
      std::ranges::stable_sort(ended_, std::ranges::greater(), &Live::score);
      ranking_.clear(options_.width);
      if (put_out < options_.max_a_step) offer_symbols();
      go_on(t);
    }
    return true;
  }

  std::vector<TransducerHypothesis> transcripts() const {
    std::vector<TransducerHypothesis> result;
    for (const Live& h : ended_) {
      const double bonus = options_.symbol_bonus * static_cast<double>(h.symbols.size());
      result.push_back({h.symbols, h.steps, h.score - bonus, h.score});
    }
    return result;
  }

 private:
  struct Live {
    std::vector<std::size_t> symbols, steps;
    double score = 0;
    AlignedVector<T> state, prediction;  // of the prediction network; V g
    double likeliest = 0;                // of the paths that became one
  };

  /// Log probabilities of what comes next, a row for each that is live.
  bool judge(std::span<const T> source) {
    const std::size_t rows = live_.size(), width = parts_.joint.width();
    predictions_.resize({rows, width});
    hidden_.resize({rows, width});
    next_.resize({rows, parts_.joint.outputs()});
    for (std::size_t row = 0; row < rows; ++row)
      std::ranges::copy(live_[row].prediction, predictions_.matrix().row(row));
    parts_.joint.put_out(source, std::as_const(predictions_).matrix(), next_.matrix(), hidden_.data());
    const std::size_t outputs = parts_.joint.outputs();
    kernels::log_softmax(next_.data(), next_.data(), rows, outputs, outputs);
    return std::ranges::all_of(next_.span(), [](T p) { return p == p; });
  }
  /// The score with this symbol, before its bonus.
  double score(std::size_t row, std::size_t symbol) const {
    return live_[row].score + static_cast<double>(next_.matrix()(row, symbol));
  }

  /// A copy of a live hypothesis ends the step, alone or as one with the same symbols.
  void end(std::size_t row) {
    const double p = score(row, parts_.symbols());
    const auto same = std::ranges::find(ended_, live_[row].symbols, &Live::symbols);
    if (same == ended_.end()) {
      ended_.push_back(live_[row]);
      ended_.back().score = ended_.back().likeliest = p;
      return;
    }
    if (p > same->likeliest) {
      same->likeliest = p;
      same->steps = live_[row].steps;
    }
    same->score = log_add(same->score, p);
  }
  void offer_symbols() {
    for (std::size_t row = 0; row < live_.size(); ++row)
      for (std::size_t symbol = 0; symbol < parts_.symbols(); ++symbol)
        ranking_.offer({row, symbol, score(row, symbol) + options_.symbol_bonus});
  }
  /// Keeps the best of those that have ended, which are sorted, and of the continuations.
  void go_on(std::size_t t) {
    const std::vector<Continuation>& best = ranking_.best();
    std::size_t ended = 0, continued = 0;
    while (ended + continued < options_.width && (ended < ended_.size() || continued < best.size())) {
      const bool end_first =
          continued == best.size() || (ended < ended_.size() && ended_[ended].score >= best[continued].score);
      ++(end_first ? ended : continued);
    }
    ended_.resize(ended);
    std::vector<Live> next;
    std::vector<std::size_t> symbols;
    for (const Continuation& c : std::span(best).first(continued)) {
      next.push_back(live_[c.row]);
      next.back().symbols.push_back(c.symbol);
      next.back().steps.push_back(t);
      next.back().score = c.score;
      symbols.push_back(c.symbol);
    }
    live_.swap(next);
    read_symbols(symbols);
  }
  /// One step of the prediction network for each that is live.
  void read_symbols(const std::vector<std::size_t>& symbols) {
    const std::size_t rows = live_.size(), E = parts_.embedding.outputs();
    Tensor<T> read({rows, 1}), x({rows, E}), state({rows, parts_.prediction->state_size()});
    Tensor<T> y({rows, parts_.prediction->outputs()}), projected({rows, parts_.joint.width()});
    AlignedVector<T> scratch(parts_.prediction->step_scratch(rows));
    for (std::size_t row = 0; row < rows; ++row) {
      read[row] = static_cast<T>(symbols[row]);
      std::ranges::copy(live_[row].state, state.matrix().row(row));
    }
    parts_.embedding.step(std::as_const(read).matrix(), {}, x.matrix(), nullptr);
    parts_.prediction->step(std::as_const(x).matrix(), state.matrix(), y.matrix(), scratch.data());
    parts_.joint.project_predictions(std::as_const(y).matrix(), projected.matrix());
    for (std::size_t row = 0; row < rows; ++row) {
      const std::span<T> s = state.matrix().row_span(row), p = projected.matrix().row_span(row);
      live_[row].state.assign(s.begin(), s.end());
      live_[row].prediction.assign(p.begin(), p.end());
    }
  }

  const TransducerParts<T>& parts_;
  TransducerSearchOptions options_;
  std::vector<Live> live_, ended_;  // ended_: best first, once all live ones have had their say
  Ranking ranking_;
  Tensor<T> predictions_, hidden_, next_;
};

}  // namespace

template <class T>
std::vector<std::vector<TransducerHypothesis>> transducer_search(ThreadPool& pool,
                                                                 const TransducerParts<T>& parts,
                                                                 const Sequences<T>& memory,
                                                                 std::span<const T> start,
                                                                 const TransducerSearchOptions& options) {
  check_options(options);
  const std::size_t B = memory.layout().batch(), workers = std::min(pool.threads_now(), B);
  std::vector<std::vector<TransducerHypothesis>> result(B);
  Sequences<T> sources(memory.layout_pointer(), parts.joint.width());
  parts.joint.project_sources(memory.matrix(), sources.matrix());
  pool.run(workers, [&](std::size_t worker) {
    for (std::size_t b = worker; b < B; b += workers) {
      SourceSearch<T> search(parts, start, options);
      for (std::size_t t = 0; t < memory.layout().length(b); ++t)
        if (!search.step(std::as_const(sources).at(b, t), t))
          throw NoNumbers(
              fmt::format("[search] source {}: the probabilities of the next symbol are no numbers at "
                          "step {}; look at the source's values",
                          b, t));
      result[b] = search.transcripts();
    }
  });
  return result;
}

template std::vector<std::vector<TransducerHypothesis>> transducer_search(ThreadPool&,
                                                                          const TransducerParts<float>&,
                                                                          const Sequences<float>&,
                                                                          std::span<const float>,
                                                                          const TransducerSearchOptions&);
template std::vector<std::vector<TransducerHypothesis>> transducer_search(ThreadPool&,
                                                                          const TransducerParts<double>&,
                                                                          const Sequences<double>&,
                                                                          std::span<const double>,
                                                                          const TransducerSearchOptions&);

}  // namespace carousel
