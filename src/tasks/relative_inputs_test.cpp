#include "tasks/relative_inputs.h"

#include <gmock/gmock.h>

#include <string>

namespace carousel {
namespace {

using testing::ElementsAre;

class RelativeInputsTest : public testing::Test {
 protected:
  void SetUp() override {
    CsvReader reader(std::string_view("y\n100\n-2\nNA\n6\n4\n8\n"), "y.csv");
    SeriesRequest request;
    request.missing = Missing::mask;
    set_ = read_series(reader, request);
    windows_.emplace(set_, std::vector<Scalers>{Scalers(1)}, WindowSettings{.context = 4, .horizon = 1});
  }
  std::vector<float> inputs(bool relative, bool sized) const {
    const Window window{0, 4, 6};
    Sequences<float> x;
    RelativeInputs(*windows_, relative, sized).gather({&window, 1}, x);
    std::vector<float> values;
    for (std::size_t t = 0; t < 4; ++t) values.push_back(x.at(0, t)[0]);
    return values;
  }

  SeriesSet set_;
  std::optional<Windows> windows_;
};

// The window shows -2, nothing, 6, 4: first value -2, mean size 4.
TEST_F(RelativeInputsTest, AreFreeOfLevelAndOfSize) {
  EXPECT_THAT(inputs(false, false), ElementsAre(-2, 0, 6, 4));
  EXPECT_THAT(inputs(true, false), ElementsAre(0, 0, 8, 6));
  EXPECT_THAT(inputs(false, true), ElementsAre(-0.5F, 0, 1.5F, 1));
  EXPECT_THAT(inputs(true, true), ElementsAre(0, 0, 2, 1.5F));
}

TEST_F(RelativeInputsTest, RowsAheadAreLikeThoseOfTheWindow) {
  const Window window{0, 4, 6};
  const float predicted = 14;
  std::vector<float> row(1);
  RelativeInputs(*windows_, true, true).row_ahead(window, 5, {&predicted, 1}, row);
  EXPECT_THAT(row, ElementsAre(4));
  RelativeInputs(*windows_, false, false).row_ahead(window, 5, {&predicted, 1}, row);
  EXPECT_THAT(row, ElementsAre(14));
}

// Three rows before the next step: nothing, 100, -2, nothing; and 6 for a row ahead.
TEST_F(RelativeInputsTest, LaggedTargetsAreTreatedAsTargetsAre) {
  const Windows windows(set_, {Scalers(1)}, {.context = 4, .horizon = 1, .lags = {3}});
  const Window window{0, 4, 6};
  const auto lagged = [&](bool relative, bool sized) {
    const RelativeInputs inputs(windows, relative, sized);
    Sequences<float> x;
    inputs.gather({&window, 1}, x);
    std::vector<float> values, row(2);
    for (std::size_t t = 0; t < 4; ++t) values.push_back(x.at(0, t)[1]);
    const float predicted = 14;
    inputs.row_ahead(window, 5, {&predicted, 1}, row);
    values.push_back(row[1]);
    return values;
  };
  EXPECT_THAT(lagged(false, false), ElementsAre(0, 100, -2, 0, 6));
  EXPECT_THAT(lagged(true, false), ElementsAre(0, 102, 0, 0, 8));
  EXPECT_THAT(lagged(false, true), ElementsAre(0, 25, -0.5F, 0, 1.5F));
  EXPECT_THAT(lagged(true, true), ElementsAre(0, 25.5F, 0, 0, 2));
}

TEST_F(RelativeInputsTest, AWindowOfNothingHasSizeOne) {
  const Window window{0, 2, 6};
  CsvReader reader(std::string_view("y\n0\nNA\n0\n3\n"), "y.csv");
  SeriesRequest request;
  request.missing = Missing::mask;
  const SeriesSet zeros = read_series(reader, request);
  const Windows windows(zeros, {Scalers(1)}, {.context = 4, .horizon = 1});
  EXPECT_EQ(RelativeInputs(windows, true, true).size(window, 0), 1.0F);
}

}  // namespace
}  // namespace carousel
