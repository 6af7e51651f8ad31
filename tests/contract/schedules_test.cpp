// However a pass is shared out to threads, its bits are those of one thread. Each test first makes sure that
// the schedule it is about is the one taken.
#include <thread>

#include "contract/problem.h"
#include "kernels/kernel_testing.h"

namespace carousel::testing {
namespace {

/// By what the first layer shares such a pass out, where it does.
template <class T>
SharedBy schedule_of(const Problem<T>& problem, const Load& load) {
  return problem.network.layers().front()->schedule(load).by;
}

/// Lengths from 0 to 7, or with `scale` multiples of them.
std::vector<std::size_t> unequal(std::size_t batch, std::size_t scale = 1) {
  std::vector<std::size_t> lengths(batch);
  for (std::size_t b = 0; b < batch; ++b) lengths[b] = (b * 7 + 6) % 8 * scale;
  return lengths;
}

template <class T>
void expect_one_answer(const Problem<T>& problem, const std::vector<std::size_t>& threads,
                       const std::string& what) {
  for (const bool training : {false, true}) {
    const Outcome<T> one = problem.run(1, training);
    for (const std::size_t count : threads)
      expect_same(one, problem.run(count, training),
                  what + (training ? ", training, " : ", ") + std::to_string(count) + " threads");
  }
}

/// The first sequence step by step, of which no step knows the next.
void expect_steps_give_the_same(const Problem<float>& problem) {
  const Outcome<float> whole = problem.run(1, false);
  const Network<float>& network = problem.network;
  Tensor<float> state({1, network.state_size()});
  std::ranges::copy(problem.state.matrix().row_span(0), state.data());
  std::vector<float> y(network.outputs());
  AlignedVector<float> scratch(network.step_scratch(1));
  for (std::size_t t = 0; t < problem.x.layout().length(0); ++t) {
    const View<const float> x(problem.x.at(0, t).data(), 1, network.inputs());
    network.step(x, state.matrix(), View<float>(y.data(), 1, y.size()), scratch.data());
    ASSERT_TRUE(same_bits(std::span<const float>(y), whole.y.at(0, t))) << "step " << t;
  }
}

/// Few sequences of a layer so large that threads share out its units, in all batch sizes around where that
/// ends.
template <class T>
void sharing_out_units_does_not_show(const std::string& layer) {
  const Member large{"large", layer, 5};
  for (const std::size_t batch : {1, 2, 5, 12, 13, 17, 18, 19}) {
    const Problem<T> problem(large, unequal(batch));
    EXPECT_EQ(schedule_of(problem, {2, batch}), batch <= 12 ? SharedBy::units : SharedBy::rows);
    EXPECT_EQ(schedule_of(problem, {3, batch}), batch <= 18 ? SharedBy::units : SharedBy::rows);
    EXPECT_TRUE(batch > 1 || schedule_of(problem, {8, 1}) == SharedBy::units);
    expect_one_answer(problem, {2, 3, 8}, std::to_string(batch) + " sequences");
  }
}
TEST(Schedules, SharingOutUnitsDoesNotShow) {
  sharing_out_units_does_not_show<float>("lstm 192");
  sharing_out_units_does_not_show<float>("lstm 200");  // not a multiple of the vectors' lanes
  sharing_out_units_does_not_show<double>("lstm 136");
  sharing_out_units_does_not_show<float>("gru 192");
  sharing_out_units_does_not_show<float>("gru 200");
  sharing_out_units_does_not_show<double>("gru 136");
  sharing_out_units_does_not_show<float>("rnn 384");
  sharing_out_units_does_not_show<float>("slstm 192 heads=8");
}

TEST(Schedules, SharingOutUnitsOfARegularisedLayerDoesNotShow) {
  sharing_out_units_does_not_show<float>("lstm 192 zoneout_hidden=0.1 zoneout_cell=0.2 learned_start=on");
  sharing_out_units_does_not_show<float>("lstm 200 variational_dropout=0.2");
  sharing_out_units_does_not_show<float>("peephole 200 output_peephole=previous zoneout_cell=0.2");
  sharing_out_units_does_not_show<float>("gru 192 zoneout_hidden=0.1");
  sharing_out_units_does_not_show<float>("rnn 384 zoneout_hidden=0.1 variational_dropout=0.2");
  sharing_out_units_does_not_show<float>("slstm 192 heads=8 zoneout_hidden=0.1");
}

TEST(Schedules, SharingOutUnitsDoesNotShowOverManyBlocksOfSteps) {
  const Member large{"large", "lstm 192", 5};
  for (const std::size_t batch : {1, 3}) {
    const Problem<float> problem(large, unequal(batch, 43));
    EXPECT_EQ(schedule_of(problem, {2, batch}), SharedBy::units);
    expect_one_answer(problem, {2, 3}, std::to_string(batch) + " sequences");
  }
}

/// Input weights that fill a cache are used for many steps at a time.
TEST(Schedules, LongBlocksOfStepsDoNotShow) {
  for (const Member& wide : {Member{"wide", "lstm 80", 1700}, Member{"wide", "lstm 132", 1000}}) {
    for (const std::size_t batch : {1, 5, 40}) {
      const Problem<float> problem(wide, unequal(batch, batch == 1 ? 90 : 5));
      EXPECT_EQ(schedule_of(problem, {2, batch}), SharedBy::rows);
      expect_one_answer(problem, {2, 3, 8}, std::to_string(batch) + " sequences");
      expect_steps_give_the_same(problem);
    }
  }
}

TEST(Schedules, SharingOutUnitsDoesNotShowOnAnyInstructionSet) {
  const Member large{"large", "lstm 200", 5};
  const Outcome<float> best = Problem<float>(large, unequal(3, 20)).run(1);
  for (const std::string& target : kernels::available_targets()) {
    const kernels::ForcedTarget forced(target);
    const Problem<float> problem(large, unequal(3, 20));
    EXPECT_EQ(schedule_of(problem, {2, 3}), SharedBy::units);
    expect_same(best, problem.run(2), target);
    expect_same(best, problem.run(3), target);
  }
}

TEST(Schedules, SharingOutUnitsDoesNotShowWhereTheGradientIsTruncated) {
  for (const char* layer : {"lstm 192", "gru 192"}) {
    const Problem<float> problem({"large", layer, 5}, unequal(3, 9));
    const auto run = [&](std::size_t threads) {
      ThreadPool pool(threads);
      return problem.run({.pool = &pool, .training = true, .truncate = 4});
    };
    EXPECT_EQ(schedule_of(problem, {2, 3}), SharedBy::units);
    expect_same(run(1), run(2), layer);
    expect_same(run(1), run(3), layer);
  }
}

/// Threads share the images of an md_lstm by eights.
TEST(Schedules, SharingOutImagesDoesNotShow) {
  for (const char* layer : {"md_lstm 24 size=12x12", "md_lstm 24 size=12x12 merge=sum output=last"})
    for (const std::size_t batch : {8, 9, 20}) {
      const Problem<float> problem({"images", layer, 144}, std::vector<std::size_t>(batch, 1));
      const PassSchedule shared = problem.network.layers().front()->schedule({8, batch});
      EXPECT_EQ(shared.by, SharedBy::rows);
      EXPECT_EQ(shared.threads, (batch + 7) / 8);
      expect_one_answer(problem, {2, 3}, std::to_string(batch) + " images");
    }
}

/// A pool whose threads were told not to wait for each other makes the pass another way.
TEST(Schedules, ThreadsKeptApartDoNotShow) {
  const Problem<float> problem({"large", "lstm 192", 5}, unequal(5, 20));
  const Outcome<float> one = problem.run(1);
  ThreadPool pool(2);
  const Pass pass{.pool = &pool, .training = true, .seed = 1, .update = 7};
  EXPECT_EQ(schedule_of(problem, pass.load(5)), SharedBy::units);
  pool.keep_apart();
  EXPECT_EQ(pool.threads_now(), 1u);
  expect_same(one, problem.run(pass), "kept apart");
}

TEST(Schedules, ASecondCallerDoesNotShow) {
  const Problem<float> problem({"large", "lstm 192", 5}, unequal(5, 20));
  const Outcome<float> one = problem.run(1);
  ThreadPool pool(2);
  const Pass pass{.pool = &pool, .training = true, .seed = 1, .update = 7};
  EXPECT_EQ(schedule_of(problem, pass.load(5)), SharedBy::units);
  std::atomic<bool> stop{false};  // sometimes the pool has no threads for the other
  std::thread other([&] {
    while (!stop) expect_same(one, problem.run(pass), "the second caller");
  });
  for (int turn = 0; turn < 5; ++turn) expect_same(one, problem.run(pass), "the first caller");
  stop = true;
  other.join();
}

template <class T>
void directions_do_not_show() {
  const Member both{"both", "bidirectional(lstm 24)", 5};
  for (const std::size_t batch : {1, 2, 5, 33}) {
    const Problem<T> problem(both, unequal(batch, 12));
    EXPECT_EQ(schedule_of(problem, {2, batch}), SharedBy::directions);
    EXPECT_EQ(schedule_of(problem, {8, batch}), batch <= 2 ? SharedBy::directions : SharedBy::rows);
    expect_one_answer(problem, {2, 3, 8}, std::to_string(batch) + " sequences");
  }
}
TEST(Schedules, DirectionsSideBySideDoNotShow) {
  directions_do_not_show<float>();
  directions_do_not_show<double>();
}

/// Batches in which threads share out blocks of steps of the scan, and such in which they share out
/// sequences; each sequence goes on from another place in a block.
template <class T>
void steps_do_not_show() {
  for (const char* layer : {"min_lstm 70", "min_gru 40 candidate=positive"})
    for (const std::size_t batch : {1, 2, 5, 33}) {
      Problem<T> problem({"min", layer, 24}, unequal(batch, batch < 6 ? 900 : 40));
      for (std::size_t b = 0; b < batch; ++b)
        problem.state.matrix()(b, problem.network.state_size() - 1) = static_cast<T>((7 * b + 5) % 32);
      EXPECT_EQ(schedule_of(problem, {2, batch}), SharedBy::steps);
      expect_one_answer(problem, {2, 3, 8}, layer + (", " + std::to_string(batch)) + " sequences");
    }
}
TEST(Schedules, SharingOutStepsDoesNotShow) {
  steps_do_not_show<float>();
  steps_do_not_show<double>();
}

template <class T>
void heads_do_not_show() {
  for (const std::size_t batch : {1, 2, 5, 33}) {
    const Problem<T> problem({"heads", "mlstm 60 heads=5", 24}, unequal(batch, batch < 3 ? 100 : 20));
    EXPECT_EQ(schedule_of(problem, {8, batch}), batch < 8 ? SharedBy::heads : SharedBy::rows);
    expect_one_answer(problem, {2, 3, 8}, std::to_string(batch) + " sequences");
  }
}
TEST(Schedules, SharingOutHeadsDoesNotShow) {
  heads_do_not_show<float>();
  heads_do_not_show<double>();
}

TEST(Schedules, SharingOutStepsAndHeadsDoesNotShowWhereTheGradientIsTruncated) {
  for (const char* layer : {"min_lstm 70", "mlstm 60 heads=5", "slstm 240 heads=3"}) {
    for (const std::size_t batch : {1, 3}) {
      const Problem<float> problem({"large", layer, 24}, unequal(batch, batch == 1 ? 900 : 50));
      const auto run = [&](std::size_t threads, std::size_t truncate) {
        ThreadPool pool(threads);
        return problem.run({.pool = &pool, .training = true, .truncate = truncate});
      };
      for (const std::size_t truncate : {7, 50}) {
        expect_same(run(1, truncate), run(2, truncate), layer);
        expect_same(run(1, truncate), run(3, truncate), layer);
        EXPECT_FALSE(same_bits(run(1, 0).dx.values(), run(1, truncate).dx.values())) << layer;
      }
    }
  }
}

/// What is behind a cut has nothing of it.
TEST(Schedules, SharingOutStepsDoesNotCarryInfinityAcrossACut) {
  Problem<float> problem({"large", "min_lstm 70", 24}, {900});
  problem.dy.values().back() = std::numeric_limits<float>::infinity();
  const auto run = [&](std::size_t threads) {
    ThreadPool pool(threads);
    return problem.run({.pool = &pool, .training = true, .truncate = 50});
  };
  const Outcome<float> one = run(1);
  expect_same(one, run(3), "an infinite gradient");
  EXPECT_TRUE(std::isfinite(one.dx.values()[0]));
  EXPECT_FALSE(std::isfinite(one.dx.values().back()));
}

template <class T>
void layers_do_not_show(const std::string& spec) {
  for (const std::size_t length : {0, 1, 15, 16, 17, 100, 1201}) {
    const Problem<T> problem({"deep", spec, 3}, {length});
    EXPECT_EQ(problem.network.schedule({2, 1}).by, SharedBy::layers);
    EXPECT_EQ(problem.network.schedule({2, 2}).by, SharedBy::rows);
    EXPECT_EQ(problem.network.schedule({2, 1, true}).by, SharedBy::rows);
    expect_one_answer(problem, {2, 3, 8}, spec + ", length " + std::to_string(length));
  }
}
TEST(Schedules, LayersSideBySideDoNotShow) {
  for (const char* spec : {"lstm 9, lstm 7", "dense 6, gru 9 reset=before, gru 7",
                           "lstm 12, dropout 0.2, residual(lstm 12, dense 12), lstm 5, dense 2"}) {
    layers_do_not_show<float>(spec);
    layers_do_not_show<double>(spec);
  }
}

TEST(Schedules, TheOneWithMostThreadsIsNamed) {
  const auto named = [](const std::string& spec, std::size_t inputs, const Load& load) {
    return Network<float>(spec, inputs).schedule(load);
  };
  EXPECT_EQ(named("dense 64, lstm 512", 5, {2, 1}), (PassSchedule{SharedBy::units, 2}));
  EXPECT_EQ(named("lstm 16, lstm 512", 5, {2, 1}), (PassSchedule{SharedBy::units, 2}));
  EXPECT_EQ(named("lstm 16, lstm 16", 5, {8, 1}), (PassSchedule{SharedBy::layers, 2}));
  EXPECT_EQ(named("lstm 16", 5, {8, 1}), (PassSchedule{SharedBy::rows, 1}));
  EXPECT_EQ(named("lstm 16", 5, {8, 5}), (PassSchedule{SharedBy::rows, 5}));
  EXPECT_EQ(named("bidirectional(lstm 16)", 5, {8, 1}), (PassSchedule{SharedBy::directions, 2}));
  const PassSchedule many = named("gru 512", 5, {ThreadPool::kMaxThreads, 1});  // more than can share
  EXPECT_EQ(many.by, SharedBy::units);
  EXPECT_LT(many.threads, ThreadPool::kMaxThreads);
}

TEST(Schedules, ATraceMayChangeSchedules) {
  const Problem<float> problem({"deep", "lstm 9, lstm 7", 3}, {100}),
      shorter({"deep", "lstm 9, lstm 7", 3}, {40});
  const Outcome<float> one = problem.run(1, false), one_shorter = shorter.run(1, false);
  ThreadPool pool(2);
  const auto trace = problem.network.make_trace();
  for (int turn = 0; turn < 3; ++turn)
    for (const auto& [p, expected] : {std::pair(&problem, &one), std::pair(&shorter, &one_shorter)}) {
      Tensor<float> state = p->state;
      Sequences<float> y;
      p->network.forward({.pool = &pool, .record = turn == 1}, p->x, state.matrix(), y, *trace);
      EXPECT_TRUE(same_bits(y.values(), expected->y.values()));
      EXPECT_TRUE(same_bits(state.span(), expected->state.span()));
    }
}

}  // namespace
}  // namespace carousel::testing
