// Examples in one CSV file: in long form, a row a step; a row an example; points of a pen in either form.
#include <carousel/error.h>
#include <fmt/format.h>

#include <cmath>

#include "data/cells.h"
#include "data/example_kinds.h"
#include "data/named_columns.h"
#include "data/pen_strokes.h"
#include "data/step_rows.h"
#include "data/word_table.h"

namespace carousel {

std::unique_ptr<Examples> open_series(const std::string& path, const ExampleOptions& options) {
  StepRows rows(path, options);
  auto examples = std::make_unique<MemoryExamples>();
  examples->set_target(rows.reader(), rows.target_column());
  examples->set_columns(names_of(rows.reader(), rows.columns()));
  WordTable words(examples->word_list());
  while (rows.next()) {
    if (rows.begins()) examples->add({rows.name(), ExamplePart::any, {}}, {0, rows.width(), {}});
    try {
      if (rows.begins() && options.targets) examples->examples().back().part = rows.part();
      const std::span<const float> values = rows.values();
      examples->last().values.insert(examples->last().values.end(), values.begin(), values.end());
      ++examples->last().steps;
      if (const auto target = rows.target())
        examples->examples().back().targets.push_back(words.number(*target));
    } catch (const DataError& error) {
      examples->spoil(error.what());
    }
  }
  return examples;
}

/// The steps of an example in a row, which ends with the last number that it has.
static Features row_steps(const CsvReader& reader, const CsvRow& row, const std::vector<std::size_t>& columns,
                          std::size_t width) {
  Features features{0, width, {}};
  for (const std::size_t c : columns) features.values.push_back(static_cast<float>(reader.number(row, c)));
  while (!features.values.empty() && std::isnan(features.values.back())) features.values.pop_back();
  features.steps = (features.values.size() + width - 1) / width;
  features.values.resize(features.steps * width, std::nanf(""));
  return features;
}

std::unique_ptr<Examples> open_rows(const std::string& path, const ExampleOptions& options) {
  CsvReader reader(path);
  const auto target = target_column(reader, options);
  const auto part = column_named(reader, {"split", "part"});
  const std::vector<std::size_t> columns =
      columns_called(reader, feature_columns(reader, {target, part}),
                     options.features.columns.value_or(std::vector<std::string>()), OtherColumns::refused);
  if (options.width == 0 || columns.size() % options.width != 0)
    throw DataError(
        fmt::format("{}: found {} columns of numbers, expected a whole number of steps of {} (--width)",
                    reader.source(), columns.size(), options.width));
  auto examples = std::make_unique<MemoryExamples>();
  examples->set_target(reader, target);
  examples->set_columns(names_of(reader, columns));
  WordTable words(examples->word_list());
  while (const auto row = reader.next_any()) {
    examples->add({fmt::format("{} line {}", reader.source(), row->line), ExamplePart::any, {}},
                  {0, options.width, {}});
    Example& example = examples->examples().back();
    try {
      reader.check(*row);
      if (part && options.targets) example.part = parse_part(row->fields[*part], example.name);
      if (target) example.targets = {words.number(text_cell(reader, *row, *target))};
      examples->last() = row_steps(reader, *row, columns, options.width);
    } catch (const DataError& error) {
      examples->spoil(error.what());
    }
  }
  return examples;
}

/// The samples of a file, a row a point where its columns are called so; else the examples have the names of
/// its columns.
static std::vector<PenSample> read_pen(CsvReader& reader, const ExampleOptions& options,
                                       std::optional<std::size_t> target, MemoryExamples& examples) {
  const bool points =
      column_named(reader, {"x"}) && column_named(reader, {"y"}) && column_named(reader, {"up"});
  const auto name_of = [&](std::optional<std::size_t> column) {
    return column ? reader.columns()[*column].name : std::string();
  };
  const auto named = column_named(reader, {"id"});
  const std::string id = options.id ? *options.id : name_of(named ? named : row_numbers(reader));
  const std::string label = name_of(target);
  if (!points) {
    const PenRowColumns columns{label, id, options.features.columns.value_or(std::vector<std::string>())};
    examples.set_columns(names_of(reader, coordinate_columns(reader, columns)));
    return read_pen_rows(reader, columns);
  }
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
  for (const PenSample& sample : read_pen(reader, options, target, *examples)) {
    const std::string place = fmt::format("{} line {}", reader.source(), sample.line);
    Example example{place, ExamplePart::any, {}};
    if (options.targets) example.targets = {words.number(sample.label)};
    examples->add(std::move(example), array_features(pen_features(sample.points), place));
  }
  return examples;
}

}  // namespace carousel
