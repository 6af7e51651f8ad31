// Examples in files of their own: a manifest, folders of classes, a single file.
#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "data/cells.h"
#include "data/example_kinds.h"
#include "data/sound.h"
#include "data/step_rows.h"
#include "data/word_table.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 10'000'000;

class FileExamples final : public SpoilableExamples {
 public:
  explicit FileExamples(const FeatureOptions& options) : options_(options), table_(words_) {}

  void add(Example example, std::vector<std::string> paths) {
    list_.push_back(std::move(example));
    paths_.push_back(std::move(paths));
  }
  /// One whose files are not known, for it cannot be learned from.
  void add_spoilt(std::string name, std::string why) {
    add({std::move(name), ExamplePart::any, {}}, {});
    spoil(std::move(why));
  }
  std::uint32_t word(std::string_view text) { return table_.number(text); }
  /// All files are there: where no columns are asked for, those of the first CSV file that can be read are.
  void settle_columns() {
    if (options_.columns || options_.pen) return;
    for (const std::vector<std::string>& paths : paths_) {
      const auto csv = std::ranges::find_if(paths, is_csv_file);
      if (csv == paths.end()) continue;
      try {
        columns_ = csv_columns(*csv);
        options_.columns = columns_;
        return;
      } catch (const Error&) {  // said when it is read
      }
    }
  }

  Features read(std::size_t index) const override {
    check_good(index);
    const std::vector<std::string>& paths = paths_.at(index);
    Features features = read_features(paths.front(), options_);
    for (std::size_t i = 1; i < paths.size(); ++i)
      append_steps(features, read_features(paths[i], options_), list_[index].name);
    return features;
  }

  double step_seconds() const override {
    const auto good = std::ranges::find_if(paths_, [](const auto& paths) { return !paths.empty(); });
    return good != paths_.end() && is_sound_file(good->front()) ? options_.audio.hop_ms / 1000 : 0;
  }

 private:
  FeatureOptions options_;
  WordTable table_;
  std::vector<std::vector<std::string>> paths_;  // of each example, one behind the other
};

/// "a.wav + b.wav", seen from the folder of the manifest.
std::vector<std::string> joined_paths(std::string_view cell, const fs::path& folder,
                                      const std::string& place) {
  std::vector<std::string> paths;
  const std::string text = std::string(cell) + ' ';  // blanks around a cell are gone
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(" + ", begin), text.size());
    std::string_view one = std::string_view(text).substr(begin, end - begin);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one.empty() || one.find('\0') != std::string_view::npos)
      throw DataError(fmt::format(
          "{}: found '{}', expected the path of a file, or several with ' + ' between", place, shown(cell)));
    paths.push_back((folder / fs::path(one)).string());
    begin = end + (end < text.size() ? 2 : 0);
    if (end == text.size()) break;
  }
  return paths;
}

std::vector<fs::path> sorted_entries(const fs::path& folder, bool folders) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().starts_with('.')) continue;
    if (folders ? at->is_directory() : at->is_regular_file() && is_feature_file(at->path().string()))
      entries.push_back(at->path());
    if (entries.size() > kMostFiles)
      throw DataError(fmt::format("{}: found more than {} files", folder.string(), kMostFiles));
  }
  if (error) throw FileError(fmt::format("{}: cannot read it: {}", folder.string(), error.message()));
  std::ranges::sort(entries);
  return entries;
}

}  // namespace

std::unique_ptr<Examples> open_manifest(const std::string& path, const ExampleOptions& options) {
  CsvReader reader(path, manifest_form(path));
  const auto file = column_named(reader, {"path", "file"});
  if (!file)
    throw DataError(fmt::format("{}: found no column path or file, expected one that names the files", path));
  const auto part = column_named(reader, {"split", "part"});
  const auto target = target_column(reader, options);
  if (options.targets && (target == file || target == part))
    throw DataError(fmt::format("{}: found no column with class, label or text beside {}; name it as target",
                                path, reader.columns()[*file].name));
  const fs::path folder = fs::path(path).parent_path();
  auto examples = std::make_unique<FileExamples>(options.features);
  const auto add = [&](const CsvRow& row, const std::string& place) {
    reader.check(row);
    for (std::size_t c = 0; c < row.fields.size(); ++c) text_cell(reader, row, c);
    const std::string_view cell = row.fields[*file];
    std::vector<std::string> paths = joined_paths(cell, folder, place);
    Example example{std::string(cell), ExamplePart::any, {}};
    if (part && options.targets) example.part = parse_part(row.fields[*part], place);
    if (target && target != file) example.targets = {examples->word(row.fields[*target])};
    examples->add(std::move(example), std::move(paths));
  };
  while (const auto row = reader.next_any()) {
    const std::string place = fmt::format("{} line {}", path, row->line);
    try {
      add(*row, place);
    } catch (const DataError& error) {
      examples->add_spoilt(place, error.what());
    }
  }
  examples->settle_columns();
  return examples;
}

std::unique_ptr<Examples> open_folders(const std::string& path, const ExampleOptions& options) {
  auto examples = std::make_unique<FileExamples>(options.features);
  for (const fs::path& folder : sorted_entries(path, true))
    for (const fs::path& file : sorted_entries(folder, false))
      examples->add({file.string(), ExamplePart::any, {examples->word(folder.filename().string())}},
                    {file.string()});
  if (!options.targets)
    for (const fs::path& file : sorted_entries(path, false))
      examples->add({file.string(), ExamplePart::any, {}}, {file.string()});
  if (examples->list().empty())
    throw DataError(fmt::format(
        "{}: found no examples, expected one folder for each class, with files in them that end in {}", path,
        fmt::join(feature_extensions(), ", ")));
  examples->settle_columns();
  return examples;
}

std::unique_ptr<Examples> open_file(const std::string& path, const ExampleOptions& options) {
  if (options.targets)
    throw SettingError(fmt::format(
        "{}: one file of features does not say what it is; name a manifest with columns path and label",
        shown(path, 80)));
  if (path == "-") return open_sound(ByteSource(path), source_name(path), options.features.audio);
  auto examples = std::make_unique<FileExamples>(options.features);
  examples->add({path, ExamplePart::any, {}}, {path});
  return examples;
}

}  // namespace carousel
