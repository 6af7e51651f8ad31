// CTC against the sum over all paths of tiny cases, closed forms, differences, and what has no path.
#include "losses/ctc.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "base/random.h"
#include "support/gradient_check.h"
#include "support/same_bits.h"

namespace carousel {
namespace {

using carousel::testing::same_bits;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Symbols = std::vector<std::size_t>;

template <class T>
Sequences<T> scores(std::vector<std::size_t> lengths, std::size_t classes, double scale,
                    std::uint64_t stream) {
  const Random random(7, stream);
  Sequences<T> result(std::move(lengths), classes);
  std::uint64_t at = 0;  // sequence by sequence, so that a value does not depend on batch mates' lengths
  for (std::size_t b = 0; b < result.layout().batch(); ++b)
    for (std::size_t t = 0; t < result.layout().length(b); ++t)
      for (T& p : result.at(b, t))
        p = static_cast<T>(static_cast<float>(random.uniform(at++, -scale, scale)));
  return result;
}

template <class T>
Sequences<T> targets(const std::vector<Symbols>& symbols) {
  std::vector<std::size_t> lengths;
  for (const Symbols& s : symbols) lengths.push_back(s.size());
  Sequences<T> result(lengths, 1);
  for (std::size_t b = 0; b < symbols.size(); ++b)
    for (std::size_t u = 0; u < symbols[b].size(); ++u) result.at(b, u)[0] = static_cast<T>(symbols[b][u]);
  return result;
}

template <class T>
LossValue evaluate(const Ctc<T>& loss, const Sequences<T>& p, const Sequences<T>& y,
                   Sequences<T>* d = nullptr, std::size_t threads = 1) {
  ThreadPool pool(threads);
  return loss.evaluate_sequences(pool, p, y, d);
}

/// Probability of `target` as the sum over all K^T paths that come to it, by the C library in long double.
template <class T>
long double by_paths(const Sequences<T>& p, std::size_t b, const Symbols& target) {
  const std::size_t time = p.layout().length(b), classes = p.features();
  std::vector<std::size_t> path(time, 0);
  long double sum = 0;
  while (true) {
    Symbols collapsed;
    long double probability = 1;
    for (std::size_t t = 0; t < time; ++t) {
      if (path[t] != classes - 1 && (t == 0 || path[t] != path[t - 1])) collapsed.push_back(path[t]);
      long double all = 0;
      for (const T other : p.at(b, t)) all += std::exp(static_cast<long double>(other));
      probability *= std::exp(static_cast<long double>(p.at(b, t)[path[t]])) / all;
    }
    if (collapsed == target) sum += probability;
    std::size_t t = 0;
    while (t < time && ++path[t] == classes) path[t++] = 0;
    if (t == time) return sum;
  }
}

const std::vector<Symbols> kTargets = {{}, {0}, {1}, {0, 1}, {1, 1}, {0, 0, 1}, {1, 0, 1}, {0, 1, 1, 0}};

template <class T>
void agrees_with_all_paths(double limit) {
  for (std::size_t time = 0; time <= 6; ++time)
    for (const std::size_t classes : {3, 4})
      for (const Symbols& target : kTargets) {
        const Sequences<T> p = scores<T>({time}, classes, 2, time);
        const LossValue value = evaluate(Ctc<T>(classes), p, targets<T>({target}));
        const long double probability = by_paths(p, 0, target);
        EXPECT_EQ(value.count, probability > 0 ? 1u : 0u);
        EXPECT_EQ(value.left_out, probability > 0 ? 0u : 1u) << time << " steps, " << target.size();
        const double expected = probability > 0 ? -static_cast<double>(std::log(probability)) : 0;
        EXPECT_NEAR(value.sum, expected, limit * (1 + expected)) << time << " steps, " << target.size();
      }
}
TEST(Ctc, IsTheSumOverAllPaths) {
  agrees_with_all_paths<float>(1e-6);
  agrees_with_all_paths<double>(1e-14);
}

TEST(Ctc, ClosedForm) {
  // Two steps, symbol a and the blank at odds of 1 : 3 and 1 : 1. "a": aa, a-, -a.
  Sequences<double> p({2}, 2), d;
  p.at(0, 0)[1] = std::log(3.0);
  const LossValue value = evaluate(Ctc<double>(2), p, targets<double>({{0}}), &d);
  EXPECT_NEAR(value.sum, -std::log(5.0 / 8), 1e-15);
  // 1/8, 1/8 and 3/8: of the paths, 2/5 put out "a" first, 4/5 put it out second.
  EXPECT_NEAR(d.at(0, 0)[0], 1.0 / 4 - 2.0 / 5, 1e-15);
  EXPECT_NEAR(d.at(0, 0)[1], 3.0 / 4 - 3.0 / 5, 1e-15);
  EXPECT_NEAR(d.at(0, 1)[0], 1.0 / 2 - 4.0 / 5, 1e-15);
  EXPECT_NEAR(d.at(0, 1)[1], 1.0 / 2 - 1.0 / 5, 1e-15);
}

TEST(Ctc, AllTargetsTogetherHaveProbabilityOne) {
  const Sequences<double> p = scores<double>({4}, 3, 2, 9);
  double sum = 0;
  for (std::size_t length = 0; length <= 4; ++length)
    for (std::size_t code = 0; code < std::size_t{1} << length; ++code) {
      Symbols target(length);
      for (std::size_t u = 0; u < length; ++u) target[u] = code >> u & 1;
      const LossValue value = evaluate(Ctc<double>(3), p, targets<double>({target}));
      if (value.count == 1) sum += std::exp(-value.sum);
    }
  EXPECT_NEAR(sum, 1, 1e-13);
}

TEST(Ctc, GradientAgreesWithDifferences) {
  const Ctc<double> loss(4);
  Sequences<double> p = scores<double>({7, 0, 5, 4, 1, 3}, 4, 2, 3), d;
  const Sequences<double> y = targets<double>({{0, 2, 2}, {}, {}, {1, 1, 1}, {2}, {2, 1, 0}});
  const LossValue value = evaluate(loss, p, y, &d);
  EXPECT_EQ(value.count, 5u);
  EXPECT_EQ(value.left_out, 1u);
  EXPECT_EQ(value.sum, evaluate(loss, p, y).sum) << "with and without a gradient";
  EXPECT_TRUE(testing::gradient_matches("dp", p.values(), std::as_const(d).values(),
                                        [&] { return evaluate(loss, p, y).mean(); }));
}

TEST(Ctc, WhatHasNoPathIsLeftOut) {
  EXPECT_EQ(ctc_steps(Symbols{}), 0u);
  EXPECT_EQ(ctc_steps(Symbols{1, 2, 1}), 3u);
  EXPECT_EQ(ctc_steps(Symbols{1, 1, 1, 2}), 6u);
  const Sequences<double> p = scores<double>({4, 5, 0}, 3, 1, 4);
  const Sequences<double> y = targets<double>({{1, 1, 1}, {1, 1, 1}, {0}});
  Sequences<double> d, alone;
  const LossValue value = evaluate(Ctc<double>(3), p, y, &d);
  EXPECT_EQ(value.count, 1u);
  EXPECT_EQ(value.left_out, 2u);
  for (std::size_t t = 0; t < 4; ++t) EXPECT_THAT(d.at(0, t), ::testing::Each(0.0));
  // The others learn as if it were not there.
  Sequences<double> kept({5}, 3);
  for (std::size_t t = 0; t < 5; ++t) std::ranges::copy(p.at(1, t), kept.at(0, t).begin());
  EXPECT_EQ(evaluate(Ctc<double>(3), kept, targets<double>({{1, 1, 1}}), &alone).sum, value.sum);
  for (std::size_t t = 0; t < 5; ++t)
    EXPECT_THAT(d.at(1, t), ::testing::ElementsAreArray(alone.at(0, t))) << t;
}

TEST(Ctc, LongSequencesOfFloatsKeepTheirPrecision) {
  Symbols target(120);
  for (std::size_t u = 0; u < target.size(); ++u) target[u] = u * u % 9;
  const Sequences<float> p = scores<float>({2000}, 10, 8, 5);
  Sequences<double> wide({2000}, 10), d_wide;
  for (std::size_t i = 0; i < p.values().size(); ++i) wide.values()[i] = static_cast<double>(p.values()[i]);
  Sequences<float> d;
  const LossValue value = evaluate(Ctc<float>(10), p, targets<float>({target}), &d);
  const LossValue expected = evaluate(Ctc<double>(10), wide, targets<double>({target}), &d_wide);
  EXPECT_GT(expected.sum, 1000);
  EXPECT_NEAR(value.sum, expected.sum, 1e-6 * expected.sum);
  for (std::size_t i = 0; i < d.values().size(); ++i)
    ASSERT_NEAR(d.values()[i], d_wide.values()[i], 2e-5) << i;
}

TEST(Ctc, NeitherThreadsNorBatchMatesShowInTheBits) {
  std::vector<std::size_t> lengths;
  std::vector<Symbols> symbols;
  for (std::size_t b = 0; b < 13; ++b) {
    lengths.push_back(b * 5 % 11 + 3);
    symbols.push_back(Symbols(b % 4, b % 3));
  }
  const Sequences<float> p = scores<float>(lengths, 6, 3, 6), y = targets<float>(symbols);
  Sequences<float> one, more;
  const LossValue expected = evaluate(Ctc<float>(6), p, y, &one);
  for (const std::size_t threads : {2, 3, 8}) {
    EXPECT_EQ(evaluate(Ctc<float>(6), p, y, &more, threads).sum, expected.sum) << threads;
    EXPECT_TRUE(same_bits(std::as_const(one).values(), std::as_const(more).values())) << threads;
  }
  double sum = 0;
  for (std::size_t b = 0; b < 13; ++b) {
    Sequences<float> alone({lengths[b]}, 6);
    for (std::size_t t = 0; t < lengths[b]; ++t) std::ranges::copy(p.at(b, t), alone.at(0, t).begin());
    sum += evaluate(Ctc<float>(6), alone, targets<float>({symbols[b]})).sum;
  }
  EXPECT_EQ(sum, expected.sum);
}

TEST(Ctc, RowsAreOneSequence) {
  const Sequences<double> p = scores<double>({6}, 3, 2, 8), y = targets<double>({{1, 0}});
  Sequences<double> d;
  const LossValue expected = evaluate(Ctc<double>(3), p, y, &d);
  Tensor<double> rows({6, 3}, 77.0);
  const LossPointer<double> loss = make_loss<double>("ctc", {.quantiles = {}, .classes = 3});
  EXPECT_EQ(loss->evaluate(p.matrix(), y.matrix(), rows.matrix()).sum, expected.sum);
  EXPECT_THAT(rows.span(), ::testing::ElementsAreArray(d.values()));
  EXPECT_EQ(loss->evaluate(p.matrix(), y.matrix(), {}).sum, expected.sum);
  EXPECT_THAT([&] { loss->evaluate(p.matrix(), y.matrix(), rows.matrix().rows(0, 2)); },
              ThrowsMessage<Error>(HasSubstr("expected a gradient [6, 3], got [2, 3]")));
}

TEST(Ctc, ANumberThatIsNoneIsNotHidden) {
  Sequences<float> p = scores<float>({5, 5}, 3, 1, 2);
  p.at(1, 2)[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(evaluate(Ctc<float>(3), p, targets<float>({{1}, {1}})).sum));
}

TEST(Ctc, WhatDoesNotFitIsRefused) {
  EXPECT_THAT([] { Ctc<float> loss(1); },
              ThrowsMessage<SettingError>(HasSubstr("symbols and the blank, got 1")));
  const auto refusal = [](std::size_t outputs, const Sequences<double>& y, const char* message) {
    EXPECT_THAT(
        [&] {
          evaluate(Ctc<double>(4), Sequences<double>({3, 3}, outputs), y);
        },
        ThrowsMessage<Error>(HasSubstr(message)));
  };
  const Sequences<double> y = targets<double>({{1}, {0, 2}});
  EXPECT_EQ(evaluate(Ctc<double>(4), Sequences<double>({3, 3}, 4), y).count, 2u);
  refusal(5, y, "[ctc] expected predictions [T, B, 4]");
  refusal(4, Sequences<double>({1, 1}, 2), "targets [U, B, 1], got 4 and 2 values a step");
  refusal(4, targets<double>({{1}}), "[ctc] a batch has 2 predictions and 1 targets");
  for (const double bad : {3.0, -1.0, 0.5, std::numeric_limits<double>::quiet_NaN()}) {
    Sequences<double> wrong = y;
    wrong.at(1, 1)[0] = bad;
    refusal(4, wrong, "at step 1 of sequence 1");
  }
}

}  // namespace
}  // namespace carousel
