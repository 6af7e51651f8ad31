#include "data/netcdf.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "data/netcdf_file.h"

namespace carousel {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 40;
constexpr const char *kLengths = "seqLengths", *kInputs = "inputs", *kTags = "seqTags",
                     *kClasses = "targetClasses", *kPatterns = "targetPatterns", *kStrings = "targetStrings",
                     *kLabels = "labels";

/// [time steps, values]
Array matrix(const NetcdfFile& file, const char* name) {
  Array array = file.numbers(name);
  if (array.shape.rank() != 2) {
    file.fail(name,
              fmt::format("found the shape {}, expected [time steps, values]", array.shape.to_string()));
  }
  return array;
}

void read_lengths(const NetcdfFile& file, NetcdfSequences& all) {
  std::size_t end = 0;
  const std::size_t rows = all.inputs.shape[0];
  for (const std::int64_t length : file.whole_numbers(kLengths)) {
    if (length < 0 || static_cast<std::uint64_t>(length) > rows - end) {
      file.fail(kLengths, fmt::format("found {} steps for sequence {}, which begins at {} of {} time steps",
                                      length, all.sequences.size() + 1, end, rows));
    }
    all.sequences.push_back(
        {.tag = {}, .begin = end, .steps = static_cast<std::size_t>(length), .target = {}});
    end += static_cast<std::size_t>(length);
  }
  if (end != rows) {
    file.fail(kLengths,
              fmt::format("found {} time steps of all sequences, expected the {} of inputs", end, rows));
  }
}

/// A text for each sequence, if the file has them.
std::vector<std::string> texts_of_sequences(const NetcdfFile& file, const char* name, std::size_t sequences) {
  if (!file.has(name)) return std::vector<std::string>(sequences);
  std::vector<std::string> texts = file.texts(name);
  if (texts.size() != sequences) {
    file.fail(name,
              fmt::format("found {} texts, expected one for each of {} sequences", texts.size(), sequences));
  }
  return texts;
}

void read_classes(const NetcdfFile& file, NetcdfSequences& all) {
  all.class_count = file.dimension("numLabels");
  const std::vector<std::int64_t> classes = file.whole_numbers(kClasses);
  if (classes.size() != all.inputs.shape[0] && classes.size() != all.sequences.size()) {
    file.fail(kClasses,
              fmt::format("found {} classes, expected one for each of {} time steps, or of {} sequences",
                          classes.size(), all.inputs.shape[0], all.sequences.size()));
  }
  for (const std::int64_t number : classes) {
    if (number < 0 || static_cast<std::uint64_t>(number) >= all.class_count || number > UINT32_MAX) {
      file.fail(kClasses, fmt::format("found class {} at place {}, expected one below numLabels = {}", number,
                                      all.classes.size() + 1, all.class_count));
    }
    all.classes.push_back(static_cast<std::uint32_t>(number));
  }
}

void read_patterns(const NetcdfFile& file, NetcdfSequences& all) {
  all.patterns = matrix(file, kPatterns);
  const std::size_t steps = all.patterns.shape[0], width = all.patterns.shape[1];
  if (steps != all.inputs.shape[0]) {
    file.fail(kPatterns,
              fmt::format("found {} time steps, expected the {} of inputs", steps, all.inputs.shape[0]));
  }
  const std::vector<float>& values = all.patterns.values;
  const auto wrong = std::ranges::find_if_not(values, [](float value) { return std::isfinite(value); });
  if (wrong != values.end()) {
    file.fail(kPatterns, fmt::format("found {} at time step {}, expected a finite number", *wrong,
                                     static_cast<std::size_t>(wrong - values.begin()) / width + 1));
  }
}

}  // namespace

std::vector<std::string> netcdf_variables(const std::filesystem::path& path) {
  const std::string bytes = read_file(path, kMaxFileBytes);
  return NetcdfFile(bytes, path.string()).variables();
}

Array read_netcdf(const std::filesystem::path& path, std::string_view variable) {
  const std::string bytes = read_file(path, kMaxFileBytes);
  return NetcdfFile(bytes, path.string()).numbers(variable);
}

NetcdfSequences read_netcdf_sequences(const std::filesystem::path& path) {
  return parse_netcdf_sequences(read_file(path, kMaxFileBytes), path.string());
}

NetcdfSequences parse_netcdf_sequences(std::string_view bytes, const std::string& source) {
  const NetcdfFile file(bytes, source);
  NetcdfSequences all;
  all.inputs = matrix(file, kInputs);
  read_lengths(file, all);
  const std::vector<std::string> tags = texts_of_sequences(file, kTags, all.sequences.size()),
                                 targets = texts_of_sequences(file, kStrings, all.sequences.size());
  for (std::size_t i = 0; i < all.sequences.size(); ++i) {
    all.sequences[i].tag = tags[i];
    all.sequences[i].target = targets[i];
  }
  if (file.has(kLabels)) all.labels = file.texts(kLabels);
  if (file.has(kClasses)) read_classes(file, all);
  if (file.has(kPatterns)) read_patterns(file, all);
  return all;
}

}  // namespace carousel
