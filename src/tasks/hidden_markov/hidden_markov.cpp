#include "tasks/hidden_markov/hidden_markov.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace carousel {
namespace {

constexpr double kLogZero = -std::numeric_limits<double>::infinity();
/// A sum of exponentials with the largest taken out that is no smaller has lost none to underflow that
/// matters.
constexpr double kExact = 1e-280;

double largest(std::span<const double> values, Range range) {
  return *std::max_element(values.begin() + static_cast<std::ptrdiff_t>(range.begin),
                           values.begin() + static_cast<std::ptrdiff_t>(range.end));
}

/// log of the sum of exp(value(i)) over the range.
template <class Value>
double log_sum(Range range, Value&& value) {
  double most = kLogZero, sum = 0;
  for (std::size_t i = range.begin; i < range.end; ++i) most = std::max(most, value(i));
  if (most == kLogZero) return most;
  for (std::size_t i = range.begin; i < range.end; ++i) sum += std::exp(value(i) - most);
  return most + std::log(sum);
}

std::vector<double> logarithms(const std::vector<double>& values) {
  std::vector<double> logs(values.size());
  std::ranges::transform(values, logs.begin(), [](double value) { return std::log(value); });
  return logs;
}

}  // namespace

HiddenMarkov::HiddenMarkov(std::size_t states, std::unique_ptr<Emissions> emissions)
    : states_(states), emissions_(std::move(emissions)) {
  const double share = 1 / static_cast<double>(states);
  set_transitions(std::vector<double>(states, share), std::vector<double>(states * states, share));
}

void HiddenMarkov::set_transitions(std::vector<double> first, std::vector<double> next) {
  if (first.size() != states_ || next.size() != states_ * states_)
    throw Error(
        fmt::format("[hidden_markov.set_transitions] expected [{}] and [{}, {}], got {} and {} values",
                    states_, states_, states_, first.size(), next.size()));
  first_ = std::move(first);
  next_ = std::move(next);
  log_first_ = logarithms(first_);
  log_next_ = logarithms(next_);
}

double HiddenMarkov::log_likelihood(const Observed& observed) const {
  return ForwardBackward(*this, observed).log_likelihood();
}

ForwardBackward::ForwardBackward(const HiddenMarkov& model, const Observed& observed)
    : model_(model), observed_(observed) {
  const std::size_t S = model.states(), T = observed.steps;
  if (T == 0) return;
  alpha_.resize(std::min(T, kBlock) * S);
  emission_.resize(alpha_.size());
  const std::size_t blocks = (T + kBlock - 1) / kBlock;
  block_start_.resize(blocks * S);
  sums_.resize(S);
  scaled_.resize(S);
  for (std::size_t block = 0; block < blocks; ++block) {
    forward(block);
    if (block + 1 < blocks)
      std::ranges::copy(row(alpha_, kBlock - 1),
                        block_start_.begin() + static_cast<std::ptrdiff_t>((block + 1) * S));
  }
  const std::span<const double> last = row(alpha_, T - 1);
  log_likelihood_ = log_sum(states_at(T - 1), [&](std::size_t i) { return last[i]; });
}

Range ForwardBackward::states_at(std::size_t t) const { return observed_.states_at(t, model_.states()); }

std::span<double> ForwardBackward::row(std::vector<double>& matrix, std::size_t t) const {
  return std::span(matrix).subspan(t % kBlock * model_.states(), model_.states());
}

void ForwardBackward::forward(std::size_t block) {
  const std::size_t S = model_.states(), begin = block * kBlock,
                    end = std::min(begin + kBlock, observed_.steps);
  std::span<const double> before = std::span(block_start_).subspan(block * S, S);
  for (std::size_t t = begin; t < end; ++t) {
    const std::span<double> emission = row(emission_, t), after = row(alpha_, t);
    model_.emissions().log_probabilities(observed_.step(t), states_at(t), emission);
    advance(t, before, emission, after);
    before = after;
  }
}

/// after(j) = log sum_i exp(before(i) + log next(i, j)) + emission(j)
void ForwardBackward::advance(std::size_t t, std::span<const double> before, std::span<const double> emission,
                              std::span<double> after) {
  const std::size_t S = model_.states();
  const Range to = states_at(t);
  std::ranges::fill(after, kLogZero);
  if (t == 0) {
    for (std::size_t j = to.begin; j < to.end; ++j) after[j] = model_.log_first()[j] + emission[j];
    return;
  }
  const Range from = states_at(t - 1);
  const double most = largest(before, from);
  if (most == kLogZero) return;
  std::ranges::fill(sums_, 0);
  for (std::size_t i = from.begin; i < from.end; ++i) {
    const double weight = std::exp(before[i] - most);
    const double* next = &model_.next()[i * S];
    for (std::size_t j = to.begin; j < to.end; ++j) sums_[j] += weight * next[j];
  }
  for (std::size_t j = to.begin; j < to.end; ++j)
    after[j] =
        emission[j] + (sums_[j] >= kExact ? most + std::log(sums_[j]) : log_sum(from, [&](std::size_t i) {
          return before[i] + model_.log_next()[i * S + j];
        }));
}

/// beta_t(i) = log sum_j exp(log next(i, j) + ahead(j)), and what each j has of the sum.
void ForwardBackward::retreat(std::size_t t) {
  const std::size_t S = model_.states();
  const Range from = states_at(t), to = states_at(t + 1);
  const double most = largest(ahead_, to);
  for (std::size_t j = to.begin; j < to.end; ++j) scaled_[j] = std::exp(ahead_[j] - most);
  for (std::size_t i = from.begin; i < from.end; ++i) {
    const double* next = &model_.next()[i * S];
    double* share = &next_[i * S];
    double sum = 0;
    for (std::size_t j = to.begin; j < to.end; ++j) sum += share[j] = next[j] * scaled_[j];
    if (sum >= kExact) {
      beta_[i] = most + std::log(sum);
      for (std::size_t j = to.begin; j < to.end; ++j) share[j] /= sum;
      continue;
    }
    const auto term = [&](std::size_t j) { return model_.log_next()[i * S + j] + ahead_[j]; };
    beta_[i] = log_sum(to, term);
    for (std::size_t j = to.begin; j < to.end; ++j)
      share[j] = beta_[i] == kLogZero ? 0 : std::exp(term(j) - beta_[i]);
  }
}

void ForwardBackward::backward(const Take& take) {
  if (observed_.steps == 0 || log_likelihood_ == kLogZero) return;
  const std::size_t S = model_.states(), T = observed_.steps;
  beta_.assign(S, 0);
  ahead_.assign(S, 0);
  next_.assign(S * S, 0);
  std::vector<double> state(S);
  for (std::size_t t = T; t-- > 0;) {
    if ((t + 1) % kBlock == 0 && t + 1 < T) forward(t / kBlock);
    if (t + 1 < T) retreat(t);
    const Range here = states_at(t);
    const std::span<const double> alpha = row(alpha_, t), emission = row(emission_, t);
    const double all = log_sum(here, [&](std::size_t i) { return alpha[i] + beta_[i]; });
    std::ranges::fill(state, 0);
    for (std::size_t i = here.begin; i < here.end; ++i) state[i] = std::exp(alpha[i] + beta_[i] - all);
    take(t, state, t + 1 < T ? std::span<const double>(next_) : std::span<const double>());
    for (std::size_t i = here.begin; i < here.end; ++i) ahead_[i] = beta_[i] + emission[i];
  }
}

}  // namespace carousel
