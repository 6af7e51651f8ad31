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
void add_by_definition(View<const float> a, View<const float> b, View<float> gradient) {
  for (std::size_t m = 0; m < a.columns(); ++m)
    for (std::size_t n = 0; n < b.columns(); ++n)
      for (std::size_t begin = 0; begin < a.rows(); begin += kernels::kBlockK) {
        float sum = 0;
        for (std::size_t r = begin; r < std::min(a.rows(), begin + kernels::kBlockK); ++r)
          sum = std::fma(a(r, m), b(r, n), sum);
        gradient(m, n) += sum;
      }
}

TEST(OuterProducts, AreSummedAsDefinedHoweverWideAndOnAnyThreads) {
  const std::size_t m = 70;
  for (const std::size_t n : {1, 5, 16, 127, 128, 129, 200})
    for (const std::size_t threads : {1, 3}) {
      // The second matrix has the same left factor, the third other columns of it.
      constexpr std::size_t columns[] = {0, 0, 20};
      Tensor<float> expected[] = {random_matrix(m, n, n), random_matrix(m, 40, 2),
                                  random_matrix(m - 20, 9, 3)};
      Tensor<float> found[] = {expected[0], expected[1], expected[2]};
      ThreadPool pool(threads);
      SegmentedGradients<float> sums;
      for (std::size_t i = 0; i < 3; ++i) sums.begin(columns[i], found[i].matrix());
      for (const std::size_t rows : {600, 41}) {
        const Tensor<float> left = random_matrix(rows, m, 1000 + rows);
        const Tensor<float> rights[] = {random_matrix(rows, n, 2000 + rows),
                                        random_matrix(rows, 40, 3000 + rows),
                                        random_matrix(rows, 9, 4000 + rows)};
        for (std::size_t i = 0; i < 3; ++i)
          add_by_definition(left.matrix().columns(columns[i], expected[i].shape()[0]), rights[i].matrix(),
                            expected[i].matrix());
        const std::vector<View<const float>> views = {rights[0].matrix(), rights[1].matrix(),
                                                      rights[2].matrix()};
        sums.add(pool, left.matrix(), views);
      }
      sums.end();
      for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t e = 0; e < expected[i].size(); ++e)
          ASSERT_EQ(expected[i][e], found[i][e])
              << n << " columns, " << threads << " threads, matrix " << i << ", element " << e;
    }
}

}  // namespace
}  // namespace carousel
