// Rows side by side against the same episodes played alone.
#include "training/policy_gradient/environment_batch.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "support/count_allocations.h"
#include "tasks/environments/environments.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

MakeEnvironment maker(const std::string& text) {
  return [text] { return make_environment(text); };
}

/// Shows its seed; every act a shows the sum of acts, and an episode takes two acts, or so many as its row's
/// number among those made says.
class Counter final : public Environment {
 public:
  Counter(std::size_t length, std::vector<std::uint64_t>& seeds) : length_(length), seeds_(seeds) {}
  std::size_t observations() const noexcept override { return 2; }
  ActionKind action_kind() const noexcept override { return ActionKind::continuous; }
  std::size_t actions() const noexcept override { return 1; }
  void reset(std::uint64_t seed, std::span<float> observation) override {
    seeds_.push_back(seed);
    sum_ = 0;
    steps_ = 0;
    see(observation);
  }
  Step step(std::span<const float> action, std::span<float> observation) override {
    sum_ += action[0];
    ++steps_;
    see(observation);
    return {sum_, steps_ == length_};
  }

 private:
  void see(std::span<float> observation) const {
    observation[0] = static_cast<float>(sum_);
    observation[1] = static_cast<float>(steps_);
  }
  std::size_t length_;
  std::vector<std::uint64_t>& seeds_;
  double sum_ = 0;
  std::size_t steps_ = 0;
};

TEST(EnvironmentBatch, ARowThatIsOverShowsTheBeginningOfItsNextEpisode) {
  std::vector<std::uint64_t> seeds;
  std::size_t made = 0;
  EnvironmentBatch batch([&] { return std::make_unique<Counter>(++made, seeds); }, 3, 5);
  const std::vector<float> acts = {1, 2, 4};
  for (std::size_t t = 0; t < 3; ++t)
    for (std::size_t row = 0; row < 3; ++row) {
      const Environment::Step done = batch.step(row, {&acts[row], 1});
      // Row r has episodes of r + 1 steps.
      const bool over = t % (row + 1) == row;
      EXPECT_EQ(done.over, over);
      EXPECT_EQ(done.reward, acts[row] * static_cast<double>(t % (row + 1) + 1));
      EXPECT_EQ(batch.observations()(row, 0), over ? 0 : static_cast<float>(done.reward));
      EXPECT_EQ(batch.episode(row), (t + 1) / (row + 1));
    }
  EXPECT_EQ(seeds.size(), 3u + 3 + 1 + 1);
  EXPECT_EQ((std::set<std::uint64_t>(seeds.begin(), seeds.end()).size()), seeds.size());
}

using Rows = std::vector<std::vector<float>>;  // what each row saw and got, one step after the other

void note(Rows& rows, const EnvironmentBatch& batch, std::size_t row, const Environment::Step& done) {
  const auto seen = batch.observations().row_span(row);
  rows[row].insert(rows[row].end(), seen.begin(), seen.end());
  rows[row].insert(rows[row].end(),
                   {static_cast<float>(done.reward), done.over ? 1.0f : 0.0f, done.success ? 1.0f : 0.0f});
}

/// Acts that are a function of row and step.
float act_of(const EnvironmentBatch& batch, std::size_t row, std::size_t step) {
  return static_cast<float>((row + step * step) % batch.actions());
}

Rows run(EnvironmentBatch& batch, std::size_t steps) {
  Rows rows(batch.rows());
  for (std::size_t t = 0; t < steps; ++t)
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      const float act = act_of(batch, row, t);
      note(rows, batch, row, batch.step(row, {&act, 1}));
    }
  return rows;
}

TEST(EnvironmentBatch, ARowDoesNotDependOnHowManyThereAre) {
  EnvironmentBatch few(maker("catch 4 3 blink=0.5"), 2, 9), many(maker("catch 4 3 blink=0.5"), 7, 9);
  const Rows a = run(few, 50), b = run(many, 50);
  EXPECT_EQ(a, Rows(b.begin(), b.begin() + 2));
  EXPECT_NE(b[0], b[3]);  // whose acts are the same
  few.reset(9);
  EXPECT_EQ(run(few, 50), a);
  few.reset(10);
  EXPECT_NE(run(few, 50), a);
}

TEST(EnvironmentBatch, EpisodesOfARowAreFairDraws) {
  EnvironmentBatch batch(maker("delayed_recall 0 arms=3"), 10, 1);
  std::map<std::size_t, int> cues;
  const float act = 0;
  for (int episode = 0; episode < 600; ++episode) {
    for (std::size_t row = 0; row < 10; ++row)
      for (std::size_t arm = 0; arm < 3; ++arm) cues[arm] += batch.observations()(row, arm) == 1;
    for (std::size_t row = 0; row < 10; ++row)
      for (int t = 0; t < 2; ++t) batch.step(row, {&act, 1});
  }
  for (std::size_t arm = 0; arm < 3; ++arm) EXPECT_NEAR(cues[arm], 2000, 4 * 37);
}

TEST(EnvironmentBatch, StepsAskForNoMemory) {
  for (const EnvironmentKind& kind : environment_kinds()) {
    EnvironmentBatch batch(maker(std::string(kind.example)), 5, 0);
    const float act = 1;
    bool over = false;
    const std::size_t before = testing::allocations();
    for (std::size_t t = 0; t < 15000; ++t) over = batch.step(t % 5, {&act, 1}).over || over;
    EXPECT_EQ(testing::allocations(), before) << kind.name;
    EXPECT_TRUE(over) << kind.name;
  }
}

TEST(EnvironmentBatch, RefusesWhatDoesNotFit) {
  EXPECT_THAT([] { EnvironmentBatch(maker("catch"), 0, 0); },
              ThrowsMessage<SettingError>(HasSubstr("found 0 rows, expected at least 1")));
  EnvironmentBatch batch(maker("catch"), 2, 0);
  const std::vector<float> acts = {1, 1, 1};
  EXPECT_THAT([&] { batch.step(1, acts); }, ThrowsMessage<Error>(HasSubstr("expected acts of 1, got 3")));
  EXPECT_THAT([&] { batch.replay(1, 0, std::vector<float>(20)); },
              ThrowsMessage<Error>(HasSubstr("episode 0 of row 1 is over before its acts are")));
}

TEST(EnvironmentBatch, ARowIsBroughtWhereItWasByItsActs) {
  EnvironmentBatch batch(maker("catch 4 3 blink=0.5"), 3, 9);
  run(batch, 20);
  EnvironmentBatch other(maker("catch 4 3 blink=0.5"), 3, 9);
  std::vector<float> acts;  // of row 2 in its episode under way: they have three steps
  for (std::size_t t = 18; t < 20; ++t) acts.push_back(act_of(batch, 2, t));
  ASSERT_EQ(batch.episode(2), 6u);
  EXPECT_EQ(other.replay(2, 6, acts), 0);
  Rows rows(3), others(3);
  for (std::size_t t = 20; t < 40; ++t) {
    const float act = act_of(batch, 2, t);
    note(rows, batch, 2, batch.step(2, {&act, 1}));
    note(others, other, 2, other.step(2, {&act, 1}));
  }
  EXPECT_EQ(rows, others);
}

}  // namespace
}  // namespace carousel
