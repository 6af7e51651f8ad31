// Examples whose numbers stand in arrays of all of them: IDX images with their classes; x and y of NPY,
// MATLAB and HDF5 files; the layout of NetCDF files that RNNLIB and CURRENNT read.
#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <set>

#include "base/suggest.h"
#include "data/array_file.h"
#include "data/example_kinds.h"
#include "data/idx.h"
#include "data/netcdf.h"
#include "data/npy.h"
#include "data/word_table.h"

namespace carousel {
namespace {

/// All arrays in memory; an example is an array, or a place of its outermost axis.
class ArrayExamples final : public Examples {
 public:
  /// x: [steps] or [steps, features]. Throws DataError naming `name` for another.
  void add_one(const std::string& name, ExamplePart part, Array x) {
    const Features form = array_features({x.shape, {}}, name);
    add(name, part, arrays_.size(), 0, form.steps, form.width);
    arrays_.push_back(std::move(x));
  }

  /// x: [examples, steps, ...]. whole: each is one step.
  void add_all(const std::string& name, ExamplePart part, Array x, bool whole) {
    if (x.values.empty() && x.shape[0] > 0)
      throw DataError(fmt::format("{}: found {} of {} examples without any number", name, x.shape.to_string(),
                                  x.shape[0]));
    const std::size_t values = x.shape[0] == 0 ? 0 : x.values.size() / x.shape[0];
    const std::size_t steps = whole ? 1 : x.shape[1], width = steps == 0 ? 0 : values / steps;
    for (std::size_t i = 0; i < x.shape[0]; ++i) {
      const std::span<const float> slice = std::span<const float>(x.values).subspan(i * values, values);
      const auto last = std::find_if(slice.rbegin(), slice.rend(), [](float v) { return !std::isnan(v); });
      const auto used = static_cast<std::size_t>(slice.rend() - last);
      add(fmt::format("{} number {}", name, i + 1), part, arrays_.size(), i * values,
          (used + width - 1) / std::max<std::size_t>(width, 1), width);
    }
    arrays_.push_back(std::move(x));
  }

  /// Without those that are NaN. a_text: they are symbols of one.
  void set_targets(std::size_t index, std::span<const float> targets, bool a_text) {
    std::vector<std::string> words;
    for (const float target : targets)
      if (!std::isnan(target)) words.push_back(number_word(target));
    if (a_text) words = {fmt::format("{}", fmt::join(words, " "))};
    for (const std::string& word : words) list_[index].targets.push_back(table_.number(word));
  }

  Features read(std::size_t index) const override {
    const Place& place = places_.at(index);
    const std::span<const float> values =
        std::span<const float>(arrays_[place.array].values).subspan(place.begin, place.steps * place.width);
    return {place.steps, place.width, {values.begin(), values.end()}};
  }

 private:
  struct Place {
    std::size_t array, begin, steps, width;
  };
  void add(std::string name, ExamplePart part, std::size_t array, std::size_t begin, std::size_t steps,
           std::size_t width) {
    list_.push_back({std::move(name), part, {}});
    places_.push_back({array, begin, steps, width});
  }

  std::vector<Array> arrays_;
  std::vector<Place> places_;
  WordTable table_{words_};
};

/// "train-images-idx3-ubyte.gz" has its classes in "train-labels-idx1-ubyte.gz".
std::string idx_classes_path(const std::string& path, std::size_t axes) {
  const std::filesystem::path file(path);
  std::string name = file.filename().string();
  const auto replace = [&](std::string_view from, std::string_view to) {
    if (const std::size_t at = name.find(from); at != std::string::npos) name.replace(at, from.size(), to);
  };
  replace("images", "labels");
  replace(fmt::format("idx{}", axes), "idx1");
  if (name == file.filename().string())
    throw DataError(
        fmt::format("{}: expected 'images' in the name, where the file of classes has 'labels'", path));
  return (file.parent_path() / name).string();
}

/// "train_x.npy" has what its sequences are in "train_y.npy", "X.npy" in "y.npy" or "Y.npy".
std::string npy_targets_path(const std::string& path) {
  const std::filesystem::path file(path);
  const std::string name = file.stem().string();
  const auto letter = [&](std::size_t at) {
    return at < name.size() && std::isalpha(static_cast<unsigned char>(name[at])) != 0;
  };
  const auto beside = [&](std::size_t at, char y) {
    std::string changed = file.filename().string();
    changed[at] = y;
    return (file.parent_path() / changed).string();
  };
  for (std::size_t at = 0; at < name.size(); ++at) {
    if ((name[at] != 'x' && name[at] != 'X') || (at > 0 && letter(at - 1)) || letter(at + 1)) continue;
    return name[at] == 'X' && std::filesystem::exists(beside(at, 'Y')) ? beside(at, 'Y') : beside(at, 'y');
  }
  throw DataError(fmt::format(
      "{}: expected a name such as train_x.npy, beside which train_y.npy says what the sequences are", path));
}

/// Sequences that stand together, and what says what they are; none: nothing does.
struct ArraySet {
  std::string name;  ///< for messages
  ExamplePart part = ExamplePart::any;
  std::vector<Array> x;
  std::optional<std::vector<Array>> y;
};

/// y of the sequences from `first` on: as many arrays, or one with as many numbers or rows.
void add_targets(ArrayExamples& examples, std::size_t first, const ArraySet& set, bool a_text) {
  const std::vector<Array>& y = *set.y;
  const std::size_t count = examples.list().size() - first;
  if (y.size() == count) {
    for (std::size_t i = 0; i < count; ++i) examples.set_targets(first + i, y[i].values, a_text);
    return;
  }
  const bool one = y.size() == 1;
  const std::size_t numbers = one ? y.front().values.size() : 0;
  const bool rows = one && y.front().shape.rank() == 2 && y.front().shape[0] == count;
  if (!one || count == 0 || (!rows && numbers != count))
    throw DataError(fmt::format("{}: found {} as y, expected something for each of {} sequences", set.name,
                                one ? y.front().shape.to_string() : fmt::format("{} cells", y.size()),
                                count));
  const std::size_t each = numbers / count;
  for (std::size_t i = 0; i < count; ++i)
    examples.set_targets(first + i, std::span(y.front().values).subspan(i * each, each), a_text);
}

void add_set(ArrayExamples& examples, ArraySet set, const ExampleOptions& options) {
  const std::size_t first = examples.list().size();
  const bool many = set.x.size() != 1;
  for (std::size_t i = 0; i < set.x.size(); ++i) {
    const std::string name = many ? fmt::format("{} number {}", set.name, i + 1) : set.name;
    if (set.x[i].shape.rank() > 2) {
      examples.add_all(name, set.part, std::move(set.x[i]), options.features.image == ImageSteps::whole);
    } else {
      examples.add_one(name, set.part, std::move(set.x[i]));
    }
  }
  if (!options.targets) return;
  if (!set.y)
    throw DataError(fmt::format("{}: found no y, which says what the sequences of x are", set.name));
  add_targets(examples, first, set, options.lists_are_texts);
}

/// The names of all arrays that are called x, whatever group they are in; or of the only one.
std::vector<std::string> names_of_x(const std::string& path, const std::vector<std::string>& names) {
  std::vector<std::string> found;
  for (const std::string& name : names)
    if (name == "x" || name.ends_with("/x")) found.push_back(name);
  if (found.empty()) found.push_back(main_array(path, names));
  return found;
}

/// x, and y of the same group. The first part of a group's name may be that of a part of the data.
std::vector<ArraySet> read_sets(const std::string& path, bool targets) {
  const std::vector<std::string> names = array_names(path);
  const std::set<std::string> known(names.begin(), names.end());
  std::vector<std::string> wanted;
  std::vector<ArraySet> sets;
  std::vector<bool> with_y;
  for (const std::string& name : names_of_x(path, names)) {
    const std::size_t slash = name.rfind('/');
    const std::string group = slash == std::string::npos ? "" : name.substr(0, slash);
    const std::string y = group.empty() ? "y" : group + "/y";
    sets.push_back({group.empty() ? path : fmt::format("{} {}", path, group),
                    find_part(group.substr(0, group.find('/'))).value_or(ExamplePart::any),
                    {},
                    {}});
    wanted.push_back(name);
    with_y.push_back(targets && known.contains(y));
    if (with_y.back()) wanted.push_back(y);
  }
  std::vector<NamedArrays> read = read_arrays(path, wanted);
  auto next = read.begin();
  for (std::size_t i = 0; i < sets.size(); ++i) {
    sets[i].x = std::move((next++)->arrays);
    if (with_y[i]) sets[i].y = std::move((next++)->arrays);
  }
  return sets;
}

class NetcdfExamples final : public Examples {
 public:
  NetcdfExamples(const std::string& path, const ExampleOptions& options) : all_(read_netcdf_sequences(path)) {
    if (all_.inputs.values.empty()) throw DataError(fmt::format("{}: found no inputs", path));
    for (std::size_t i = 0; i < all_.sequences.size(); ++i) {
      const std::string& tag = all_.sequences[i].tag;
      list_.push_back({tag.empty() ? fmt::format("{} number {}", path, i + 1) : tag, ExamplePart::any, {}});
    }
    if (!options.targets) return;
    if (reads_classes(path, options)) {
      take_classes(path);
    } else {
      take_strings();
    }
  }

  Features read(std::size_t index) const override {
    const NetcdfSequences::Sequence& sequence = all_.sequences.at(index);
    const std::size_t width = all_.inputs.shape[1];
    const std::span<const float> values =
        std::span<const float>(all_.inputs.values).subspan(sequence.begin * width, sequence.steps * width);
    return {sequence.steps, width, {values.begin(), values.end()}};
  }

 private:
  /// targetClasses, or targetStrings?
  bool reads_classes(const std::string& path, const ExampleOptions& options) const {
    const bool strings = std::ranges::any_of(all_.sequences, [](const auto& s) { return !s.target.empty(); });
    if (options.target) {
      const std::vector<std::string> known = {"targetClasses", "targetStrings"};
      if (std::ranges::find(known, *options.target) == known.end())
        throw SettingError(
            fmt::format("target: there is no '{}'; {}", *options.target, suggestion(*options.target, known)));
    }
    const bool wanted = options.target ? *options.target == "targetClasses"
                                       : !all_.classes.empty() && !(strings && options.lists_are_texts);
    if (wanted ? all_.classes.empty() : !strings)
      throw DataError(fmt::format("{}: found no {}, expected variables that say what the sequences are", path,
                                  options.target.value_or("targetClasses and no targetStrings")));
    return wanted;
  }

  void take_classes(const std::string& path) {
    if (!all_.labels.empty() && all_.labels.size() != all_.class_count)
      throw DataError(
          fmt::format("{}, variable 'labels': found {} names, expected one for each of {} classes", path,
                      all_.labels.size(), all_.class_count));
    WordTable words(words_);
    const bool of_steps = all_.classes.size() == all_.inputs.shape[0];
    for (std::size_t i = 0; i < list_.size(); ++i) {
      const NetcdfSequences::Sequence& sequence = all_.sequences[i];
      const auto classes = std::span<const std::uint32_t>(all_.classes)
                               .subspan(of_steps ? sequence.begin : i, of_steps ? sequence.steps : 1);
      for (const std::uint32_t number : classes)
        list_[i].targets.push_back(
            words.number(all_.labels.empty() ? std::to_string(number) : all_.labels[number]));
    }
  }

  void take_strings() {
    WordTable words(words_);
    for (std::size_t i = 0; i < list_.size(); ++i)
      list_[i].targets = {words.number(all_.sequences[i].target)};
  }

  NetcdfSequences all_;
};

}  // namespace

std::unique_ptr<Examples> open_idx(const std::string& path, const ExampleOptions& options) {
  auto examples = std::make_unique<ArrayExamples>();
  Array images = read_idx(path);
  const std::size_t axes = images.shape.rank();
  if (axes < 2)
    throw DataError(fmt::format("{}: found {} axis, expected images [examples, rows, columns]", path, axes));
  examples->add_all(path, ExamplePart::any, std::move(images), options.features.image == ImageSteps::whole);
  if (!options.targets) return examples;
  const std::string classes_path = idx_classes_path(path, axes);
  const Array classes = read_idx(classes_path);
  const std::size_t count = examples->list().size();
  if (classes.shape.rank() != 1 || classes.shape[0] != count)
    throw DataError(fmt::format("{}: found {} numbers, expected {}, one for each image of {}", classes_path,
                                classes.values.size(), count, path));
  for (std::size_t i = 0; i < count; ++i)
    examples->set_targets(i, std::span(classes.values).subspan(i, 1), false);
  return examples;
}

std::unique_ptr<Examples> open_arrays(const std::string& path, const ExampleOptions& options) {
  std::vector<ArraySet> sets;
  if (file_extension(path) == "npy") {
    sets.push_back({path, ExamplePart::any, {read_npy(path)}, {}});
    if (options.targets) sets.back().y = {{read_npy(npy_targets_path(path))}};
  } else {
    sets = read_sets(path, options.targets);
  }
  auto examples = std::make_unique<ArrayExamples>();
  for (ArraySet& set : sets) add_set(*examples, std::move(set), options);
  return examples;
}

std::unique_ptr<Examples> open_netcdf(const std::string& path, const ExampleOptions& options) {
  return std::make_unique<NetcdfExamples>(path, options);
}

}  // namespace carousel
