#include "model/ctc_labelling.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "model/log_add.h"

namespace carousel {
namespace {

constexpr double kRoundedUp = 1e-3;                         // above the logarithm of 1
constexpr std::size_t kMostCells = std::size_t{1} << 40;    // frames times states: hours of work
constexpr std::size_t kCellsAtOnce = std::size_t{1} << 26;  // remembered

/// The likeliest path through blank, symbol, blank, symbol ... blank. Where each state came from is
/// remembered for some frames at a time: the last ones first, then, from the values that were kept at their
/// first frame, those before.
template <class T>
class Aligner {
 public:
  Aligner(View<const T> log_probabilities, std::size_t blank, std::span<const std::size_t> symbols)
      : p_(log_probabilities),
        blank_(blank),
        symbols_(symbols),
        states_(2 * symbols.size() + 1),
        together_(std::clamp<std::size_t>(kCellsAtOnce / states_, 1, std::max<std::size_t>(p_.rows(), 1))) {
    came_.resize(together_ * states_);
  }

  CtcLabelling run() {
    std::vector<double> value(states_, kImpossible);
    value[0] = 0;  // before the first frame: as if in the blank
    for (std::size_t t = 0; t < p_.rows(); t += together_) {
      for (std::size_t frame = t; frame < end(t); ++frame)
        check_frame(p_.row_span(frame), p_.columns(), frame);
      before_.push_back(value);
      value = go_on(std::move(value), t);
    }
    std::size_t state = states_ - 1;
    if (state > 0 && value[state - 1] > value[state]) --state;
    if (value[state] == kImpossible) return {{}, kImpossible};
    return {trace_back(state), value[state]};
  }

 private:
  std::size_t output(std::size_t state) const { return state % 2 == 0 ? blank_ : symbols_[state / 2]; }
  double at(std::size_t t, std::size_t state) const { return static_cast<double>(p_(t, output(state))); }

  std::size_t end(std::size_t begin) const { return std::min(begin + together_, p_.rows()); }

  /// From the values before frame `begin` to those behind the frames that are remembered from there on.
  std::vector<double> go_on(std::vector<double> value, std::size_t begin) {
    for (std::size_t t = begin; t < end(begin); ++t)
      for (std::size_t s = states_; s-- > 0;) {
        std::uint8_t& back = came_[(t - begin) * states_ + s];
        back = best_way(value, s);
        value[s] = value[s - back] + at(t, s);
      }
    return value;
  }
  /// How many states back the best one of the frame before is.
  std::uint8_t best_way(const std::vector<double>& value, std::size_t s) const {
    std::uint8_t back = 0;
    if (s >= 1 && value[s - 1] > value[s]) back = 1;
    if (s >= 2 && output(s) != blank_ && output(s) != output(s - 2) && value[s - 2] > value[s - back])
      back = 2;
    return back;
  }

  std::vector<TimedSymbol> trace_back(std::size_t state) {
    std::vector<TimedSymbol> result;
    std::size_t behind = states_;  // the state one frame later
    for (std::size_t part = before_.size(); part-- > 0;) {
      const std::size_t begin = part * together_;
      if (part + 1 < before_.size()) go_on(std::move(before_[part]), begin);
      for (std::size_t t = end(begin); t-- > begin;) {
        if (state % 2 == 1) {
          if (state != behind) result.push_back({output(state), t, t + 1, 0});
          result.back().begin = t;
          result.back().log_probability += at(t, state);
        }
        behind = state;
        state -= came_[(t - begin) * states_ + state];
      }
    }
    std::ranges::reverse(result);
    return result;
  }

  View<const T> p_;
  std::size_t blank_;
  std::span<const std::size_t> symbols_;
  std::size_t states_, together_;  // frames that are remembered together
  std::vector<std::uint8_t> came_;
  std::vector<std::vector<double>> before_;  // values before each of their first frames
};

}  // namespace

void check_blank(std::size_t outputs, std::size_t blank) {
  if (blank >= outputs)
    throw Error(fmt::format("[ctc] expected a blank among {} outputs, got number {}", outputs, blank));
}

template <class T>
void check_frame(std::span<const T> log_probabilities, std::size_t outputs, std::size_t frame) {
  if (log_probabilities.size() != outputs)
    throw Error(
        fmt::format("[ctc] frame {}: expected {} outputs, got {}", frame, outputs, log_probabilities.size()));
  for (const T p : log_probabilities)
    if (!(static_cast<double>(p) <= kRoundedUp))
      throw Error(fmt::format("[ctc] frame {}: expected logarithms of probabilities, got {}", frame, p));
}

GreedyCtc::GreedyCtc(std::size_t outputs, std::size_t blank) : outputs_(outputs), blank_(blank) {
  check_blank(outputs, blank);
}

template <class T>
std::optional<TimedSymbol> GreedyCtc::read(std::span<const T> log_probabilities) {
  check_frame(log_probabilities, outputs_, frames_);
  const auto best = std::ranges::max_element(log_probabilities);
  const auto output = static_cast<std::size_t>(best - log_probabilities.begin());
  const auto p = static_cast<double>(*best);
  const std::size_t frame = frames_++;
  path_.add(p);
  if (run_ && run_->symbol == output) {
    run_->end = frames_;
    run_->log_probability += p;
    return {};
  }
  std::optional<TimedSymbol> next;
  if (output != blank_) next = TimedSymbol{output, frame, frames_, p};
  return std::exchange(run_, next);
}

std::optional<TimedSymbol> GreedyCtc::finish() { return std::exchange(run_, std::nullopt); }

template <class T>
CtcLabelling greedy_ctc(View<const T> log_probabilities, std::size_t blank) {
  GreedyCtc greedy(log_probabilities.columns(), blank);
  CtcLabelling result;
  for (std::size_t t = 0; t < log_probabilities.rows(); ++t)
    if (const auto symbol = greedy.read(log_probabilities.row_span(t))) result.symbols.push_back(*symbol);
  if (const auto symbol = greedy.finish()) result.symbols.push_back(*symbol);
  result.log_probability = greedy.log_probability();
  return result;
}

template <class T>
CtcLabelling align_ctc(View<const T> log_probabilities, std::size_t blank,
                       std::span<const std::size_t> symbols) {
  const std::size_t frames = log_probabilities.rows(), outputs = log_probabilities.columns();
  check_blank(outputs, blank);
  for (const std::size_t symbol : symbols)
    if (symbol >= outputs || symbol == blank)
      throw Error(fmt::format("[ctc] expected symbols among {} outputs but the blank {}, got {}", outputs,
                              blank, symbol));
  if (symbols.size() > frames) return {{}, kImpossible};
  if (frames > 0 && 2 * symbols.size() + 1 > kMostCells / frames)
    throw Error(fmt::format("[ctc] {} frames and {} symbols are too many to align; align parts", frames,
                            symbols.size()));
  return Aligner<T>(log_probabilities, blank, symbols).run();
}

template void check_frame(std::span<const float>, std::size_t, std::size_t);
template void check_frame(std::span<const double>, std::size_t, std::size_t);
template std::optional<TimedSymbol> GreedyCtc::read(std::span<const float>);
template std::optional<TimedSymbol> GreedyCtc::read(std::span<const double>);
template CtcLabelling greedy_ctc(View<const float>, std::size_t);
template CtcLabelling greedy_ctc(View<const double>, std::size_t);
template CtcLabelling align_ctc(View<const float>, std::size_t, std::span<const std::size_t>);
template CtcLabelling align_ctc(View<const double>, std::size_t, std::span<const std::size_t>);

}  // namespace carousel
