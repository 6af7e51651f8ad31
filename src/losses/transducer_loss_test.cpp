// The transducer's loss against the sum over all paths of tiny lattices, closed forms and differences.
#include "losses/transducer_loss.h"

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
Sequences<T> targets(const std::vector<Symbols>& symbols) {
  std::vector<std::size_t> lengths;
  for (const Symbols& s : symbols) lengths.push_back(s.size());
  Sequences<T> result(lengths, 1);
  for (std::size_t b = 0; b < symbols.size(); ++b)
    for (std::size_t u = 0; u < symbols[b].size(); ++u) result.at(b, u)[0] = static_cast<T>(symbols[b][u]);
  return result;
}

/// Logits of the lattices for so many steps of each sequence, that are its own whatever stands beside it.
template <class T>
Sequences<T> lattices(const std::vector<std::size_t>& times, const std::vector<Symbols>& symbols,
                      std::size_t classes, double scale) {
  std::vector<std::size_t> lengths;
  for (std::size_t b = 0; b < times.size(); ++b) lengths.push_back(times[b] * (symbols[b].size() + 1));
  Sequences<T> result(lengths, classes);
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    const Random random(3, 100 * times[b] + symbols[b].size());
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < lengths[b]; ++i)
      for (T& p : result.at(b, i))
        p = static_cast<T>(static_cast<float>(random.uniform(at++, -scale, scale)));
  }
  return result;
}

template <class T>
LossValue evaluate(const TransducerLoss<T>& loss, const Sequences<T>& p, const Sequences<T>& y,
                   Sequences<T>* d = nullptr, std::size_t threads = 1) {
  ThreadPool pool(threads);
  return loss.evaluate_sequences(pool, p, y, d);
}

/// By walking every path, by the C library in long double.
template <class T>
long double by_paths(const Sequences<T>& p, std::size_t time, const Symbols& target, std::size_t t,
                     std::size_t u) {
  if (t == time) return u == target.size() ? 1 : 0;
  const auto row = p.at(0, t * (target.size() + 1) + u);
  long double all = 0;
  for (const T other : row) all += std::exp(static_cast<long double>(other));
  long double sum =
      std::exp(static_cast<long double>(row.back())) / all * by_paths(p, time, target, t + 1, u);
  if (u < target.size())
    sum += std::exp(static_cast<long double>(row[target[u]])) / all * by_paths(p, time, target, t, u + 1);
  return sum;
}

const std::vector<Symbols> kTargets = {{}, {0}, {1, 1}, {1, 0, 2}, {2, 2, 2, 1}};

template <class T>
void agrees_with_all_paths(double limit) {
  for (std::size_t time = 1; time <= 5; ++time)
    for (const Symbols& target : kTargets) {
      const Sequences<T> p = lattices<T>({time}, {target}, 4, 2);
      const LossValue value = evaluate(TransducerLoss<T>(4), p, targets<T>({target}));
      const double expected = -static_cast<double>(std::log(by_paths(p, time, target, 0, 0)));
      EXPECT_EQ(value.count, 1u);
      EXPECT_NEAR(value.sum, expected, limit * (1 + expected)) << time << " steps, " << target.size();
    }
}
TEST(TransducerLoss, IsTheSumOverAllPaths) {
  agrees_with_all_paths<float>(1e-6);
  agrees_with_all_paths<double>(1e-14);
}

TEST(TransducerLoss, ClosedForm) {
  // One symbol, two steps: it is put out at the first or at the second. Odds of symbol to blank:
  Sequences<double> p({4}, 2), d;
  p.at(0, 0)[0] = std::log(3.0);   // (0, 0): 3 : 1
  p.at(0, 1)[0] = std::log(1.0);   // (0, 1): 1 : 1
  p.at(0, 2)[0] = std::log(4.0);   // (1, 0): 4 : 1
  p.at(0, 3)[0] = std::log(0.25);  // (1, 1): 1 : 4
  const LossValue value = evaluate(TransducerLoss<double>(2), p, targets<double>({{0}}), &d);
  const double first = 3.0 / 4 * 1 / 2 * 4 / 5, second = 1.0 / 4 * 4 / 5 * 4 / 5, all = first + second;
  EXPECT_NEAR(value.sum, -std::log(all), 1e-15);
  const double on[] = {first / all, first / all,
                       second / all};  // shares of the symbol, and of (0, 1), (1, 0)
  const double expected[] = {3.0 / 4 - on[0], 1.0 / 2 * on[1], (4.0 / 5 - 1) * on[2], 1.0 / 5};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(d.at(0, i)[0], expected[i], 1e-15) << i;
    EXPECT_NEAR(d.at(0, i)[1], -expected[i], 1e-15) << i;
  }
}

TEST(TransducerLoss, GradientAgreesWithDifferences) {
  const TransducerLoss<double> loss(4);
  const std::vector<Symbols> symbols = {{0, 2, 2}, {}, {1}, {1, 0}, {}, {2}};
  Sequences<double> p = lattices<double>({4, 3, 0, 1, 0, 5}, symbols, 4, 2), d;
  const Sequences<double> y = targets<double>(symbols);
  const LossValue value = evaluate(loss, p, y, &d);
  EXPECT_EQ(value.count, 5u);
  EXPECT_EQ(value.left_out, 1u) << "a symbol, but no step to put it out";
  EXPECT_EQ(value.sum, evaluate(loss, p, y).sum) << "with and without a gradient";
  EXPECT_TRUE(testing::gradient_matches("dp", p.values(), std::as_const(d).values(),
                                        [&] { return evaluate(loss, p, y).mean(); }));
}

TEST(TransducerLoss, LongLatticesOfFloatsKeepTheirPrecision) {
  Symbols target(40);
  for (std::size_t u = 0; u < target.size(); ++u) target[u] = u * u % 5;
  const Sequences<float> p = lattices<float>({300}, {target}, 6, 8);
  Sequences<double> wide(p.layout_pointer(), 6), d_wide;
  for (std::size_t i = 0; i < p.values().size(); ++i) wide.values()[i] = static_cast<double>(p.values()[i]);
  Sequences<float> d;
  const LossValue value = evaluate(TransducerLoss<float>(6), p, targets<float>({target}), &d);
  const LossValue expected = evaluate(TransducerLoss<double>(6), wide, targets<double>({target}), &d_wide);
  EXPECT_GT(expected.sum, 100);
  EXPECT_NEAR(value.sum, expected.sum, 1e-6 * expected.sum);
  for (std::size_t i = 0; i < d.values().size(); ++i)
    ASSERT_NEAR(d.values()[i], d_wide.values()[i], 2e-5) << i;
}

TEST(TransducerLoss, NeitherThreadsNorBatchMatesShowInTheBits) {
  std::vector<std::size_t> times;
  std::vector<Symbols> symbols;
  for (std::size_t b = 0; b < 11; ++b) {
    times.push_back(b * 5 % 7 + 1);
    symbols.push_back(Symbols(b % 4, b % 3));
  }
  const Sequences<float> p = lattices<float>(times, symbols, 6, 3), y = targets<float>(symbols);
  Sequences<float> one, more;
  const LossValue expected = evaluate(TransducerLoss<float>(6), p, y, &one);
  for (const std::size_t threads : {2, 3, 8}) {
    EXPECT_EQ(evaluate(TransducerLoss<float>(6), p, y, &more, threads).sum, expected.sum) << threads;
    EXPECT_TRUE(same_bits(std::as_const(one).values(), std::as_const(more).values())) << threads;
  }
  double sum = 0;
  for (std::size_t b = 0; b < 11; ++b)
    sum += evaluate(TransducerLoss<float>(6), lattices<float>({times[b]}, {symbols[b]}, 6, 3),
                    targets<float>({symbols[b]}))
               .sum;
  EXPECT_EQ(sum, expected.sum);
}

TEST(TransducerLoss, IsMadeByNameAndRefusesWhatDoesNotFit) {
  LossOptions options;
  options.classes = 3;
  const LossPointer<double> loss = make_loss<double>("transducer", options);
  EXPECT_EQ(loss->name(), "transducer");
  EXPECT_TRUE(loss->whole_sequences());
  ThreadPool pool(1);
  const auto refusal = [&](std::size_t rows, const Sequences<double>& y, const char* message) {
    EXPECT_THAT([&] { loss->evaluate_sequences(pool, Sequences<double>({rows}, 3), y, nullptr); },
                ThrowsMessage<Error>(HasSubstr(message)));
  };
  refusal(7, targets<double>({{1, 0}}), "sequence 0: expected a lattice of T x 3 rows");
  refusal(6, targets<double>({{1, 2}}), "[transducer] expected targets that are numbers of symbols, 0 to 1");
  options.classes = 1;
  EXPECT_THAT([&] { make_loss<double>("transducer", options); },
              ThrowsMessage<SettingError>(HasSubstr("loss transducer: from 2")));
}

}  // namespace
}  // namespace carousel
