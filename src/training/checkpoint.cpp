#include "training/checkpoint.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "model/safetensors.h"
#include "model/safetensors_header.h"

namespace carousel {

namespace {

constexpr std::string_view kFormat = "carousel checkpoint 1";
constexpr std::string_view kHistory = "history";
constexpr std::string_view kNumber = "number.";
constexpr std::string_view kSeries = "series.";
constexpr double kLargestCount = 0x1p53;  // counts beyond are not exact as double

/// The columns of the tensor "history", a row an epoch.
constexpr std::size_t kColumns = 13;

void write_record(const ProgressRecord& r, double* row) {
  const double values[kColumns] = {static_cast<double>(r.epoch),
                                   static_cast<double>(r.epochs),
                                   static_cast<double>(r.batch),
                                   static_cast<double>(r.batches),
                                   static_cast<double>(r.update),
                                   r.loss,
                                   r.validation_loss,
                                   r.gradient_norm,
                                   r.learning_rate,
                                   r.sequences_per_second,
                                   r.fraction,
                                   r.seconds,
                                   r.best ? 1.0 : 0.0};
  std::copy(values, values + kColumns, row);
}

ProgressRecord read_record(const double* row, const std::string& path) {
  const auto count = [&](std::size_t column) {
    if (!(row[column] >= 0 && row[column] <= kLargestCount))
      throw ModelError(fmt::format("{}: history holds {} where a count is expected", path, row[column]));
    return static_cast<std::size_t>(row[column]);
  };
  ProgressRecord r;
  r.epoch = count(0), r.epochs = count(1), r.batch = count(2), r.batches = count(3), r.update = count(4);
  r.loss = row[5], r.validation_loss = row[6], r.gradient_norm = row[7], r.learning_rate = row[8];
  r.sequences_per_second = row[9], r.fraction = row[10], r.seconds = row[11], r.best = row[12] != 0;
  return r;
}

const std::string& metadata_of(const Safetensors& file, const std::string& key, const std::string& path) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) throw ModelError(fmt::format("{}: no '{}' in the metadata", path, key));
  return found->second;
}

template <class Number>
Number parse_number(const std::string& text, const std::string& key, const std::string& path) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw ModelError(
        fmt::format("{}: metadata '{}' is {}, not a number", path, key, safetensors::in_quotes(text)));
  return value;
}

template <class Number>
Number number_of(const Safetensors& file, const std::string& key, const std::string& path) {
  return parse_number<Number>(metadata_of(file, key, path), key, path);
}

std::vector<ProgressRecord> read_history(const NamedTensor& tensor, const std::string& path) {
  if (tensor.shape.rank() != 2 || tensor.shape[1] != kColumns)
    throw ModelError(
        fmt::format("{}: expected history [epochs, {}], got {}", path, kColumns, tensor.shape.to_string()));
  const auto values = tensor.numbers<double>();
  std::vector<ProgressRecord> history;
  for (std::size_t r = 0; r < tensor.shape[0]; ++r)
    history.push_back(read_record(values.data() + r * kColumns, path));
  return history;
}

template <class Vectors>
const typename Vectors::mapped_type& named(const Vectors& vectors, const std::string& name,
                                           std::size_t size) {
  const auto found = vectors.find(name);
  if (found != vectors.end() && found->second.size() == size) return found->second;
  throw ModelError(fmt::format(
      "the checkpoint belongs to another network or optimizer: expected '{}' with {} values, {}", name, size,
      found == vectors.end() ? "there is none" : fmt::format("got {}", found->second.size())));
}

}  // namespace

template <class T>
const AlignedVector<T>& Checkpoint<T>::vector(const std::string& name, std::size_t size) const {
  return named(vectors, name, size);
}

template <class T>
const std::vector<double>& Checkpoint<T>::doubles(const std::string& name, std::size_t size) const {
  return named(series, name, size);
}

template <class T>
double Checkpoint<T>::number(const std::string& name) const {
  const auto found = numbers.find(name);
  if (found == numbers.end())
    throw ModelError(
        fmt::format("the checkpoint belongs to another way of training: it has no number '{}'", name));
  return found->second;
}

template <class T>
std::size_t Checkpoint<T>::count(const std::string& name) const {
  const double value = number(name);
  if (!(value >= 0 && value <= kLargestCount))
    throw ModelError(fmt::format("the checkpoint holds {} for '{}' where a count is expected", value, name));
  return static_cast<std::size_t>(value);
}

template <class T>
void save_checkpoint(const Checkpoint<T>& checkpoint, const std::string& path) {
  Safetensors file;
  file.metadata["format"] = kFormat;
  file.metadata["method"] = checkpoint.method;
  file.metadata["seed"] = std::to_string(checkpoint.seed);
  file.metadata["epoch"] = std::to_string(checkpoint.epoch);
  file.metadata["batch"] = std::to_string(checkpoint.batch);
  file.metadata["update"] = std::to_string(checkpoint.update);
  // fmt's shortest form reads back to the same double.
  for (const auto& [name, value] : checkpoint.numbers)
    file.metadata[std::string(kNumber) + name] = fmt::format("{}", value);
  for (const auto& [name, values] : checkpoint.vectors)
    file.tensors.push_back(NamedTensor::of<T>(name, {values.size()}, values));
  for (const auto& [name, values] : checkpoint.series)
    file.tensors.push_back(NamedTensor::of<double>(std::string(kSeries) + name, {values.size()}, values));
  std::vector<double> rows(checkpoint.history.size() * kColumns);
  for (std::size_t r = 0; r < checkpoint.history.size(); ++r)
    write_record(checkpoint.history[r], rows.data() + r * kColumns);
  file.tensors.push_back(
      NamedTensor::of<double>(std::string(kHistory), {checkpoint.history.size(), kColumns}, rows));
  write_safetensors(path, file);
}

template <class T>
Checkpoint<T> load_checkpoint(const std::string& path) {
  const Safetensors file = read_safetensors(path);
  const auto format = file.metadata.find("format");
  if (format == file.metadata.end() || format->second != kFormat)
    throw ModelError(
        fmt::format("{}: not a checkpoint: expected metadata format '{}', got {}", path, kFormat,
                    format == file.metadata.end() ? "none" : safetensors::in_quotes(format->second)));
  Checkpoint<T> checkpoint;
  checkpoint.method = metadata_of(file, "method", path);
  checkpoint.seed = number_of<std::uint64_t>(file, "seed", path);
  checkpoint.epoch = number_of<std::size_t>(file, "epoch", path);
  checkpoint.batch = number_of<std::size_t>(file, "batch", path);
  checkpoint.update = number_of<std::size_t>(file, "update", path);
  for (const auto& [key, text] : file.metadata)
    if (key.starts_with(kNumber))
      checkpoint.numbers[key.substr(kNumber.size())] = parse_number<double>(text, key, path);
  for (const NamedTensor& tensor : file.tensors) {
    if (tensor.name == kHistory) {
      checkpoint.history = read_history(tensor, path);
    } else if (tensor.name.starts_with(kSeries)) {
      const auto values = tensor.numbers<double>();
      checkpoint.series[tensor.name.substr(kSeries.size())].assign(values.begin(), values.end());
    } else {
      const auto values = tensor.numbers<T>();
      checkpoint.vectors[tensor.name].assign(values.begin(), values.end());
    }
  }
  return checkpoint;
}

template struct Checkpoint<float>;
template struct Checkpoint<double>;
template void save_checkpoint(const Checkpoint<float>&, const std::string&);
template void save_checkpoint(const Checkpoint<double>&, const std::string&);
template Checkpoint<float> load_checkpoint(const std::string&);
template Checkpoint<double> load_checkpoint(const std::string&);

}  // namespace carousel
