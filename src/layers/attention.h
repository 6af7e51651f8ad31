// Attention: a query q looks at all steps m_s of a sequence and gets their mean, weighted by how well each
// fits:
//
//   additive         e_s = v . tanh(W q + b + U m_s)     Bahdanau, Cho & Bengio, ICLR 2015, app. A.1.2
//   multiplicative   e_s = q . (W m_s)                   Luong, Pham & Manning, EMNLP 2015, "general"
//   dot              e_s = q . m_s                       the same, "dot"
//
//   a = softmax(e) over the sequence's own steps;  context c = sum over s of a_s m_s
//
// Where a sequence has no steps the context is zero.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cells/products.h"
#include "layers/affine.h"
#include "tensor/sequences.h"

namespace carousel {

enum class AttentionScore { additive, multiplicative, dot };

/// "additive", "multiplicative", "dot".
const std::vector<std::string>& attention_score_names();

/// The sequences that are looked at: their steps and what each query is compared with, made once. Rows lie
/// sequence by sequence, the longest first.
template <class T>
struct AttentionMemory {
  LayoutPointer layout;
  std::vector<std::size_t> first;  // [B] the first row of each sequence
  Tensor<T> values;                // [rows, M] m_s
  Tensor<T> keys;                  // [rows, K] U m_s or W m_s; dot has none, its keys are the values

  std::size_t steps(std::size_t b) const noexcept { return layout->length(b); }
  View<const T> values_of(std::size_t b) const noexcept { return values.matrix().rows(first[b], steps(b)); }
};

/// What one query looks at.
template <class T>
struct Gaze {
  std::size_t sequence;
  T* weights;  ///< [steps of the sequence] a
};

/// Gradients that come together from all queries, between begin_backward and finish_backward.
template <class T>
struct AttentionGradient {
  Tensor<T> values, keys;  // like those of the memory
  Tensor<T> v;             // [most queries at once, K] of additive, in parts that are each one query's
  kernels::PackedMatrix<T> packed;
};

template <class T>
class Attention {
 public:
  /// For queries of Q values and sequences of M features. width: of additive's vectors, K there; elsewhere K
  /// is Q and width is not read. dot needs Q = M.
  Attention(AttentionScore score, std::size_t queries, std::size_t features, std::size_t width);

  std::size_t queries() const noexcept { return queries_; }
  std::size_t features() const noexcept { return features_; }

  /// As of a layer.
  std::string description() const;
  std::string kernel() const;
  /// Parameters: additive: name.W [K, Q], name.b [K], name.U [K, M], name.v [K]; multiplicative: name.W [Q,
  /// M].
  void declare(ParameterTable& table, const std::string& name);
  void initialise(std::span<T> weights, std::uint64_t seed) const;
  void pack(std::span<const T> weights, const Packing& packing);

  void remember(ThreadPool& pool, const Sequences<T>& sequences, AttentionMemory<T>& memory) const;

  /// query [R, Q], row r at gazes[r], whose weights are written -> context [R, M]. scratch: R *
  /// query_scratch() values.
  void attend(const AttentionMemory<T>& memory, View<const T> query, std::span<const Gaze<T>> gazes,
              View<T> context, T* scratch) const noexcept;
  std::size_t query_scratch() const noexcept { return score_ == AttentionScore::additive ? 2 * keys_ : 0; }
  /// Multiply-adds of a query at so many steps: for the splitting of work.
  std::size_t multiply_adds(std::size_t steps) const noexcept;

  /// queries: how many there may be at once.
  void begin_backward(const AttentionMemory<T>& memory, std::size_t queries,
                      AttentionGradient<T>& sums) const;
  /// After attend with the same query and gazes, no two at the same sequence. dcontext [R, M]; projected [R,
  /// K]: of additive, the gradient on W q + b, out, to be kept for finish_backward; dquery [R, Q] out.
  /// scratch: R * (query_scratch() + most steps of a sequence) values.
  void attend_backward(ThreadPool& pool, const AttentionMemory<T>& memory, View<const T> query,
                       std::span<const Gaze<T>> gazes, View<const T> dcontext, View<T> projected,
                       View<T> dquery, AttentionGradient<T>& sums, T* scratch) const;
  /// queries [N, Q], all that there were, and what attend_backward left for each in projected [N, K].
  /// dsequences: reshaped and overwritten; gradient, laid out like the weights, is added to.
  void finish_backward(ThreadPool& pool, const AttentionMemory<T>& memory, View<const T> queries,
                       View<const T> projected, AttentionGradient<T>& sums, Sequences<T>& dsequences,
                       std::span<T> gradient) const;
  /// Columns of `projected`.
  std::size_t projected() const noexcept { return score_ == AttentionScore::additive ? keys_ : 0; }

 private:
  /// What queries are compared with.
  View<const T> keys_of(const AttentionMemory<T>& memory, std::size_t b) const noexcept;
  void scores(View<const T> keys, const T* query, T* work, T* scores) const noexcept;
  /// Of one query: from the gradient on its scores to that on the keys and on what they are compared with.
  void scores_gradient(View<const T> keys, const T* query, const T* dscores, T* work, View<T> dkeys,
                       T* dquery, T* dv) const noexcept;

  AttentionScore score_;
  std::size_t queries_, features_, keys_;  // Q, M, K
  Affine<T> query_;                        // W q + b of additive
  std::size_t key_weights_ = 0, v_ = 0;    // offsets in the weight vector
  Factor<T> key_factor_;                   // U, or W of multiplicative [K, M]
  AlignedVector<T> score_weights_;         // v
};

}  // namespace carousel
