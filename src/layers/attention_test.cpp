#include "layers/attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace carousel {
namespace {

// Against the formulas, written as loops: one query, one sequence.
TEST(Attention, IsTheSoftmaxOfItsScores) {
  constexpr std::size_t Q = 3, M = 4, K = 5, S = 6;
  for (const auto score : {AttentionScore::additive, AttentionScore::multiplicative}) {
    Attention<double> attention(score, Q, M, K);
    ParameterTable table;
    attention.declare(table, "attention");
    std::vector<double> weights(table.size());
    const Random random(3, 3);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = random.uniform(i, -1, 1);
    attention.pack(weights, {});
    const auto weight = [&](const char* name) {
      return weights.data() +
             std::ranges::find(table.all(), std::string("attention.") + name, &Parameter::name)->offset;
    };
    Sequences<double> memory({S}, M);
    Tensor<double> query({1, Q}), context({1, M});
    for (std::size_t i = 0; i < S * M; ++i) memory.values()[i] = random.uniform(1000 + i, -1, 1);
    for (std::size_t i = 0; i < Q; ++i) query[i] = random.uniform(2000 + i, -1, 1);
    std::vector<double> expected(S), found(S);
    double sum = 0;
    for (std::size_t s = 0; s < S; ++s) {
      double e = 0;
      const std::size_t keys = score == AttentionScore::additive ? K : Q;
      for (std::size_t k = 0; k < keys; ++k) {
        double key = 0, projected = 0;
        const double* U = weight(score == AttentionScore::additive ? "U" : "W");
        for (std::size_t m = 0; m < M; ++m) key += U[k * M + m] * memory.at(0, s)[m];
        if (score == AttentionScore::additive) {
          for (std::size_t q = 0; q < Q; ++q) projected += weight("W")[k * Q + q] * query[q];
          e += weight("v")[k] * std::tanh(projected + weight("b")[k] + key);
        } else {
          e += query[k] * key;
        }
      }
      sum += expected[s] = std::exp(e);
    }
    ThreadPool pool(1);
    AttentionMemory<double> remembered;
    attention.remember(pool, memory, remembered);
    const Gaze<double> gaze{0, found.data()};
    std::vector<double> scratch(attention.query_scratch());
    attention.attend(remembered, std::as_const(query).matrix(), {&gaze, 1}, context.matrix(), scratch.data());
    for (std::size_t m = 0; m < M; ++m) {
      double c = 0;
      for (std::size_t s = 0; s < S; ++s) c += expected[s] / sum * memory.at(0, s)[m];
      EXPECT_NEAR(context[m], c, 1e-14);
    }
    for (std::size_t s = 0; s < S; ++s) EXPECT_NEAR(found[s], expected[s] / sum, 1e-14);
  }
}

}  // namespace
}  // namespace carousel
