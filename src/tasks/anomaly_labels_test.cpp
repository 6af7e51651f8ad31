#include "tasks/anomaly_labels.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/folder_test.h"

namespace carousel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::int64_t kDay = 86400;

std::vector<LabelSpan> parse(const std::string& text, bool has_time = true) {
  return parse_json_labels(text, "w.json", "data/b.csv", has_time);
}

void refuses(const std::string& text, const std::string& part, bool has_time = true) {
  EXPECT_THAT([&] { parse(text, has_time); }, ThrowsMessage<DataError>(HasSubstr(part))) << text;
}

TEST(AnomalyLabels, take_the_list_of_the_data_file) {
  const char* text = R"({"real/a.csv": [["1970-01-05", "1970-01-06"]],
                         "real/b.csv": [["1970-01-02 00:00:00.000000", "1970-01-03"], ["1970-01-03", "1970-01-03"]]})";
  EXPECT_THAT(parse(text), ElementsAre(LabelSpan{kDay, 2 * kDay}, LabelSpan{2 * kDay, 2 * kDay}));
  EXPECT_THAT(parse(R"([["1970-01-02", "1970-01-03"]])"), ElementsAre(LabelSpan{kDay, 2 * kDay}));
  EXPECT_THAT(parse("[[3, 7]]", false), ElementsAre(LabelSpan{3, 7}));
  EXPECT_TRUE(parse("[]").empty());
}

TEST(AnomalyLabels, refuse_all_else_by_name) {
  refuses("", "w.json: expected JSON");
  refuses("[[", "w.json: expected JSON");
  refuses("\"\xff\"", "w.json: expected JSON");
  refuses("3", "w.json: found number, expected a list of windows");
  refuses(R"({"a.csv": []})", "w.json: found no windows of 'b.csv'");
  refuses(R"({"x/b.csv": [], "y/b.csv": []})", "found 'b.csv' twice");
  refuses(R"({"b.csv": {}})", "found object, expected a list of windows");
  refuses(R"([["1970-01-02"]])", "w.json, window 1: expected a list of two");
  refuses(R"([["1970-01-02", "1970-01-02"], ["1970-01-02", "x"]])",
          "w.json, window 2: found 'x', expected a time");
  refuses(R"([["1970-01-03", "1970-01-02"]])", "window 1: found a window that ends before it begins");
  refuses("[[3, 7]]", "found '3', expected a time stamp");
  refuses("[[3, -7]]", "found '-7', expected the number of a row", false);
  refuses("[[3, 1.5]]", "found '1.5', expected the number of a row", false);
  refuses("[[3, 18446744073709551615]]", "expected the number of a row", false);
  refuses(R"([["1970-01-02", "1970-01-02"]])", "expected the number of a row", false);
  refuses(std::string(100000, '['), "w.json: expected JSON");
}

class LabelFile : public testing::FolderTest {
 protected:
};

TEST_F(LabelFile, may_be_csv) {
  const std::string times =
      write("t.csv", "what,begin,end\nfeast,1970-01-02,1970-01-03\nstorm,1970-01-05,1970-01-05\n");
  EXPECT_THAT(read_labels(times, "b.csv", true),
              ElementsAre(LabelSpan{kDay, 2 * kDay}, LabelSpan{4 * kDay, 4 * kDay}));
  const std::string rows = write("r.csv", "begin,end\n3,7\n9,9\n");
  EXPECT_THAT(read_labels(rows, "b.csv", false), ElementsAre(LabelSpan{3, 7}, LabelSpan{9, 9}));
  const std::string wrong = write("w.csv", "begin,end\n3,7\n9,8.5\n");
  EXPECT_THAT([&] { read_labels(wrong, "b.csv", false); },
              ThrowsMessage<DataError>(HasSubstr("line 3, column 'end': expected the number of a row")));
  const std::string back = write("back.csv", "begin,end\n9,3\n");
  EXPECT_THAT([&] { read_labels(back, "b.csv", false); },
              ThrowsMessage<DataError>(HasSubstr("line 2: found a window that ends before it begins")));
  const std::string unnamed = write("u.csv", "start,end\n9,3\n");
  EXPECT_THAT([&] { read_labels(unnamed, "b.csv", false); }, ThrowsMessage<DataError>(HasSubstr("begin")));
  const std::string json = write("j.json", "[[1, 2]]");
  EXPECT_THAT(read_labels(json, "b.csv", false), ElementsAre(LabelSpan{1, 2}));
}

TEST(LabelRows, are_those_of_the_span_and_the_part) {
  SeriesSet set;
  set.frequency = {Frequency::Unit::seconds, 3600};
  set.series.push_back({"", 1000, 100, {}});
  const std::vector<LabelSpan> labels{{1000 + 2 * 3600, 1000 + 4 * 3600},
                                      {1000 + 10 * 3600 + 1, 1000 + 12 * 3600 - 1},
                                      {1000 + 13 * 3600 + 1, 1000 + 14 * 3600 - 1},  // between two rows
                                      {1000 + 90 * 3600, 1000 + 500 * 3600}};
  EXPECT_THAT(label_rows(labels, set, {0, 100}), ElementsAre(Range{2, 5}, Range{11, 12}, Range{90, 100}));
  EXPECT_THAT(label_rows(labels, set, {4, 95}), ElementsAre(Range{4, 5}, Range{11, 12}, Range{90, 95}));
  set.frequency = {};
  EXPECT_THAT(label_rows({{3, 4}, {99, 200}}, set, {0, 100}), ElementsAre(Range{3, 5}, Range{99, 100}));
}

}  // namespace
}  // namespace carousel
