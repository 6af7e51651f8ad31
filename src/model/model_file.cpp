#include "model/model_file.h"

#include <carousel/error.h>
#include <carousel/version.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "model/safetensors.h"
#include "model/safetensors_header.h"

namespace carousel {

namespace {

constexpr const char* kFormatName = "carousel model";

const std::string& require(const Safetensors& file, const std::string& path, const std::string& key) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end())
    throw ModelError(
        fmt::format("{}: metadata has no \"{}\"; this is not a model that carousel has written", path, key));
  return found->second;
}

std::size_t require_count(const Safetensors& file, const std::string& path, const std::string& key) {
  const std::string& text = require(file, path, key);
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0)
    throw ModelError(fmt::format("{}: metadata \"{}\" should be a whole number above 0, found {}", path, key,
                                 safetensors::in_quotes(text)));
  return value;
}

void check_format(const Safetensors& file, const std::string& path) {
  const std::string& format = require(file, path, "format");
  if (format.starts_with("carousel checkpoint"))
    throw ModelError(
        fmt::format("{}: this is a checkpoint, which a run goes on from, expected a model", path));
  if (format != kFormatName)
    throw ModelError(fmt::format("{}: metadata \"format\" should be \"{}\", found {}", path, kFormatName,
                                 safetensors::in_quotes(format)));
  const std::size_t version = require_count(file, path, "format_version");
  if (version > kModelFormatVersion)
    throw ModelError(
        fmt::format("{}: written in model format {}, this program reads up to {}; use a newer carousel", path,
                    version, kModelFormatVersion));
}

/// The spec's parameters must be the file's tensors, name by name and shape by shape, before anything is
/// allocated.
void check_tensors(const Safetensors& file, const std::string& path, const ParameterTable& table) {
  if (file.tensors.size() > table.all().size())
    throw ModelError(fmt::format("{}: {} tensors, but the spec has {} parameters", path, file.tensors.size(),
                                 table.all().size()));
  for (const Parameter& parameter : table.all()) {
    const NamedTensor* tensor = file.find(parameter.name);
    if (tensor == nullptr)
      throw ModelError(
          fmt::format("{}: tensor \"{}\" {} is missing", path, parameter.name, parameter.shape.to_string()));
    if (tensor->shape != parameter.shape)
      throw ModelError(fmt::format("{}: tensor \"{}\" should be {}, found {}", path, parameter.name,
                                   parameter.shape.to_string(), tensor->shape.to_string()));
  }
}

template <class T>
void copy_weights(const Safetensors& file, const std::string& path, const ParameterTable& table,
                  std::span<T> weights) {
  for (const Parameter& parameter : table.all()) {
    const NamedTensor& tensor = *file.find(parameter.name);
    if (tensor.dtype != dtype_of<T>)
      throw ModelError(fmt::format("{}: tensor \"{}\" should be {}, found {}", path, parameter.name,
                                   name(dtype_of<T>), name(tensor.dtype)));
    const std::span<const T> numbers = tensor.numbers<T>();
    const auto bad = std::ranges::find_if(numbers, [](T v) { return !std::isfinite(v); });
    if (bad != numbers.end())
      throw ModelError(fmt::format("{}: tensor \"{}\", element {}: a weight must be finite, found {}", path,
                                   parameter.name, bad - numbers.begin(), *bad));
    std::ranges::copy(numbers, weights.begin() + static_cast<std::ptrdiff_t>(parameter.offset));
  }
}

}  // namespace

template <class T>
void save_model(const std::filesystem::path& path, const Network<T>& network, const Metadata& metadata) {
  Safetensors file;
  file.metadata = metadata;
  file.metadata["format"] = kFormatName;
  file.metadata["format_version"] = std::to_string(kModelFormatVersion);
  file.metadata["carousel_version"] = kVersion;
  file.metadata["spec"] = to_text(network.spec());
  file.metadata["inputs"] = std::to_string(network.inputs());
  for (const Parameter& parameter : network.parameters().all())
    file.tensors.push_back(
        NamedTensor::of(parameter.name, parameter.shape,
                        network.weights().subspan(parameter.offset, parameter.shape.size())));
  write_safetensors(path, file);
}

template <class T>
LoadedModel<T> load_model(const std::filesystem::path& path) {
  const std::string source = path.string();
  Safetensors file = read_safetensors(path);
  check_format(file, source);
  const std::size_t inputs = require_count(file, source, "inputs");
  std::vector<LayerSpec> spec;
  try {
    spec = parse_spec(require(file, source, "spec"));
    check_tensors(file, source, parameters_of(spec, inputs));
  } catch (const SettingError& error) {
    throw ModelError(fmt::format("{}: metadata \"spec\": {}", source, error.what()));
  }
  Network<T> network(spec, inputs);
  network.update_weights(
      [&](std::span<T> weights) { copy_weights(file, source, network.parameters(), weights); });
  return {std::move(network), std::move(file.metadata)};
}

template void save_model(const std::filesystem::path&, const Network<float>&, const Metadata&);
template void save_model(const std::filesystem::path&, const Network<double>&, const Metadata&);
template LoadedModel<float> load_model(const std::filesystem::path&);
template LoadedModel<double> load_model(const std::filesystem::path&);

}  // namespace carousel
