// Examples in one file of a kind of their own: token columns, JSON lines, IDX images with their classes.
#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "data/example_kinds.h"
#include "data/idx.h"
#include "data/json_lines.h"
#include "data/token_columns.h"
#include "data/word_table.h"

namespace carousel {
namespace {

/// 3 as "3", 2.5 as "2.5".
std::string number_word(float value) { return fmt::format("{}", value); }

/// The words of what stands under "y".
std::vector<std::string> target_words(const JsonTarget& y) {
  if (const auto* text = std::get_if<std::string>(&y)) return {*text};
  if (const auto* number = std::get_if<float>(&y)) return {number_word(*number)};
  if (const auto* texts = std::get_if<std::vector<std::string>>(&y)) return *texts;
  std::vector<std::string> words;
  if (const auto* numbers = std::get_if<std::vector<float>>(&y))
    for (const float number : *numbers) words.push_back(number_word(number));
  return words;
}

bool is_list(const JsonTarget& y) {
  return std::holds_alternative<std::vector<std::string>>(y) || std::holds_alternative<std::vector<float>>(y);
}

/// Images one behind the other, and the class of each.
class ImageExamples final : public Examples {
 public:
  ImageExamples(const std::string& path, const ExampleOptions& options)
      : path_(path), images_(read_idx(path)), whole_(options.features.image == ImageSteps::whole) {
    if (images_.shape.rank() < 2)
      throw DataError(fmt::format("{}: found {} axis, expected images [examples, rows, columns]", path,
                                  images_.shape.rank()));
    for (std::size_t i = 0; i < images_.shape[0]; ++i)
      list_.push_back({fmt::format("{} number {}", path, i + 1), ExamplePart::any, {}});
    if (options.targets) read_classes();
  }

  Features read(std::size_t index) const override {
    const std::span<const float> values = images_.slice(index);
    const std::size_t steps = whole_ ? 1 : images_.shape[1];
    return {steps, values.size() / std::max<std::size_t>(steps, 1), {values.begin(), values.end()}};
  }

 private:
  /// "train-images-idx3-ubyte.gz" has its classes in "train-labels-idx1-ubyte.gz".
  std::string classes_path() const {
    const std::filesystem::path file(path_);
    std::string name = file.filename().string();
    const auto replace = [&](std::string_view from, std::string_view to) {
      if (const std::size_t at = name.find(from); at != std::string::npos) name.replace(at, from.size(), to);
    };
    replace("images", "labels");
    replace(fmt::format("idx{}", images_.shape.rank()), "idx1");
    if (name == file.filename().string())
      throw DataError(
          fmt::format("{}: expected 'images' in the name, where the file of classes has 'labels'", path_));
    return (file.parent_path() / name).string();
  }
  void read_classes() {
    const std::string path = classes_path();
    const Array classes = read_idx(path);
    if (classes.shape.rank() != 1 || classes.shape[0] != list_.size())
      throw DataError(fmt::format("{}: found {} numbers, expected {}, one for each image of {}", path,
                                  classes.values.size(), list_.size(), path_));
    WordTable words(words_);
    for (std::size_t i = 0; i < list_.size(); ++i)
      list_[i].targets = {words.number(number_word(classes.values[i]))};
  }

  std::string path_;
  Array images_;
  bool whole_;
};

}  // namespace

std::unique_ptr<Examples> open_tokens(const std::string& path, const ExampleOptions& options) {
  TokenColumnsReader reader(path);
  auto examples = std::make_unique<MemoryExamples>();
  WordTable words(examples->word_list()), symbols(examples->symbol_list());
  while (const auto sequence = reader.next()) {
    Example example{fmt::format("{} line {}", path, sequence->line), ExamplePart::any, {}};
    Features features{sequence->symbols.size(), 1, {}};
    for (const std::string& symbol : sequence->symbols)
      features.values.push_back(static_cast<float>(symbols.number(symbol)));
    if (examples->symbols().size() > std::size_t{1} << 24)
      throw DataError(fmt::format("{}: found more than 2^24 different symbols", example.name));
    if (options.targets)
      for (const std::string& label : sequence->labels) example.targets.push_back(words.number(label));
    examples->add(std::move(example), std::move(features));
  }
  return examples;
}

std::unique_ptr<Examples> open_json(const std::string& path, const ExampleOptions& options) {
  JsonLinesReader reader(path);
  auto examples = std::make_unique<MemoryExamples>();
  WordTable words(examples->word_list());
  while (auto sample = reader.next()) {
    const std::string place = fmt::format("{} line {}", path, sample->line);
    Example example{sample->id.empty() ? place : sample->id, parse_part(sample->split, place), {}};
    const std::vector<std::string> targets = target_words(sample->y);
    if (options.lists_are_texts && is_list(sample->y)) {
      example.targets = {words.number(fmt::format("{}", fmt::join(targets, " ")))};
    } else {
      for (const std::string& target : targets) example.targets.push_back(words.number(target));
    }
    if (!options.targets) example.targets.clear();
    examples->add(std::move(example), {sample->steps, sample->features, std::move(sample->x)});
  }
  return examples;
}

std::unique_ptr<Examples> open_idx(const std::string& path, const ExampleOptions& options) {
  return std::make_unique<ImageExamples>(path, options);
}

}  // namespace carousel
