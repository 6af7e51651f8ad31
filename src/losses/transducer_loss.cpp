#include "losses/transducer_loss.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

#include "kernels/activations.h"
#include "kernels/reductions.h"
#include "losses/log_space.h"

namespace carousel {

namespace {

/// All nodes by row t (U + 1) + u. What a node gets depends on the nodes of the diagonal before or behind it
/// alone, t + u being one less or more: a diagonal is worked on at once.
template <class T>
class TransducerPaths final : public PathSums<T> {
 public:
  explicit TransducerPaths(std::size_t blank) : blank_(blank), scratch_(blank + 1) {}

  double evaluate(std::span<const T* const> rows, std::span<const std::size_t> symbols,
                  std::span<T* const> gradient, T scale) override {
    if (rows.empty()) return 0;  // one path, of no steps, with probability one
    width_ = symbols.size() + 1;
    time_ = rows.size() / width_;
    for (auto* values : {&to_blank_, &to_symbol_, &before_}) values->resize(rows.size());
    work_.resize(4 * width_);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      T* const log_softmax = gradient.empty() ? scratch_.data() : gradient[i];
      kernels::log_softmax(rows[i], log_softmax, 1, blank_ + 1, blank_ + 1);
      const std::size_t u = i % width_;
      to_blank_[i] = static_cast<double>(log_softmax[blank_]);
      to_symbol_[i] = u < symbols.size() ? static_cast<double>(log_softmax[symbols[u]]) : kLogZero;
    }
    for (std::size_t n = 0; n < time_ + width_ - 1; ++n) go_forward(n);
    const double log_probability = before_.back() + to_blank_.back();
    if (gradient.empty()) return -log_probability;
    behind_.resize(rows.size());
    for (std::size_t n = time_ + width_ - 1; n-- > 0;) go_back(n);
    for (std::size_t i = 0; i < rows.size(); ++i) derive(i, symbols, gradient[i], log_probability, scale);
    return -log_probability;
  }

 private:
  std::size_t first_u(std::size_t n) const noexcept { return n < time_ ? 0 : n - time_ + 1; }
  std::size_t end_u(std::size_t n) const noexcept { return std::min(n + 1, width_); }
  std::size_t node(std::size_t n, std::size_t u) const noexcept { return (n - u) * width_ + u; }

  /// a of diagonal n.
  void go_forward(std::size_t n) {
    const std::size_t begin = first_u(n), count = end_u(n) - begin;
    if (n == 0) {
      before_[0] = 0;
      return;
    }
    double *const by_blank = work_.data(), *const by_symbol = by_blank + width_;
    for (std::size_t u = begin; u < begin + count; ++u) {
      const std::size_t i = node(n, u);
      by_blank[u - begin] = n > u ? before_[i - width_] + to_blank_[i - width_] : kLogZero;
      by_symbol[u - begin] = u > 0 ? before_[i - 1] + to_symbol_[i - 1] : kLogZero;
    }
    const double* const ways[] = {by_blank, by_symbol};
    log_sum_exp(ways, by_blank, count, work_.data() + 2 * width_);
    for (std::size_t u = begin; u < begin + count; ++u) before_[node(n, u)] = by_blank[u - begin];
  }
  /// What is behind the blank of node i, and behind its symbol.
  double behind_blank(std::size_t i) const noexcept {
    if (i + width_ < behind_.size()) return behind_[i + width_];
    return i + 1 == behind_.size() ? 0 : kLogZero;
  }
  double behind_symbol(std::size_t i) const noexcept {
    return i % width_ + 1 < width_ ? behind_[i + 1] : kLogZero;
  }
  /// b of diagonal n.
  void go_back(std::size_t n) {
    const std::size_t begin = first_u(n), count = end_u(n) - begin;
    double *const by_blank = work_.data(), *const by_symbol = by_blank + width_;
    for (std::size_t u = begin; u < begin + count; ++u) {
      const std::size_t i = node(n, u);
      by_blank[u - begin] = to_blank_[i] + behind_blank(i);
      by_symbol[u - begin] = to_symbol_[i] + behind_symbol(i);
    }
    const double* const ways[] = {by_blank, by_symbol};
    log_sum_exp(ways, by_blank, count, work_.data() + 2 * width_);
    for (std::size_t u = begin; u < begin + count; ++u) behind_[node(n, u)] = by_blank[u - begin];
  }
  /// From log softmax of node i, in d, to derivatives.
  void derive(std::size_t i, std::span<const std::size_t> symbols, T* d, double log_probability, T scale) {
    const double here = before_[i] - log_probability;
    double shares[] = {here + behind_[i], here + to_blank_[i] + behind_blank(i),
                       here + to_symbol_[i] + behind_symbol(i)};
    kernels::exp(shares, shares, 3);
    kernels::exp(d, d, blank_ + 1);
    const T through = static_cast<T>(shares[0]);
    for (std::size_t k = 0; k <= blank_; ++k) d[k] *= through;
    d[blank_] -= static_cast<T>(shares[1]);
    if (const std::size_t u = i % width_; u < symbols.size()) d[symbols[u]] -= static_cast<T>(shares[2]);
    for (std::size_t k = 0; k <= blank_; ++k) d[k] *= scale;
  }

  std::size_t blank_, width_ = 0, time_ = 0;
  std::vector<T> scratch_;
  std::vector<double> to_blank_, to_symbol_;  // e of the two ways on
  std::vector<double> before_, behind_;       // a and b
  std::vector<double> work_;
};

}  // namespace

template <class T>
bool TransducerLoss<T>::has_path(std::size_t rows, std::span<const std::size_t> symbols,
                                 std::size_t b) const {
  if (const std::size_t width = symbols.size() + 1; rows % width != 0)
    throw Error(
        fmt::format("[transducer] sequence {}: expected a lattice of T x {} rows, one more than the "
                    "target's {} symbols, got {} rows",
                    b, width, symbols.size(), rows));
  return rows > 0 || symbols.empty();
}

template <class T>
std::unique_ptr<PathSums<T>> TransducerLoss<T>::make_sums() const {
  return std::make_unique<TransducerPaths<T>>(this->blank());
}

template class TransducerLoss<float>;
template class TransducerLoss<double>;

}  // namespace carousel
