// Every file of tests/hostile/csv, and some too large to keep, must give a one-line error with its place.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "carousel/error.h"
#include "data/csv.h"
#include "data/series.h"

namespace carousel {
namespace {

using testing::HasSubstr;

/// What reading a file as a series says; "" when it can be read.
std::string error_of(const std::string& path, const SeriesRequest& request = {}) {
  try {
    CsvReader reader(path);
    read_series(reader, request);
  } catch (const DataError& error) {
    return error.what();
  } catch (const FileError& error) {
    return error.what();
  } catch (const SettingError& error) {
    return error.what();
  }
  return "";
}

/// A file that is gone after the test.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& text)
      : path_(testing::TempDir() + "carousel_hostile_" + name + ".csv") {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string error_of_text(const std::string& name, const std::string& text) {
  const TemporaryFile file(name, text);
  return error_of(file.path());
}

const std::map<std::string, std::string> kExpected = {
    {"binary", " byte 7: found a zero byte"},
    {"binary_without_zero", "expected UTF-8"},
    {"broken_utf8_in_numbers", " line 7, column 'value': found '\\xc3(', expected a number"},
    {"carriage_returns", "lines end in CR alone"},
    {"control_characters", " line 6, column 'value': found '\\x1b[31mred\\x07'"},
    {"day_and_month_first", " line 4, column 'day': found '01/14/2020'"},
    {"day_or_month", "column 'day': no date has a day above 12"},
    {"dot_and_decimal_comma", " line 4, column 'value': found '1.003,5'"},
    {"empty", "found no rows"},
    {"gap", " line 9, column 'day': found 2020-01-12 after 2020-01-07, a gap of 4 missing rows"},
    {"gzip", " byte 3: found a zero byte"},
    {"half_a_mark", "expected rows of data"},
    {"header_only", "found no rows after the header"},
    {"hexadecimal", " line 6, column 'value': found '0x1F'"},
    {"impossible_date", " line 4, column 'day': found '2020-02-30', expected a time stamp"},
    {"impossible_hour", " line 4, column 'day': found '2020-01-03 25:00'"},
    {"infinite", " line 5, column 'value': found 'inf', expected a finite number"},
    {"latin1_header", "the name of column 2 is 'H\\xf6he', expected UTF-8"},
    {"long_number", " line 6, column 'value': found '9999999999999999999999999999999999999999...'"},
    {"minus_infinite", " line 5, column 'value': found '-Infinity', expected a finite number"},
    {"missing_at_end", " line 8, column 'value': the value is missing"},
    {"missing_time", " line 4, column 'day': found '', expected a time stamp"},
    {"missing_value", " line 4, column 'value': the value is missing"},
    {"nan_with_text", " line 6, column 'value': found 'nan(1)', expected a number"},
    {"one_cell", "found no rows after the header"},
    {"only_comments", "found no rows"},
    {"only_delimiters", "found no column of numbers"},
    {"only_line_ends", "found no rows"},
    {"open_quote", " line 9: found a quote that is never closed"},
    {"open_quote_in_header", " line 1: found a quote that is never closed"},
    {"row_cut_off", " line 9: found 1 field, expected 2"},
    {"row_too_long", " line 9: found 3 fields, expected 2"},
    {"row_too_short", " line 9: found 1 field, expected 2"},
    {"same_name_twice", "columns 1 and 2 are both named 'value'"},
    {"same_time_twice", " line 4, column 'day': time stamp 2020-01-02 is there twice"},
    {"text_after_quote", " line 9: found 'x' after a closing quote"},
    {"text_in_numbers", " line 6, column 'value': found 'four', expected a number"},
    {"text_only", "found no column of numbers"},
    {"thousands_comma", " line 6, column 'value': found '1,234', expected a number"},
    {"too_large", " line 5, column 'value': found '1e999'"},
    {"too_small", " line 5, column 'value': found '1e-999'"},
    {"two_date_forms", " line 3, column 'day': found '2020-02-02'"},
    {"two_numbers_in_a_cell", " line 6, column 'value': found '4 4'"},
    {"unequal_steps", " line 9, column 'day': found 2020-01-08 07:13:00 after 2020-01-07"},
    {"unsorted",
     " line 4, column 'day': found 2019-12-03 after 2020-01-02, expected rows in the order of time"},
    {"utf16", " byte 0: found UTF-16 text"},
    {"utf8_in_numbers", " line 7, column 'value': found '６'"},
    {"year_zero", " line 4, column 'day': found '0000-01-03'"},
    {"zero_byte", " byte 112: found a zero byte"},
};

TEST(HostileCsv, EveryFileGivesItsErrorInOneLine) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CAROUSEL_HOSTILE_CSV)) {
    const auto expected = kExpected.find(entry.path().stem().string());
    ASSERT_NE(expected, kExpected.end()) << entry.path();
    const std::string error = error_of(entry.path().string());
    EXPECT_THAT(error, testing::StartsWith(entry.path().string()));
    EXPECT_THAT(error, HasSubstr(expected->second));
    EXPECT_EQ(error.find('\n'), std::string::npos);
    EXPECT_LT(error.size(), entry.path().string().size() + 400);
    ++files;
  }
  EXPECT_EQ(files, kExpected.size());
}

TEST(HostileCsv, PathsThatAreNoFile) {
  EXPECT_THAT(error_of("/no/such/file.csv"), HasSubstr("/no/such/file.csv: cannot be read: No such file"));
  EXPECT_THAT(error_of(testing::TempDir()), HasSubstr("cannot be read: Is a directory"));
  EXPECT_THAT(error_of(""), HasSubstr("cannot be read"));
  EXPECT_THAT(error_of(std::string("a\0b", 3)), HasSubstr("cannot be read"));
}

TEST(HostileCsv, AMillionColumns) {
  std::string text;
  for (int row = 0; row < 3; ++row) {
    for (int i = 0; i < 1000000; ++i)
      text += (row == 0 ? "c" : "") + std::to_string(i) + (i < 999999 ? "," : "\n");
  }
  const TemporaryFile file("million_columns", text);
  EXPECT_EQ(error_of(file.path()), "");
  SeriesRequest request;
  request.targets = {"cc"};
  EXPECT_THAT(error_of(file.path(), request), HasSubstr("has no column 'cc'"));
  EXPECT_LT(error_of(file.path(), request).size(), 400u);
}

TEST(HostileCsv, MoreThanCanBe) {
  EXPECT_THAT(error_of_text("delimiters", std::string(5000000, ',')),
              HasSubstr("line 1: found more than 1048576"));
  EXPECT_THAT(error_of_text("long_field", "a,b\n1," + std::string(70000000, '7') + "\n"),
              HasSubstr("line 2: a row longer than 64 MiB"));
  EXPECT_THAT(error_of_text("long_quote", "a,b\n1,\"" + std::string(70000000, '\n')),
              HasSubstr("line 2: a row longer than 64 MiB"));
}

TEST(HostileCsv, AHugeGapIsNotFilled) {
  const TemporaryFile file("huge_gap", "t,v\n2020-01-01 00:00:00,1\n2020-01-01 00:00:01,2\n9999-01-01,3\n");
  SeriesRequest request;
  request.missing = Missing::mask;
  EXPECT_THAT(error_of(file.path(), request), HasSubstr("line 4, column 't'"));
}

}  // namespace
}  // namespace carousel
