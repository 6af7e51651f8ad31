#include "kernels/lstm_sequence.h"

#include <algorithm>

#include "kernels/gemm.h"
#include "kernels/kernel_testing.h"
#include "kernels/lstm_gates.h"

namespace carousel::kernels {
namespace {

/// A cell and some steps of a sequence.
template <class T>
struct Run {
  Run(std::size_t inputs, std::size_t hidden, std::size_t count)
      : F(inputs),
        H(hidden),
        steps(count),
        W(random_values<T>(4 * H * F, 1)),
        R(random_values<T>(4 * H * H, 2)),
        b(random_values<T>(4 * H, 3)),
        x(random_values<T>(steps * F, 4)),
        h(random_values<T>(H, 5)),
        c(random_values<T>(H, 6)),
        products(steps * 4 * H),
        y(steps * H) {}

  void pack() {
    packed_W.pack(W.data(), F, 4 * H, 1, F, 4);
    packed_R.pack(R.data(), H, 4 * H, 1, H, 4);
    gemm(steps, LeftMatrix<T>{x.data(), F}, packed_W, products.data(), 4 * H, Start::bias, b.data());
  }
  /// By the kernels for batches.
  void step_by_step() {
    pack();
    for (std::size_t t = 0; t < steps; ++t) {
      T* const gates = products.data() + t * 4 * H;
      gemm(1, LeftMatrix<T>{t == 0 ? h.data() : y.data() + (t - 1) * H, H}, packed_R, gates, 4 * H,
           Start::accumulate);
      lstm_gates_forward<T>(
          plain_lstm_forward<T>(H, {gates, 0}, {c.data(), 0}, {c.data(), 0}, {y.data() + t * H, 0}), 0, 1, 0,
          H);
    }
  }
  void at_once(bool with_products) {
    pack();
    LstmSequence<T> sequence;
    sequence.pack(packed_W, packed_R, b.data());
    sequence.run({steps, x.data(), with_products ? products.data() : nullptr, h.data(), c.data(), y.data()});
  }

  std::size_t F, H, steps;
  Guarded<T> W, R, b, x, h, c, products, y;
  PackedMatrix<T> packed_W, packed_R;
};

TYPED_TEST_SUITE(KernelTest, Types);

TYPED_TEST(KernelTest, ASequenceAloneGetsTheBitsOfABatchOnEveryTargetAtEverySize) {
  using T = TypeParam;
  std::size_t sizes = 0;
  for (std::size_t hidden = 1; hidden <= 130; ++hidden) {
    const std::size_t inputs = 1 + hidden * 7 % 19;
    if (!LstmSequence<T>::takes(inputs, hidden)) continue;
    ++sizes;
    const Run<T> start(inputs, hidden, 3);
    Run<T> expected(start);
    {
      const ForcedTarget scalar("SCALAR");
      expected.step_by_step();
    }
    for (const std::string& target : available_targets()) {
      const ForcedTarget forced(target);
      for (const bool with_products : {false, true}) {
        Run<T> found(start);
        found.at_once(with_products);
        ASSERT_TRUE(same_bits(expected.y, found.y)) << "h, " << target << ", hidden " << hidden;
        ASSERT_TRUE(same_bits(expected.c, found.c)) << "c, " << target << ", hidden " << hidden;
      }
    }
  }
  EXPECT_EQ(sizes, sizeof(T) == sizeof(float) ? 128u : 90u);
}

TYPED_TEST(KernelTest, ASequenceAloneMayHaveManyInputsAndNoSteps) {
  using T = TypeParam;
  EXPECT_FALSE(LstmSequence<T>::takes(kBlockK + 1, 8));
  Run<T> expected(kBlockK, 40, 2), found(expected), none(kBlockK, 40, 0);
  expected.step_by_step();
  found.at_once(false);
  EXPECT_TRUE(same_bits(expected.y, found.y));
  const Guarded<T> before(none.c);
  none.at_once(false);
  EXPECT_TRUE(same_bits(before, none.c));
}

TYPED_TEST(KernelTest, NaNInASequenceAloneIsTheOneOfABatch) {
  using T = TypeParam;
  Run<T> expected(3, 21, 3);
  const std::vector<T> special = special_values<T>();
  for (std::size_t k = 0; k < special.size(); ++k) {
    expected.x[k % 9] = special[k];
    Run<T> found(expected), reference(expected);
    reference.step_by_step();
    found.at_once(k % 2 == 0);
    ASSERT_TRUE(same_bits(reference.y, found.y)) << special[k];
    ASSERT_TRUE(same_bits(reference.c, found.c)) << special[k];
  }
}

}  // namespace
}  // namespace carousel::kernels
