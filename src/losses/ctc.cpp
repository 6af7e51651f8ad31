#include "losses/ctc.h"

#include <algorithm>
#include <utility>

#include "kernels/activations.h"
#include "kernels/reductions.h"
#include "losses/log_space.h"
#include "tensor/shape.h"

namespace carousel {

namespace {

template <class T>
class CtcPaths final : public PathSums<T> {
 public:
  explicit CtcPaths(std::size_t blank) : blank_(blank), softmax_(blank + 1), shares_(blank + 1) {}

  double evaluate(std::span<const T* const> rows, std::span<const std::size_t> symbols,
                  std::span<T* const> gradient, T scale) override {
    const std::size_t time = rows.size();
    if (time == 0) return 0;  // one path, of no steps, with probability one
    lay_out(symbols);
    const bool backward = !gradient.empty();
    paths_.assign(checked_multiply(backward ? time : 2, places_ + 2, "ctc"), kLogZero);
    for (std::size_t t = 0; t < time; ++t) {
      T* const log_softmax = backward ? gradient[t] : softmax_.data();
      kernels::log_softmax(rows[t], log_softmax, 1, blank_ + 1, blank_ + 1);
      double* const a = row(backward ? t : t % 2);
      if (t == 0)
        begin(log_softmax, a);
      else
        advance(log_softmax, row(backward ? t - 1 : (t - 1) % 2), a);
    }
    const double* const last = row(backward ? time - 1 : (time - 1) % 2) + places_;
    const double* const ends[] = {last - 1, last - 2};  // the second is -inf where there is but one place
    double log_probability;
    log_sum_exp(ends, &log_probability, 1, work_.data());
    if (backward) go_back(gradient, log_probability, scale);
    return -log_probability;
  }

 private:
  void lay_out(std::span<const std::size_t> symbols) {
    places_ = 2 * symbols.size() + 1;
    labels_.assign(places_, blank_);
    jump_.assign(places_, kLogZero);
    for (std::size_t u = 0; u < symbols.size(); ++u) {
      labels_[2 * u + 1] = symbols[u];
      if (u > 0 && symbols[u] != symbols[u - 1]) jump_[2 * u + 1] = 0;
    }
    work_.resize(3 * places_);
    jumped_.resize(places_);
    after_.resize(places_);
    next_.assign(places_ + 2, kLogZero);
  }
  /// a_t; two places before the first hold log 0.
  double* row(std::size_t t) { return paths_.data() + t * (places_ + 2) + 2; }

  void begin(const T* log_softmax, double* a) const {
    std::fill_n(a, places_, kLogZero);
    for (std::size_t s = 0; s < std::min<std::size_t>(places_, 2); ++s)
      a[s] = static_cast<double>(log_softmax[labels_[s]]);
  }
  void advance(const T* log_softmax, const double* before, double* a) {
    for (std::size_t s = 0; s < places_; ++s) jumped_[s] = *(before + s - 2) + jump_[s];
    const double* const from[] = {before, before - 1, jumped_.data()};
    log_sum_exp(from, a, places_, work_.data());
    for (std::size_t s = 0; s < places_; ++s) a[s] += static_cast<double>(log_softmax[labels_[s]]);
  }

  /// From log softmax in the rows of gradient to derivatives.
  void go_back(std::span<T* const> gradient, double log_probability, T scale) {
    std::ranges::fill(after_, kLogZero);
    for (std::size_t s = places_ - std::min<std::size_t>(places_, 2); s < places_; ++s) after_[s] = 0;
    for (std::size_t t = gradient.size(); t-- > 0;) {
      T* const d = gradient[t];
      // What is behind step t - 1, by the place at step t.
      for (std::size_t s = 0; s < places_; ++s) next_[s] = after_[s] + static_cast<double>(d[labels_[s]]);
      kernels::exp(d, d, blank_ + 1);
      take_shares(row(t), d, log_probability);
      for (std::size_t k = 0; k <= blank_; ++k) d[k] *= scale;
      if (t == 0) break;
      for (std::size_t s = 0; s < places_; ++s)
        jumped_[s] = next_[s + 2] + (s + 2 < places_ ? jump_[s + 2] : kLogZero);
      const double* const to[] = {next_.data(), next_.data() + 1, jumped_.data()};
      log_sum_exp(to, after_.data(), places_, work_.data());
    }
  }
  /// d[k] -= share of the paths that put out k at a step.
  void take_shares(const double* a, T* d, double log_probability) {
    for (std::size_t s = 0; s < places_; ++s) work_[s] = a[s] + after_[s] - log_probability;
    kernels::exp(work_.data(), work_.data(), places_);
    for (std::size_t s = 0; s < places_; ++s) shares_[labels_[s]] += work_[s];
    for (const std::size_t k : labels_) d[k] -= static_cast<T>(std::exchange(shares_[k], 0.0));
  }

  std::size_t blank_, places_ = 0;
  std::vector<T> softmax_;
  std::vector<double> shares_;       // of each class, all 0 between steps
  std::vector<std::size_t> labels_;  // of each place
  std::vector<double> jump_;         // 0 where a path may come from two places before, else log 0
  std::vector<double> paths_;        // a
  std::vector<double> after_, next_, jumped_, work_;
};

}  // namespace

std::size_t ctc_steps(std::span<const std::size_t> symbols) noexcept {
  std::size_t steps = symbols.size();
  for (std::size_t u = 1; u < symbols.size(); ++u) steps += symbols[u] == symbols[u - 1] ? 1 : 0;
  return steps;
}

template <class T>
std::unique_ptr<PathSums<T>> Ctc<T>::make_sums() const {
  return std::make_unique<CtcPaths<T>>(this->blank());
}

template class Ctc<float>;
template class Ctc<double>;

}  // namespace carousel
