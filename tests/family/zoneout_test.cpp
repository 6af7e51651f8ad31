// Zoneout (Krueger et al., ICLR 2017) against plain loops: which of two values every unit of h and of c has
// after each step of training, and the mean of both elsewhere.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "contract/problem.h"
#include "family/masks.h"
#include "family/plain_lstm.h"

namespace carousel::testing {
namespace {

constexpr std::size_t kInputs = 3, kHidden = 96;
const std::vector<std::size_t> kLengths = {30, 17, 24};

struct Rates {
  double hidden, cell;
};
std::ostream& operator<<(std::ostream& out, const Rates& rates) {
  return out << "zoneout_hidden=" << rates.hidden << " zoneout_cell=" << rates.cell;
}

std::string spec_of(const Rates& rates) {
  return "lstm " + std::to_string(kHidden) + " zoneout_hidden=" + std::to_string(rates.hidden) +
         " zoneout_cell=" + std::to_string(rates.cell);
}

/// What a pass left of h and c at each step of each sequence, and what the plain loop makes of the step
/// before.
struct Seen {
  std::vector<double> h_before, c_before, h, c;
  PlainLstm::State made;
};

/// [sequence][step]
std::vector<std::vector<Seen>> run(const Problem<double>& problem, const Pass& pass) {
  const Network<double>& network = problem.network;
  Sequences<double> y;
  Tensor<double> state = problem.state;
  const auto trace = network.make_trace();
  network.forward(pass, problem.x, state.matrix(), y, *trace);
  const std::vector<Recording<double>> recordings = network.recordings(*trace);
  const Recording<double>& c = recordings.back();
  EXPECT_TRUE(c.name.ends_with(".c"));
  PlainLstm plain(network);
  std::vector<std::vector<Seen>> all(kLengths.size());
  for (std::size_t b = 0; b < kLengths.size(); ++b) {
    const std::span<const double> start = problem.state.matrix().row_span(b);
    std::vector<double> h_before = copy(start.first(kHidden)), c_before = copy(start.last(kHidden));
    for (std::size_t t = 0; t < kLengths[b]; ++t) {
      Seen seen{h_before, c_before, copy(y.at(b, t)), copy(c.values.row_span(c.layout->row(b, t))), {}};
      seen.made = plain.step(problem.x.at(b, t), h_before, c_before);
      h_before = seen.h, c_before = seen.c;
      all[b].push_back(std::move(seen));
    }
    EXPECT_EQ(copy(std::as_const(state).matrix().row_span(b).first(kHidden)), h_before);
    EXPECT_EQ(copy(std::as_const(state).matrix().row_span(b).last(kHidden)), c_before);
  }
  return all;
}

/// Where units stayed exactly what they were; all others are expected to be what the loop made.
std::vector<bool> kept(const std::vector<double>& before, const std::vector<double>& made,
                       const std::vector<double>& now) {
  std::vector<bool> result(now.size());
  for (std::size_t j = 0; j < now.size(); ++j) {
    result[j] = now[j] == before[j];
    if (!result[j]) {
      EXPECT_NEAR(now[j], made[j], 1e-12) << j;
    }
  }
  return result;
}

struct Kept {
  Masks h, c;  // steps of all sequences, one sequence behind the other
};
Kept kept_by(const Problem<double>& problem, const Pass& pass) {
  Kept result;
  for (const std::vector<Seen>& sequence : run(problem, pass))
    for (const Seen& seen : sequence) {
      result.h.push_back(kept(seen.h_before, seen.made.h, seen.h));
      result.c.push_back(kept(seen.c_before, seen.made.c, seen.c));
    }
  return result;
}

/// With the first `count` steps left out, or the last.
Masks from(const Masks& masks, std::size_t count) {
  return {masks.begin() + static_cast<std::ptrdiff_t>(count), masks.end()};
}
Masks but_the_last(const Masks& masks, std::size_t count) {
  return {masks.begin(), masks.end() - static_cast<std::ptrdiff_t>(count)};
}

class Zoneout : public ::testing::TestWithParam<Rates> {
 protected:
  Problem<double> problem{{"zoneout", spec_of(GetParam()), kInputs}, kLengths};
  ThreadPool pool{2};
};

TEST_P(Zoneout, InTrainingTheShareAskedForStaysWhatItWasAndTheRestIsNew) {
  const Kept seen = kept_by(problem, {.pool = &pool, .training = true, .seed = 3, .update = 5});
  const double p_h = GetParam().hidden, p_c = GetParam().cell;
  // 6,816 units; the deviation of a share is below 0.006.
  EXPECT_NEAR(share(seen.h), p_h, p_h > 0 ? 0.02 : 0);
  EXPECT_NEAR(share(seen.c), p_c, p_c > 0 ? 0.02 : 0);
  EXPECT_NEAR(common(seen.h, seen.c), p_h * p_c, 0.02);
}

TEST_P(Zoneout, UnitsAreDrawnAnewForEveryStepSequenceAndUpdate) {
  const Kept seen = kept_by(problem, {.pool = &pool, .training = true, .seed = 3, .update = 5});
  const Kept next = kept_by(problem, {.pool = &pool, .training = true, .seed = 3, .update = 6});
  const Kept seeded = kept_by(problem, {.pool = &pool, .training = true, .seed = 4, .update = 5});
  const Kept later =
      kept_by(problem, {.pool = &pool, .training = true, .first_step = 2, .seed = 3, .update = 5});
  for (const auto& [which, p] :
       {std::pair(&Kept::h, GetParam().hidden), std::pair(&Kept::c, GetParam().cell)}) {
    const Masks& masks = seen.*which;
    EXPECT_NEAR(common(from(masks, 1), but_the_last(masks, 1)), p * p, 0.02) << "steps";
    // Sequences of 30 and 17 steps lie before that of 24.
    const Masks first(masks.begin(), masks.begin() + 17), second(masks.begin() + 30, masks.begin() + 47);
    EXPECT_NEAR(common(first, second), p * p, 0.03) << "sequences";
    EXPECT_NEAR(common(masks, next.*which), p * p, 0.02) << "updates";
    EXPECT_NEAR(common(masks, seeded.*which), p * p, 0.02) << "seeds";
    // A pass that begins with a later step has its masks.
    EXPECT_TRUE(std::equal(masks.begin() + 2, masks.begin() + 30, (later.*which).begin()));
  }
}

TEST_P(Zoneout, OutsideTrainingIsTheMeanOfOldAndNew) {
  const double p_h = GetParam().hidden, p_c = GetParam().cell;
  for (const std::vector<Seen>& sequence : run(problem, {.pool = &pool, .record = true, .seed = 3}))
    for (const Seen& seen : sequence)
      for (std::size_t j = 0; j < kHidden; ++j) {
        EXPECT_NEAR(seen.h[j], p_h * seen.h_before[j] + (1 - p_h) * seen.made.h[j], 1e-12);
        EXPECT_NEAR(seen.c[j], p_c * seen.c_before[j] + (1 - p_c) * seen.made.c[j], 1e-12);
      }
}

/// A step at a time, as a stream runs.
TEST_P(Zoneout, AStreamsStepIsTheMeanOfOldAndNew) {
  const double p_h = GetParam().hidden, p_c = GetParam().cell;
  const Network<double>& network = problem.network;
  Tensor<double> state = problem.state, y({kLengths.size(), kHidden});
  std::vector<double> scratch(network.step_scratch(kLengths.size()));
  const View<const double> x = std::as_const(problem.x).step(0);
  network.step(x, state.matrix(), y.matrix(), scratch.data());
  PlainLstm plain(network);
  for (std::size_t slot = 0; slot < kLengths.size(); ++slot) {
    const std::span<const double> before = std::as_const(problem.state).matrix().row_span(slot);
    const auto made = plain.step(x.row_span(slot), copy(before.first(kHidden)), copy(before.last(kHidden)));
    for (std::size_t j = 0; j < kHidden; ++j) {
      const double h = p_h * before[j] + (1 - p_h) * made.h[j];
      EXPECT_NEAR(y.matrix()(slot, j), h, 1e-12);
      EXPECT_NEAR(state.matrix()(slot, j), h, 1e-12);
      EXPECT_NEAR(state.matrix()(slot, kHidden + j), p_c * before[kHidden + j] + (1 - p_c) * made.c[j],
                  1e-12);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rates, Zoneout, ::testing::Values(Rates{0.3, 0}, Rates{0, 0.2}, Rates{0.25, 0.5}),
                         [](const auto& rates) {
                           return rates.param.cell == 0     ? std::string("Hidden")
                                  : rates.param.hidden == 0 ? std::string("Cell")
                                                            : std::string("Both");
                         });

}  // namespace
}  // namespace carousel::testing
