// Examples in one CSV file: in long form, a row a step; a row an example; points of a pen in either form.
#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "data/cells.h"
#include "data/example_kinds.h"
#include "data/pen_strokes.h"
#include "data/word_table.h"

namespace carousel {
namespace {

/// Columns of features: all but these, and but a first one without a name, which numbers rows.
std::vector<std::size_t> feature_columns(const CsvReader& reader,
                                         std::initializer_list<std::optional<std::size_t>> others) {
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < reader.columns().size(); ++c)
    if (std::ranges::find(others, std::optional(c)) == others.end() &&
        !(c == 0 && reader.has_header() && reader.columns()[c].name == "column1"))
      columns.push_back(c);
  if (columns.empty())
    throw DataError(fmt::format("{}: found no columns of features beside those that say what examples are",
                                reader.source()));
  return columns;
}

std::string_view text_cell(const CsvReader& reader, const CsvRow& row, std::size_t column) {
  const std::string_view cell = row.fields[column];
  if (!is_utf8(cell))
    throw DataError(fmt::format("{} line {}, column '{}': found '{}', expected UTF-8; save the file as UTF-8",
                                reader.source(), row.line, shown(reader.columns()[column].name),
                                shown(cell)));
  return cell;
}

}  // namespace

std::unique_ptr<Examples> open_series(const std::string& path, const ExampleOptions& options) {
  CsvReader reader(path);
  const std::optional<std::size_t> id =
      options.id ? std::optional(reader.find(*options.id, "id")) : std::nullopt;
  const auto target = target_column(reader, options);
  const auto part = column_named(reader, {"split", "part"});
  const std::vector<std::size_t> columns = feature_columns(reader, {id, target, part});
  auto examples = std::make_unique<MemoryExamples>();
  examples->set_target(reader, target);
  WordTable words(examples->word_list());
  std::map<std::string, std::size_t, std::less<>> known;
  while (const auto row = reader.next()) {
    const std::string_view name = id ? text_cell(reader, *row, *id) : std::string_view();
    if (examples->list().empty() || examples->list().back().name != name) {
      const std::string place = fmt::format("{} line {}", reader.source(), row->line);
      if (!known.emplace(name, row->line).second)
        throw DataError(
            fmt::format("{}: found rows of '{}' again, which began in line {}; expected the rows "
                        "of one example together",
                        place, shown(name), known.find(name)->second));
      examples->add({std::string(name), part ? parse_part(row->fields[*part], place) : ExamplePart::any, {}},
                    {0, columns.size(), {}});
    }
    Features& features = examples->last();
    for (const std::size_t c : columns) features.values.push_back(static_cast<float>(reader.number(*row, c)));
    ++features.steps;
    if (target) examples->examples().back().targets.push_back(words.number(text_cell(reader, *row, *target)));
  }
  return examples;
}

std::unique_ptr<Examples> open_rows(const std::string& path, const ExampleOptions& options) {
  CsvReader reader(path);
  const auto target = target_column(reader, options);
  const auto part = column_named(reader, {"split", "part"});
  const std::vector<std::size_t> columns = feature_columns(reader, {target, part});
  if (options.width == 0 || columns.size() % options.width != 0)
    throw DataError(fmt::format("{}: found {} columns of numbers, expected steps of {} (width)",
                                reader.source(), columns.size(), options.width));
  auto examples = std::make_unique<MemoryExamples>();
  examples->set_target(reader, target);
  WordTable words(examples->word_list());
  while (const auto row = reader.next()) {
    const std::string place = fmt::format("{} line {}", reader.source(), row->line);
    Features features{0, options.width, {}};
    for (const std::size_t c : columns) features.values.push_back(static_cast<float>(reader.number(*row, c)));
    // A row ends with the last step that it has.
    while (!features.values.empty() && std::isnan(features.values.back())) features.values.pop_back();
    features.steps = (features.values.size() + options.width - 1) / options.width;
    features.values.resize(features.steps * options.width, std::nanf(""));
    Example example{place, part ? parse_part(row->fields[*part], place) : ExamplePart::any, {}};
    if (target) example.targets = {words.number(text_cell(reader, *row, *target))};
    examples->add(std::move(example), std::move(features));
  }
  return examples;
}

/// The samples of a file, a row a point where its columns are called so.
static std::vector<PenSample> read_pen(CsvReader& reader, const ExampleOptions& options,
                                       std::optional<std::size_t> target) {
  const bool points =
      column_named(reader, {"x"}) && column_named(reader, {"y"}) && column_named(reader, {"up"});
  const auto name_of = [&](std::optional<std::size_t> column) {
    return column ? reader.columns()[*column].name : std::string();
  };
  const std::string id = options.id ? *options.id : name_of(column_named(reader, {"id", "column1"}));
  const std::string label = name_of(target);
  if (!points) return read_pen_rows(reader, {label, id});
  if (label == "x" || label == "y" || label == "up" || (!label.empty() && label == id))
    throw DataError(
        fmt::format("{}: found no column with class, label or text beside x, y, up and id; name "
                    "it as target",
                    reader.source()));
  return read_pen_points(reader, {.id = id, .label = label});
}

std::unique_ptr<Examples> open_pen(const std::string& path, const ExampleOptions& options) {
  CsvReader reader(path);
  const auto target = target_column(reader, options);
  auto examples = std::make_unique<MemoryExamples>();
  examples->set_target(reader, target);
  WordTable words(examples->word_list());
  for (const PenSample& sample : read_pen(reader, options, target)) {
    const std::string place = fmt::format("{} line {}", reader.source(), sample.line);
    Example example{place, ExamplePart::any, {}};
    if (options.targets) example.targets = {words.number(sample.label)};
    examples->add(std::move(example), array_features(pen_features(sample.points), place));
  }
  return examples;
}

}  // namespace carousel
