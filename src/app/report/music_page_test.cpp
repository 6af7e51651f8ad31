// What the page about a model of music shows of an evaluation made up here.
#include "app/report/music_page.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace carousel::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

MusicPage page() {
  MusicPage page;
  page.run_name = "tunes";
  page.settings.data = "tunes.json";
  MusicEvaluation& evaluation = page.evaluation;
  evaluation.pieces = 1;
  evaluation.steps = 2;
  evaluation.model = {"model", 3, 0.5};
  evaluation.baselines = {{"frequencies", 7, 0}, {"step before", 5, 0.25}};
  evaluation.beats_baselines = true;
  for (std::size_t key = 0; key < 88; ++key)
    evaluation.scores.push_back({static_cast<std::uint8_t>(21 + key), 0, key == 39 ? 2.0 : 0.01, 0.1});
  evaluation.excerpt_name = "piece 1";
  evaluation.excerpt = {{60}, {62}};
  evaluation.sample = {{}, {61, 62}};
  evaluation.expected.assign(2 * 88, 0.0);
  evaluation.expected[39] = 0.75;  // of 60 at the first step
  return page;
}

const Section& section(const Report& report, const std::string& title) {
  return *std::ranges::find(report.sections, title, &Section::title);
}

TEST(MusicPage, RollsHaveTheSameKeysTheHighestAtTheTop) {
  const Report report = music_page(page());
  const auto& charts = section(report, "What it writes, beside a real piece").charts;
  ASSERT_EQ(charts.size(), 3u);
  const auto map = [&](std::size_t k) { return std::get<HeatMap>(charts[k].plot); };
  EXPECT_THAT(map(0).row_names, ElementsAre("D♯4", "D4", "C♯4", "C4", "B3"));
  EXPECT_THAT(map(0).values, ElementsAre(0, 0, 0, 1, 0, 1, 0, 0, 0, 0));
  EXPECT_THAT(map(1).values, ElementsAre(0, 0, 0, 1, 0, 0, 1, 0, 0, 0));
  EXPECT_THAT(map(2).values, ElementsAre(0, 0, 0, 0, 0, 0, 0.75, 0, 0, 0));
  EXPECT_EQ(charts[1].note, "piece 1");
}

TEST(MusicPage, TheVerdictAndTheCostliestNoteComeFirst) {
  const Report report = music_page(page());
  EXPECT_TRUE(report.verdict->good);
  EXPECT_THAT(report.verdict->text, HasSubstr("3 for the network, 5 for the best baseline, step before"));
  EXPECT_EQ(section(report, "Note by note").tables.front().rows.front().front().text, "C4");
}

TEST(MusicPage, ADivergedModelHasNoRolls) {
  MusicPage bad = page();
  bad.evaluation.diverged = true;
  bad.evaluation.sample.clear();
  const Report report = music_page(bad);
  EXPECT_FALSE(report.verdict->good);
  EXPECT_TRUE(section(report, "What it writes, beside a real piece").charts.empty());
}

}  // namespace
}  // namespace carousel::report
