#include "model/beam_search.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

#include "kernels/activations.h"
#include "kernels/reductions.h"
#include "layers/work_split.h"
#include "model/ranking.h"

namespace carousel {

namespace {

constexpr std::size_t kMaxBeamWidth = 4096, kMaxTargetLength = std::size_t{1} << 20;
constexpr double kMaxLengthPenalty = 10;

/// ((5 + n) / 6)^penalty
double length_divisor(std::size_t n, double penalty) {
  const double base = (5.0 + static_cast<double>(n)) / 6.0;
  double value;
  kernels::log(&base, &value, 1);
  value *= penalty;
  kernels::exp(&value, &value, 1);
  return value;
}

/// The last symbol of a hypothesis; those before it are found by way of its parents.
struct Node {
  std::size_t parent, symbol, length;  // length in symbols; 0: nothing yet
  double log_probability;
};

/// The search for one source.
template <class T>
class Beam {
 public:
  Beam(const SearchOptions& options, std::size_t end, std::size_t steps)
      : options_(options),
        end_(end),
        steps_(steps),
        largest_divisor_(length_divisor(options.max_length + 1, options.length_penalty)),
        nodes_{{0, end, 0, 0}},
        live_{0} {}

  /// Hypotheses that go on; one row each in the next step.
  std::size_t rows() const noexcept { return live_.size(); }
  std::size_t symbol(std::size_t row) const noexcept { return nodes_[live_[row]].symbol; }
  /// Room for what they look at in the next step; call before weights_of.
  void make_room() { weights_.resize(nodes_.size() * steps_); }
  T* weights_of(std::size_t row) noexcept { return weights_.data() + live_[row] * steps_; }
  /// The row that each hypothesis continues after advance().
  const std::vector<std::size_t>& parents() const noexcept { return parents_; }

  /// log_probabilities [rows(), end + 1]. False if one of them is no number.
  bool advance(View<const T> log_probabilities) {
    const bool last = nodes_[live_.front()].length == options_.max_length;
    ranking_.clear(2 * options_.width);  // at most one of each hypothesis ends
    for (std::size_t row = 0; row < live_.size(); ++row)
      for (std::size_t symbol = last ? end_ : 0; symbol <= end_; ++symbol) {
        const auto p = static_cast<double>(log_probabilities(row, symbol));
        if (p != p) return false;
        ranking_.offer({row, symbol, nodes_[live_[row]].log_probability + p});
      }
    next_.clear();
    parents_.clear();
    for (const Continuation& c : ranking_.best()) {
      if (next_.size() == options_.width) break;
      const Node& before = nodes_[live_[c.row]];
      if (c.symbol == end_) {
        finish(live_[c.row], before.length + 1, c.score);
        continue;
      }
      const Node node{live_[c.row], c.symbol, before.length + 1, c.score};
      next_.push_back(nodes_.size());
      parents_.push_back(c.row);
      nodes_.push_back(node);
    }
    live_.swap(next_);
    if (decided()) live_.clear();
    return true;
  }

  std::vector<Hypothesis<T>> hypotheses() const {
    std::vector<Hypothesis<T>> result;
    for (const Finished& finished : finished_) {
      Hypothesis<T> h{{}, finished.log_probability, finished.score, {}};
      const std::size_t length = nodes_[finished.node].length;
      h.symbols.resize(length);
      h.attention.resize({length + 1, steps_});
      std::size_t node = finished.node;
      for (std::size_t t = length + 1; t-- > 0; node = nodes_[node].parent) {
        if (t > 0) h.symbols[t - 1] = nodes_[node].symbol;
        std::copy_n(weights_.data() + node * steps_, steps_, h.attention.data() + t * steps_);
      }
      result.push_back(std::move(h));
    }
    return result;
  }

 private:
  struct Finished {
    std::size_t node;
    double log_probability, score;
  };

  void finish(std::size_t node, std::size_t length, double log_probability) {
    const double score = log_probability / length_divisor(length, options_.length_penalty);
    const auto behind = std::ranges::find_if(finished_, [score](const auto& f) { return score > f.score; });
    finished_.insert(behind, {node, log_probability, score});
    if (finished_.size() > options_.width) finished_.pop_back();
  }
  /// A log probability only falls, and no divisor is larger than that of the longest.
  bool decided() const {
    return live_.empty() ||
           (finished_.size() == options_.width &&
            !(nodes_[live_.front()].log_probability / largest_divisor_ > finished_.back().score));
  }

  SearchOptions options_;
  std::size_t end_, steps_;
  double largest_divisor_;
  std::vector<Node> nodes_;
  AlignedVector<T> weights_;  // of each node, what it looked at for the symbol behind it
  std::vector<std::size_t> live_, next_, parents_;
  std::vector<Finished> finished_;  // best first
  Ranking ranking_;
};

void check_options(const SearchOptions& options) {
  const auto refuse = [](const char* name, auto least, auto most, auto found) {
    throw SettingError(fmt::format("search: {} is {}, expected from {} to {}", name, found, least, most));
  };
  if (options.width < 1 || options.width > kMaxBeamWidth) refuse("width", 1, kMaxBeamWidth, options.width);
  if (options.max_length > kMaxTargetLength) refuse("max_length", 0, kMaxTargetLength, options.max_length);
  if (!(options.length_penalty >= 0 && options.length_penalty <= kMaxLengthPenalty))
    refuse("length_penalty", 0, kMaxLengthPenalty, options.length_penalty);
}

/// The hypotheses of all sources side by side.
template <class T>
class Search {
 public:
  Search(const AttentionDecoder<T>& decoder, const SearchOptions& options, ThreadPool& pool,
         const Sequences<T>& sequences, View<const T> start)
      : decoder_(decoder) {
    const std::size_t B = sequences.layout().batch(), rows = checked_multiply(B, options.width, "search");
    decoder.attention().remember(pool, sequences, memory_);
    for (std::size_t b = 0; b < B; ++b) beams_.emplace_back(options, decoder.symbols(), memory_.steps(b));
    for (Tensor<T>* state : {&state_, &next_state_}) state->resize({rows, decoder.state_size()});
    for (Tensor<T>* joined : {&joined_, &next_joined_}) joined->resize({rows, decoder.joined()});
    symbols_.resize({rows, 1});
    logits_.resize({rows, decoder.symbols() + 1});
    scratch_.resize(checked_multiply(rows, decoder.step_scratch(), "search"));
    gazes_.resize(rows);
    joined_.fill(T(0));
    for (std::size_t b = 0; b < B; ++b) std::ranges::copy(start.row_span(b), state_.matrix().row(b));
  }

  /// False when all have come to an end.
  bool step(ThreadPool& pool) {
    std::size_t rows = 0;
    for (std::size_t b = 0; b < beams_.size(); ++b) {
      beams_[b].make_room();
      for (std::size_t row = 0; row < beams_[b].rows(); ++row, ++rows) {
        symbols_[rows] = static_cast<T>(beams_[b].symbol(row));
        gazes_[rows] = {b, beams_[b].weights_of(row)};
      }
    }
    const std::size_t work = decoder_.multiply_adds(memory_.layout->time());
    split_work(pool, rows, rows * work, [&](std::size_t begin, std::size_t end) { run(begin, end - begin); });
    choose();
    return std::ranges::any_of(beams_, [](const Beam<T>& beam) { return beam.rows() > 0; });
  }

  std::vector<std::vector<Hypothesis<T>>> result() const {
    std::vector<std::vector<Hypothesis<T>>> all;
    for (const Beam<T>& beam : beams_) all.push_back(beam.hypotheses());
    return all;
  }

 private:
  void run(std::size_t begin, std::size_t count) noexcept {
    const View<T> logits = logits_.matrix().rows(begin, count);
    decoder_.step(memory_,
                  {std::as_const(symbols_).matrix().rows(begin, count), state_.matrix().rows(begin, count),
                   joined_.matrix().rows(begin, count), std::span(gazes_).subspan(begin, count), logits,
                   scratch_.data() + begin * decoder_.step_scratch()});
    kernels::log_softmax(logits.data(), logits.data(), count, logits.columns(), logits.stride());
  }

  /// Lets every beam choose, and gives each hypothesis the state of the one that it continues.
  void choose() {
    std::size_t first = 0, to = 0;
    for (std::size_t b = 0; b < beams_.size(); ++b) {
      Beam<T>& beam = beams_[b];
      const std::size_t rows = beam.rows();
      if (rows == 0) continue;
      if (!beam.advance(std::as_const(logits_).matrix().rows(first, rows)))
        throw Error(
            fmt::format("[search] source {}: the probabilities of the next symbol are no numbers; look "
                        "at the source's values",
                        b));
      for (std::size_t row = 0; row < beam.rows(); ++row, ++to) {
        const std::size_t from = first + beam.parents()[row];
        std::ranges::copy(state_.matrix().row_span(from), next_state_.matrix().row(to));
        std::ranges::copy(joined_.matrix().row_span(from), next_joined_.matrix().row(to));
      }
      first += rows;
    }
    std::swap(state_, next_state_);
    std::swap(joined_, next_joined_);
  }

  const AttentionDecoder<T>& decoder_;
  AttentionMemory<T> memory_;
  std::vector<Beam<T>> beams_;
  Tensor<T> symbols_, state_, next_state_, joined_, next_joined_, logits_;
  AlignedVector<T> scratch_;
  std::vector<Gaze<T>> gazes_;
};

}  // namespace

template <class T>
std::vector<std::vector<Hypothesis<T>>> beam_search(ThreadPool& pool, const AttentionDecoder<T>& decoder,
                                                    const Sequences<T>& memory, View<const T> start,
                                                    const SearchOptions& options) {
  check_options(options);
  if (memory.layout().batch() == 0) return {};
  Search<T> search(decoder, options, pool, memory, start);
  while (search.step(pool)) {
  }
  return search.result();
}

template std::vector<std::vector<Hypothesis<float>>> beam_search(ThreadPool&, const AttentionDecoder<float>&,
                                                                 const Sequences<float>&, View<const float>,
                                                                 const SearchOptions&);
template std::vector<std::vector<Hypothesis<double>>> beam_search(ThreadPool&,
                                                                  const AttentionDecoder<double>&,
                                                                  const Sequences<double>&,
                                                                  View<const double>, const SearchOptions&);

}  // namespace carousel
