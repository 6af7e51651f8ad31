#include "layers/outer_products.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace carousel {
namespace {

Tensor<float> random_matrix(std::size_t rows, std::size_t columns, std::uint64_t stream) {
  Tensor<float> matrix({rows, columns});
  const Random random(3, stream);
  for (std::size_t i = 0; i < matrix.size(); ++i)
    matrix[i] = static_cast<float>(random.uniform(i, -1.0, 1.0));
  return matrix;
}

/// The definition in kernels/gemm.h: blocks of kBlockK rows, each a chain of FMAs from zero.
void add_by_definition(const Tensor<float>& left, const Tensor<float>& right, Tensor<float>& gradient) {
  const View<const float> a = left.matrix(), b = right.matrix();
  for (std::size_t m = 0; m < a.columns(); ++m)
    for (std::size_t n = 0; n < b.columns(); ++n)
      for (std::size_t begin = 0; begin < a.rows(); begin += kernels::kBlockK) {
        float sum = 0;
        for (std::size_t r = begin; r < std::min(a.rows(), begin + kernels::kBlockK); ++r)
          sum = std::fma(a(r, m), b(r, n), sum);
        gradient.matrix()(m, n) += sum;
      }
}

TEST(OuterProducts, AreSummedAsDefinedHoweverWideAndOnAnyThreads) {
  const std::size_t m = 70;
  for (const std::size_t n : {1, 5, 16, 127, 128, 129, 200}) {
    Tensor<float> expected = random_matrix(m, n, n), found[2] = {expected, expected};
    ThreadPool one(1), three(3);
    ThreadPool* const pools[] = {&one, &three};
    SegmentedGradient<float> sums[2];
    for (std::size_t i = 0; i < 2; ++i) sums[i].begin(found[i].matrix());
    for (const std::size_t rows : {600, 41}) {
      const Tensor<float> left = random_matrix(rows, m, 1000 + rows),
                          right = random_matrix(rows, n, 2000 + rows);
      add_by_definition(left, right, expected);
      for (std::size_t i = 0; i < 2; ++i) sums[i].add(*pools[i], left.matrix(), right.matrix());
    }
    for (std::size_t i = 0; i < 2; ++i) {
      sums[i].end();
      for (std::size_t e = 0; e < expected.size(); ++e)
        ASSERT_EQ(expected[e], found[i][e])
            << n << " columns, " << pools[i]->threads() << " threads, element " << e;
    }
  }
}

TEST(Transpose, ExchangesRowsAndColumns) {
  const Tensor<float> from = random_matrix(37, 50, 1);
  Tensor<float> to({50, 37});
  transpose(from.matrix(), to.matrix());
  for (std::size_t r = 0; r < 37; ++r)
    for (std::size_t c = 0; c < 50; ++c) ASSERT_EQ(from.matrix()(r, c), to.matrix()(c, r));
}

}  // namespace
}  // namespace carousel
