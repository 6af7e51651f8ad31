// Rows that step together against the same episodes played alone.
#include "tasks/environments/environment_batch.h"

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
  std::vector<Environment::Step> steps(3);
  std::vector<std::vector<float>> sums, seen;
  for (int t = 0; t < 3; ++t) {
    batch.step({acts.data(), 3, 1}, steps);
    for (std::size_t row = 0; row < 3; ++row) {
      // Row r has episodes of r + 1 steps.
      const bool over = static_cast<std::size_t>(t) % (row + 1) == row;
      EXPECT_EQ(steps[row].over, over);
      EXPECT_EQ(steps[row].reward,
                acts[row] * static_cast<double>(static_cast<std::size_t>(t) % (row + 1) + 1));
      EXPECT_EQ(batch.observations()(row, 0), over ? 0 : static_cast<float>(steps[row].reward));
    }
  }
  EXPECT_EQ(seeds.size(), 3u + 3 + 1 + 1);
  EXPECT_EQ((std::set<std::uint64_t>(seeds.begin(), seeds.end()).size()), seeds.size());
}

using Rows = std::vector<std::vector<float>>;  // what each row saw and got, one step after the other

/// Acts that are a function of row and step.
Rows run(EnvironmentBatch& batch, std::size_t steps_count) {
  Rows rows(batch.rows());
  std::vector<float> acts(batch.rows());
  std::vector<Environment::Step> steps(batch.rows());
  for (std::size_t t = 0; t < steps_count; ++t) {
    for (std::size_t row = 0; row < batch.rows(); ++row)
      acts[row] = static_cast<float>((row + t * t) % batch.actions());
    batch.step({acts.data(), batch.rows(), 1}, steps);
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      const auto seen = batch.observations().row_span(row);
      rows[row].insert(rows[row].end(), seen.begin(), seen.end());
      rows[row].insert(rows[row].end(), {static_cast<float>(steps[row].reward), steps[row].over ? 1.0f : 0.0f,
                                         steps[row].success ? 1.0f : 0.0f});
    }
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
  const std::vector<float> acts(10);
  std::vector<Environment::Step> steps(10);
  for (int episode = 0; episode < 600; ++episode) {
    for (std::size_t row = 0; row < 10; ++row)
      for (std::size_t arm = 0; arm < 3; ++arm) cues[arm] += batch.observations()(row, arm) == 1;
    for (int t = 0; t < 2; ++t) batch.step({acts.data(), 10, 1}, steps);
  }
  for (std::size_t arm = 0; arm < 3; ++arm) EXPECT_NEAR(cues[arm], 2000, 4 * 37);
}

TEST(EnvironmentBatch, StepsAskForNoMemory) {
  for (const EnvironmentKind& kind : environment_kinds()) {
    EnvironmentBatch batch(maker(std::string(kind.example)), 5, 0);
    const std::vector<float> acts(5, 1.0f);
    std::vector<Environment::Step> steps(5);
    bool over = false;
    const std::size_t before = testing::allocations();
    for (int t = 0; t < 3000; ++t) {
      batch.step({acts.data(), 5, 1}, steps);
      over = over || steps[0].over;
    }
    EXPECT_EQ(testing::allocations(), before) << kind.name;
    EXPECT_TRUE(over) << kind.name;
  }
}

TEST(EnvironmentBatch, RefusesWhatDoesNotFit) {
  EXPECT_THAT([] { EnvironmentBatch(maker("catch"), 0, 0); },
              ThrowsMessage<SettingError>(HasSubstr("found 0 rows, expected at least 1")));
  EnvironmentBatch batch(maker("catch"), 2, 0);
  const std::vector<float> acts(6);
  std::vector<Environment::Step> steps(2);
  EXPECT_THAT(
      [&] {
        batch.step({acts.data(), 2, 3}, steps);
      },
      ThrowsMessage<Error>(HasSubstr("expected acts [2, 1] and 2 steps, got [2, 3] and 2")));
  EXPECT_THAT([&] { batch.step({acts.data(), 1, 1}, steps); }, ThrowsMessage<Error>(HasSubstr("got [1, 1]")));
}

}  // namespace
}  // namespace carousel
