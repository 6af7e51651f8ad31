#include "layers/attention.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/attention.h"
#include "kernels/reductions.h"
#include "layers/outer_products.h"
#include "layers/softmax.h"
#include "layers/work_split.h"
#include "tensor/initialise.h"

namespace carousel {

namespace {

// What a tanh takes, in multiply-adds.
constexpr std::size_t kTanh = 12;

/// Copies steps of sequences from or to rows that lie sequence by sequence.
template <class T, class Copy>
void for_each_step(const AttentionMemory<T>& memory, Copy&& copy) {
  for (std::size_t b = 0; b < memory.layout->batch(); ++b)
    for (std::size_t s = 0; s < memory.steps(b); ++s) copy(b, s, memory.first[b] + s);
}

}  // namespace

const std::vector<std::string>& attention_score_names() {
  static const std::vector<std::string> names = {"additive", "multiplicative", "dot"};
  return names;
}

template <class T>
Attention<T>::Attention(AttentionScore score, std::size_t queries, std::size_t features, std::size_t width)
    : score_(score),
      queries_(queries),
      features_(features),
      keys_(score == AttentionScore::additive ? width : queries),
      query_(queries, keys_) {}

template <class T>
std::string Attention<T>::description() const {
  const std::string& name = attention_score_names()[static_cast<std::size_t>(score_)];
  return score_ == AttentionScore::additive ? fmt::format("{}, width {}", name, keys_) : name;
}

template <class T>
std::string Attention<T>::kernel() const {
  if (score_ == AttentionScore::dot) return "scores and means query by query";
  return score_ == AttentionScore::additive
             ? "one product for all keys, tanh fused with the sum, scores and means query by query"
             : "one product for all keys, scores and means query by query";
}

template <class T>
void Attention<T>::declare(ParameterTable& table, const std::string& name) {
  if (score_ == AttentionScore::dot) return;
  if (score_ == AttentionScore::multiplicative) {
    key_weights_ = table.add_matrix(name + ".W", keys_, features_);
    return;
  }
  query_.declare(table, name);
  key_weights_ = table.add_matrix(name + ".U", keys_, features_);
  v_ = table.add(name + ".v", {keys_});
}

template <class T>
void Attention<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  if (score_ == AttentionScore::dot) return;
  fill_uniform(weights.subspan(key_weights_, keys_ * features_), glorot_limit(features_, keys_), seed,
               key_weights_);
  if (score_ == AttentionScore::multiplicative) return;
  query_.initialise(weights, seed);
  fill_uniform(weights.subspan(v_, keys_), glorot_limit(keys_, 1), seed, v_);
}

template <class T>
void Attention<T>::pack(std::span<const T> weights, const Packing& packing) {
  if (score_ == AttentionScore::dot) return;
  key_factor_.pack(weights.data() + key_weights_, keys_, features_, 1, packing);
  if (score_ == AttentionScore::multiplicative) return;
  query_.pack(weights, packing);
  const std::span<const T> v = weights.subspan(v_, keys_);
  score_weights_.assign(v.begin(), v.end());
}

template <class T>
std::size_t Attention<T>::multiply_adds(std::size_t steps) const noexcept {
  return steps * (features_ + keys_ * (score_ == AttentionScore::additive ? kTanh : 1));
}

template <class T>
View<const T> Attention<T>::keys_of(const AttentionMemory<T>& memory, std::size_t b) const noexcept {
  const Tensor<T>& keys = score_ == AttentionScore::dot ? memory.values : memory.keys;
  return keys.matrix().rows(memory.first[b], memory.steps(b));
}

template <class T>
void Attention<T>::remember(ThreadPool& pool, const Sequences<T>& sequences,
                            AttentionMemory<T>& memory) const {
  const SequenceLayout& layout = sequences.layout();
  memory.layout = sequences.layout_pointer();
  memory.first.resize(layout.batch());
  for (std::size_t slot = 0, row = 0; slot < layout.batch(); ++slot) {
    memory.first[layout.sequence(slot)] = row;
    row += layout.length(layout.sequence(slot));
  }
  memory.values.resize({layout.rows(), features_});
  for_each_step(memory, [&](std::size_t b, std::size_t s, std::size_t row) {
    std::ranges::copy(sequences.at(b, s), memory.values.matrix().row(row));
  });
  if (score_ == AttentionScore::dot) return;
  memory.keys.resize({layout.rows(), keys_});
  split_work(pool, layout.rows(), layout.rows() * features_ * keys_, [&](std::size_t begin, std::size_t end) {
    product(View<const T>(memory.values.matrix().rows(begin, end - begin)), key_factor_.forward,
            memory.keys.matrix().rows(begin, end - begin), kernels::Start::zero, {});
  });
}

template <class T>
void Attention<T>::scores(View<const T> keys, const T* query, T* work, T* scores) const noexcept {
  for (std::size_t s = 0; s < keys.rows(); ++s) {
    if (score_ == AttentionScore::additive) {
      kernels::tanh_of_sum(query, keys.row(s), work, keys_);
      scores[s] = kernels::dot(score_weights_.data(), work, keys_);
    } else {
      scores[s] = kernels::dot(query, keys.row(s), keys_);
    }
  }
}

template <class T>
void Attention<T>::attend(const AttentionMemory<T>& memory, View<const T> query,
                          std::span<const Gaze<T>> gazes, View<T> context, T* scratch) const noexcept {
  const std::size_t rows = query.rows();
  const View<T> projected(scratch, rows, keys_);
  if (score_ == AttentionScore::additive) query_.map(query, projected);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto [b, weights] = gazes[r];
    const std::size_t steps = memory.steps(b);
    std::ranges::fill(context.row_span(r), T(0));
    if (steps == 0) continue;
    const bool additive = score_ == AttentionScore::additive;
    scores(keys_of(memory, b), additive ? projected.row(r) : query.row(r),
           additive ? scratch + (rows + r) * keys_ : nullptr, weights);
    kernels::softmax(weights, weights, 1, steps, steps);
    kernels::add_weighted_rows(weights, memory.values_of(b).data(), steps, features_, features_,
                               context.row(r));
  }
}

template <class T>
void Attention<T>::begin_backward(const AttentionMemory<T>& memory, std::size_t queries,
                                  AttentionGradient<T>& sums) const {
  sums.values.resize(memory.values.shape());
  sums.values.fill(T(0));
  if (score_ == AttentionScore::dot) return;
  sums.keys.resize(memory.keys.shape());
  sums.keys.fill(T(0));
  if (score_ == AttentionScore::multiplicative) return;
  sums.v.resize({queries, keys_});
  sums.v.fill(T(0));
}

template <class T>
void Attention<T>::scores_gradient(View<const T> keys, const T* query, const T* dscores, T* work,
                                   View<T> dkeys, T* dquery, T* dv) const noexcept {
  std::fill_n(dquery, keys_, T(0));
  if (score_ != AttentionScore::additive) {
    kernels::add_weighted_rows(dscores, keys.data(), keys.rows(), keys_, keys.stride(), dquery);
    kernels::add_to_rows(dscores, query, keys.rows(), keys_, dkeys.data(), dkeys.stride());
    return;
  }
  for (std::size_t s = 0; s < keys.rows(); ++s) {
    kernels::tanh_of_sum(query, keys.row(s), work, keys_);
    kernels::tanh_of_sum_gradient(dscores[s], score_weights_.data(), work, keys_, dv, dkeys.row(s), dquery);
  }
}

template <class T>
void Attention<T>::attend_backward(ThreadPool& pool, const AttentionMemory<T>& memory, View<const T> query,
                                   std::span<const Gaze<T>> gazes, View<const T> dcontext, View<T> projected,
                                   View<T> dquery, AttentionGradient<T>& sums, T* scratch) const {
  const std::size_t rows = query.rows(), longest = memory.layout->time();
  const bool additive = score_ == AttentionScore::additive;
  const View<T> again(scratch, rows, keys_);
  if (additive) query_.map(query, again);
  T* const dscores_begin = scratch + rows * query_scratch();
  Tensor<T>& key_sums = score_ == AttentionScore::dot ? sums.values : sums.keys;
  split_work(pool, rows, 3 * rows * multiply_adds(longest), [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) {
      const auto [b, weights] = gazes[r];
      const std::size_t steps = memory.steps(b);
      const View<const T> values = memory.values_of(b);
      T* const dscores = dscores_begin + r * longest;
      for (std::size_t s = 0; s < steps; ++s)
        dscores[s] = kernels::dot(dcontext.row(r), values.row(s), features_);
      softmax_gradient<T>({weights, steps}, {dscores, steps}, {dscores, steps});
      kernels::add_to_rows(weights, dcontext.row(r), steps, features_,
                           sums.values.matrix().row(memory.first[b]), features_);
      scores_gradient(keys_of(memory, b), additive ? again.row(r) : query.row(r), dscores,
                      additive ? scratch + (rows + r) * keys_ : nullptr,
                      key_sums.matrix().rows(memory.first[b], steps), (additive ? projected : dquery).row(r),
                      additive ? sums.v.matrix().row(r) : nullptr);
    }
  });
  if (additive) query_.input_gradient(pool, projected, dquery);
}

template <class T>
void Attention<T>::finish_backward(ThreadPool& pool, const AttentionMemory<T>& memory, View<const T> queries,
                                   View<const T> projected, AttentionGradient<T>& sums,
                                   Sequences<T>& dsequences, std::span<T> gradient) const {
  const std::size_t rows = memory.layout->rows();
  if (score_ == AttentionScore::additive) {
    query_.add_gradients(pool, projected, queries, gradient, sums.packed);
    kernels::add_column_sums(sums.v.data(), sums.v.shape()[0], keys_, keys_, gradient.data() + v_);
  }
  if (score_ != AttentionScore::dot) {
    const View<const T> dkeys = std::as_const(sums.keys).matrix();
    add_outer_products(pool, dkeys, std::as_const(memory.values).matrix(), gradient.data() + key_weights_,
                       sums.packed);
    split_work(pool, rows, rows * features_ * keys_, [&](std::size_t begin, std::size_t end) {
      product(dkeys.rows(begin, end - begin), key_factor_.back, sums.values.matrix().rows(begin, end - begin),
              kernels::Start::accumulate, {});
    });
  }
  dsequences.reshape(memory.layout, features_);
  for_each_step(memory, [&](std::size_t b, std::size_t s, std::size_t row) {
    std::ranges::copy(std::as_const(sums.values).matrix().row_span(row), dsequences.at(b, s).begin());
  });
}

template class Attention<float>;
template class Attention<double>;

}  // namespace carousel
