#include "data/csv.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "carousel/error.h"
#include "data/cells.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> names(const CsvReader& reader) {
  std::vector<std::string> result;
  for (const CsvColumn& column : reader.columns()) result.push_back(column.name);
  return result;
}

std::vector<double> numbers(std::string_view text, const std::string& column,
                            const CsvOptions& options = {}) {
  CsvReader reader(text, "test.csv", options);
  const ColumnRequest request{reader.find(column, "column"), ColumnKind::number};
  const Table table = reader.read({&request, 1});
  std::vector<double> result;
  for (std::size_t i = 0; i < table.rows; ++i) result.push_back(table.columns[0].numbers[i]);
  return result;
}

std::vector<std::string> words(std::string_view text, std::size_t column) {
  CsvReader reader(text, "test.csv");
  const ColumnRequest request{column, ColumnKind::text};
  const Table table = reader.read({&request, 1});
  std::vector<std::string> result;
  for (std::size_t i = 0; i < table.rows; ++i) {
    result.push_back(table.columns[0].text.words[table.columns[0].text.codes[i]]);
  }
  return result;
}

std::vector<std::string> times(std::string_view text, const CsvOptions& options = {}) {
  CsvReader reader(text, "test.csv", options);
  const ColumnRequest request{0, ColumnKind::time};
  const Table table = reader.read({&request, 1});
  std::vector<std::string> result;
  for (std::size_t i = 0; i < table.rows; ++i) result.push_back(format_time(table.columns[0].times[i]));
  return result;
}

std::string error_of(std::string_view text, const std::string& column) {
  try {
    numbers(text, column);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Csv, FindsOutTheDelimiter) {
  for (const char delimiter : {',', ';', '\t', '|', ' '}) {
    std::string text = "a,b,c\n1,2,3\n4,5,6\n";
    for (char& c : text) c = c == ',' ? delimiter : c;
    CsvReader reader(text, "test.csv");
    EXPECT_EQ(reader.delimiter(), delimiter);
    EXPECT_THAT(names(reader), ElementsAre("a", "b", "c"));
    EXPECT_THAT(numbers(text, "b"), ElementsAre(2, 5));
  }
}

TEST(Csv, DelimitersInsideValuesDoNotMislead) {
  EXPECT_EQ(CsvReader("t,v\n2020-01-01 00:00:00,1\n2020-01-01 01:00:00,2\n", "x").delimiter(), ',');
  EXPECT_EQ(CsvReader("a;b\n1,5;2,5\n3,5;4,5\n", "x").delimiter(), ';');
  EXPECT_EQ(CsvReader("name,v\n\"one;two\",1\n\"a|b c\",2\n", "x").delimiter(), ',');
  EXPECT_EQ(CsvReader("1\n2\n3\n", "x").columns().size(), 1u);
}

TEST(Csv, OptionsOverrideWhatIsFoundOut) {
  CsvOptions options;
  options.delimiter = ';';
  EXPECT_EQ(CsvReader("a,b\n1,2\n", "x", options).columns().size(), 1u);
  options = {};
  options.header = false;
  EXPECT_THAT(words("x,y\nz,w\n", 0), ElementsAre("z"));
  EXPECT_EQ(CsvReader("x,y\nz,w\n", "x", options).columns()[0].name, "column1");
  options.header = true;
  EXPECT_THAT(numbers("1,2\n3,4\n", "2", options), ElementsAre(4));
}

TEST(Csv, FindsOutTheHeader) {
  EXPECT_TRUE(CsvReader("a,b\n1,2\n", "x").has_header());
  EXPECT_TRUE(CsvReader("date,2019\n2020-01-01,2\n", "x").has_header());
  EXPECT_TRUE(CsvReader("id,class\nx,y\n", "x").has_header());
  EXPECT_FALSE(CsvReader("1,2\n3,4\n", "x").has_header());
  EXPECT_FALSE(CsvReader("2020-01-01,NA\n2020-01-02,4\n", "x").has_header());
  EXPECT_THAT(names(CsvReader("a,1\nb,2\n", "x")), ElementsAre("column1", "column2"));
  EXPECT_THAT(names(CsvReader("a,\n1,2\n", "x")), ElementsAre("a", "column2"));
}

TEST(Csv, FindsOutTheKindsOfColumns) {
  CsvReader reader("i,t,n,e\nx,2020-01-01,1,\ny,2020-01-02,NA,\nz,2020-01-03,-4e2,\n", "x");
  ASSERT_EQ(reader.columns().size(), 4u);
  EXPECT_EQ(reader.columns()[0].kind, ColumnKind::text);
  EXPECT_EQ(reader.columns()[1].kind, ColumnKind::time);
  EXPECT_EQ(reader.columns()[2].kind, ColumnKind::number);
  EXPECT_EQ(reader.columns()[3].kind, ColumnKind::text);
}

TEST(Csv, QuotedFieldsFollowTheRfc) {
  EXPECT_THAT(words("name,v\n\"a,b\",1\n\"say \"\"hi\"\"\",2\n\"two\nlines\",3\r\n  \"x\"  ,4\n\"\",5", 0),
              ElementsAre("a,b", "say \"hi\"", "two\nlines", "x", ""));
  EXPECT_THAT(words("v,name\n1,a\"b\n2,\"\"\"\"\r\n3,\"\r\n\"\r\n", 1), ElementsAre("a\"b", "\"", "\r\n"));
}

TEST(Csv, LineEndsMarksCommentsAndBlankLines) {
  const std::string text =
      "\xEF\xBB\xBF# a comment, with \"one quote\n\n#another\r\nmonth,v\r\n\r\n1,2\r\n\n3,4";
  EXPECT_THAT(names(CsvReader(text, "x")), ElementsAre("month", "v"));
  EXPECT_THAT(numbers(text, "v"), ElementsAre(2, 4));
  EXPECT_THAT(error_of("# c\n\na,b\n1,2\n\n3,x\n", "b"), HasSubstr("line 6, column 'b': found 'x'"));
  EXPECT_THAT(error_of("a,b\n\"1\n\",2\n3,4\n5,x\n7,8\n", "b"), HasSubstr("line 5"));
}

TEST(Csv, NumbersAreCorrectlyRounded) {
  // 2^53 + 1 lies between two doubles; the last is just above the middle of its neighbours.
  EXPECT_THAT(
      numbers("v\n9007199254740993\n+.5\n-1E-3\n5.827000141143799\n9007199254740993.00000000000000001\n",
              "v"),
      ElementsAre(9007199254740992.0, 0.5, -0.001, 5.827000141143799, 9007199254740994.0));
  EXPECT_THAT(numbers("a;v\n1;1,5\n2;-3\n3;0,25e1\n4;1.5\n", "v"), ElementsAre(1.5, -3, 2.5, 1.5));
}

TEST(Csv, MissingNumbersAreNan) {
  for (const char* cell : {"", "NA", "n/a", "NaN", "nan", "null", "NULL", "None", "?", "-"}) {
    EXPECT_TRUE(is_missing(cell)) << cell;
    const std::vector<double> values = numbers(std::string("v,w\n1,1\n") + cell + ",2\n3,3\n", "v");
    ASSERT_EQ(values.size(), 3u) << cell;
    EXPECT_TRUE(std::isnan(values[1])) << cell;
  }
  for (const char* cell : {"0", "--", "nano", "missing"}) EXPECT_FALSE(is_missing(cell)) << cell;
}

TEST(Csv, TimeColumns) {
  EXPECT_THAT(times("t,v\n2020-01-31T23:00Z,1\n2020-02-01T02:00+02:00,1\n"),
              ElementsAre("2020-01-31 23:00:00", "2020-02-01"));
  EXPECT_THAT(times("t,v\n0,1\n1467331200,1\n"), ElementsAre("1970-01-01", "2016-07-01"));
  EXPECT_THAT(times("year,v\n1949,1\n1950,1\n"), ElementsAre("1949-01-01", "1950-01-01"));
}

TEST(Csv, SlashDatesTakeTheOrderThatOneOfThemProves) {
  EXPECT_THAT(times("t,v\n11/12/2020,1\n12/12/2020,1\n13/12/2020,1\n"),
              ElementsAre("2020-12-11", "2020-12-12", "2020-12-13"));
  EXPECT_THAT(times("t,v\n12/11/2020 01:00,1\n12/12/2020 01:00,1\n12/13/2020 01:00,1\n"),
              ElementsAre("2020-12-11 01:00:00", "2020-12-12 01:00:00", "2020-12-13 01:00:00"));
  EXPECT_THROW(times("t,v\n01/02/2020,1\n01/03/2020,1\n"), DataError);
  CsvOptions options;
  options.date_order = DateOrder::month_first;
  EXPECT_THAT(times("t,v\n01/02/2020,1\n02/02/2020,1\n", options), ElementsAre("2020-01-02", "2020-02-02"));
}

TEST(Csv, UnknownColumnsGetTheNearestName) {
  CsvReader reader("month,passengers\n1,2\n", "air.csv");
  try {
    reader.find("pasengers", "target");
    FAIL();
  } catch (const SettingError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("target: air.csv has no column 'pasengers'; did you mean 'passengers'?"));
  }
}

TEST(Csv, RowsLongerThanTheBufferAndFilesOnDisk) {
  const std::string path = testing::TempDir() + "carousel_csv_test.csv";
  {
    std::ofstream file(path, std::ios::binary);
    file << "text,v\n";
    for (int i = 0; i < 50; ++i)
      file << '"' << std::string(20000 * static_cast<std::size_t>(i), 'x') << "\n\"," << i << "\r\n";
  }
  CsvReader reader(path);
  const std::vector<ColumnRequest> request = {{1, ColumnKind::number}, {0, ColumnKind::text}};
  const Table table = reader.read(request);
  ASSERT_EQ(table.rows, 50u);
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(table.columns[0].numbers[i], static_cast<double>(i));
    EXPECT_EQ(table.columns[1].text.words[i].size(), 20000 * i + 1);
    EXPECT_EQ(table.line(i), 2 + 2 * i);
  }
  std::filesystem::remove(path);
}

// Fields, quotes, blanks and line ends by chance, against the text they were written from.
TEST(Csv, ReadsBackWhatWasWritten) {
  std::uint32_t state = 1;
  const auto draw = [&state](std::uint32_t n) { return (state = state * 1664525 + 1013904223) / 65536 % n; };
  for (int round = 0; round < 200; ++round) {
    const std::size_t columns = 2 + draw(4), rows = 1 + draw(60);
    std::vector<std::vector<std::string>> cells(rows, std::vector<std::string>(columns));
    std::string text;
    for (std::size_t c = 0; c < columns; ++c) text += (c ? ";name" : "name") + std::to_string(c);
    for (auto& row : cells) {
      text += draw(2) ? "\r\n" : "\n";
      for (std::size_t c = 0; c < columns; ++c) {
        for (std::uint32_t n = 1 + draw(12); n > 0; --n) row[c] += "ab;\",\n1z"[draw(8)];
        std::string quoted = "\"";
        for (const char letter : row[c])
          quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
        text += (c ? ";" : "") + quoted + "\"";
      }
    }
    CsvOptions options;
    options.delimiter = ';';
    options.header = true;
    CsvReader reader(text, "test.csv", options);
    for (const auto& row : cells) {
      const std::optional<CsvRow> read = reader.next();
      ASSERT_TRUE(read);
      ASSERT_EQ(std::vector<std::string>(read->fields.begin(), read->fields.end()), row);
    }
    EXPECT_FALSE(reader.next());
  }
}

TEST(Csv, RowByRow) {
  CsvOptions options;
  options.stream = true;
  CsvReader reader("t,v\n2020-01-01,1\n2020-01-02,NA\n2020-01-03,x\n", "x", options);
  std::optional<CsvRow> row = reader.next();
  ASSERT_TRUE(row);
  EXPECT_EQ(row->line, 2u);
  EXPECT_EQ(format_time(reader.time(*row, 0)), "2020-01-01");
  EXPECT_EQ(reader.number(*row, 1), 1);
  row = reader.next();
  EXPECT_TRUE(std::isnan(reader.number(*row, 1)));
  row = reader.next();
  EXPECT_THROW(reader.number(*row, 1), DataError);
  EXPECT_FALSE(reader.next());
}

TEST(Cells, ShowsTextsInOneSafeLine) {
  EXPECT_EQ(shown("plain"), "plain");
  EXPECT_EQ(shown("a\nb\x1b"), "a\\x0ab\\x1b");
  EXPECT_EQ(shown("\xFF\xC3\xA9"), "\\xff\\xc3\\xa9");
  EXPECT_EQ(shown("é"), "é");
  EXPECT_EQ(shown(std::string(100, 'x')), std::string(40, 'x') + "...");
}

TEST(Cells, KnowsUtf8) {
  for (const char* text : {"", "abc", "é", "€", "😀", "\xED\x9F\xBF"}) EXPECT_TRUE(is_utf8(text)) << text;
  for (const char* text : {"\x80", "\xC0\x80", "\xC3", "\xE2\x82", "\xE0\x80\x80", "\xED\xA0\x80",
                           "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xFF"}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

}  // namespace
}  // namespace carousel
