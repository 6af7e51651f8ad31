#include "model/model_file.h"

#include <carousel/error.h>
#include <carousel/version.h>
#include <fmt/format.h>

#include <charconv>

#include "model/safetensors_header.h"
#include "model/weight_tensors.h"

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

/// What the file keeps its weights in.
WeightFormat weight_format(const Safetensors& file, const std::string& path) {
  const auto found = file.metadata.find("weights");
  if (found == file.metadata.end()) return WeightFormat::float32;
  if (const std::size_t version = require_count(file, path, "format_version"); version < 2)
    throw ModelError(fmt::format("{}: metadata \"weights\" is of format_version 2, found {}", path, version));
  for (const WeightFormat format : {WeightFormat::bf16, WeightFormat::int8})
    if (found->second == name(format)) return format;
  throw ModelError(fmt::format("{}: metadata \"weights\" should be \"bf16\" or \"int8\", found {}", path,
                               safetensors::in_quotes(found->second)));
}

/// What the network is to compute with.
WeightFormat asked_format(WeightFormat stored, std::optional<WeightFormat> asked, const std::string& path) {
  if (!asked || *asked == stored) return stored;
  if (stored != WeightFormat::float32)
    throw ModelError(
        fmt::format("{}: keeps its weights as {}, of which no {} can be made; use the model in float32 that "
                    "it was converted from",
                    path, name(stored), name(*asked)));
  return *asked;
}

/// The file's spec. One that is missing or cannot be read is empty, and then of no kind: who loads a network
/// says what is wrong with it.
std::vector<LayerSpec> spec_of(const Safetensors& file) {
  const auto spec = file.metadata.find("spec");
  if (spec == file.metadata.end()) return {};
  try {
    return parse_spec(spec->second);
  } catch (const SettingError&) {
    return {};
  }
}

/// parameters_of: what a spec would have, allocating none of it.
template <class Net>
Loaded<Net> loaded(Safetensors file, const std::string& source, std::optional<WeightFormat> weights,
                   ParameterTable (*parameters_of)(std::span<const LayerSpec>, std::size_t)) {
  check_format(file, source);
  const std::size_t inputs = require_count(file, source, "inputs");
  const WeightFormat stored = weight_format(file, source);
  const Packing packing{asked_format(stored, weights, source), false};
  std::vector<LayerSpec> spec;
  try {
    spec = parse_spec(require(file, source, "spec"));
    check_weight_tensors(file, source, parameters_of(spec, inputs), stored);
  } catch (const SettingError& error) {
    throw ModelError(fmt::format("{}: metadata \"spec\": {}", source, error.what()));
  }
  Net network = Net::filled(spec, inputs, packing, [&](const ParameterTable& table, auto values) {
    read_weight_tensors(file, source, table, stored, values);
  });
  return {std::move(network), std::move(file.metadata)};
}

}  // namespace

template <class Net>
Safetensors model_contents(const Net& network, const Metadata& metadata) {
  Safetensors file;
  file.metadata = metadata;
  file.metadata["format"] = kFormatName;
  const WeightFormat format = network.packing().weights;
  const bool reduced = format != WeightFormat::float32;
  file.metadata["format_version"] = reduced ? "2" : "1";
  file.metadata.erase("weights");
  if (reduced) file.metadata["weights"] = name(format);
  file.metadata["carousel_version"] = kVersion;
  file.metadata["spec"] = to_text(network.spec());
  file.metadata["inputs"] = std::to_string(network.inputs());
  file.tensors = weight_tensors(network.parameters(), network.weights(), format);
  return file;
}

template <class Net>
void save_model(const std::filesystem::path& path, const Net& network, const Metadata& metadata) {
  write_safetensors(path, model_contents(network, metadata));
}

template <class T>
LoadedModel<T> model_from(Safetensors file, const std::string& source, std::optional<WeightFormat> weights) {
  return loaded<Network<T>>(std::move(file), source, weights, parameters_of);
}
template <class T>
Loaded<EncoderDecoder<T>> encoder_decoder_from(Safetensors file, const std::string& source,
                                               std::optional<WeightFormat> weights) {
  return loaded<EncoderDecoder<T>>(std::move(file), source, weights, EncoderDecoder<T>::parameters_of);
}

template <class T>
Loaded<Transducer<T>> transducer_from(Safetensors file, const std::string& source,
                                      std::optional<WeightFormat> weights) {
  return loaded<Transducer<T>>(std::move(file), source, weights, Transducer<T>::parameters_of);
}

template <class T>
AnyLoadedModel<T> any_model_from(Safetensors file, const std::string& source,
                                 std::optional<WeightFormat> weights) {
  const std::vector<LayerSpec> spec = spec_of(file);
  if (is_encoder_decoder(spec)) return encoder_decoder_from<T>(std::move(file), source, weights);
  if (is_transducer(spec)) return transducer_from<T>(std::move(file), source, weights);
  return model_from<T>(std::move(file), source, weights);
}

template <class T>
LoadedModel<T> load_model(const std::filesystem::path& path, std::optional<WeightFormat> weights) {
  return model_from<T>(read_safetensors(path), path.string(), weights);
}
template <class T>
Loaded<EncoderDecoder<T>> load_encoder_decoder(const std::filesystem::path& path,
                                               std::optional<WeightFormat> weights) {
  return encoder_decoder_from<T>(read_safetensors(path), path.string(), weights);
}
template <class T>
Loaded<Transducer<T>> load_transducer(const std::filesystem::path& path,
                                      std::optional<WeightFormat> weights) {
  return transducer_from<T>(read_safetensors(path), path.string(), weights);
}
template <class T>
AnyLoadedModel<T> load_any_model(const std::filesystem::path& path, std::optional<WeightFormat> weights) {
  return any_model_from<T>(read_safetensors(path), path.string(), weights);
}

template Safetensors model_contents(const Network<float>&, const Metadata&);
template void save_model(const std::filesystem::path&, const Network<float>&, const Metadata&);
template Safetensors model_contents(const Network<double>&, const Metadata&);
template void save_model(const std::filesystem::path&, const Network<double>&, const Metadata&);
template Safetensors model_contents(const EncoderDecoder<float>&, const Metadata&);
template void save_model(const std::filesystem::path&, const EncoderDecoder<float>&, const Metadata&);
template Safetensors model_contents(const EncoderDecoder<double>&, const Metadata&);
template void save_model(const std::filesystem::path&, const EncoderDecoder<double>&, const Metadata&);
template Safetensors model_contents(const Transducer<float>&, const Metadata&);
template void save_model(const std::filesystem::path&, const Transducer<float>&, const Metadata&);
template Safetensors model_contents(const Transducer<double>&, const Metadata&);
template void save_model(const std::filesystem::path&, const Transducer<double>&, const Metadata&);
template LoadedModel<float> model_from(Safetensors, const std::string&, std::optional<WeightFormat>);
template LoadedModel<float> load_model(const std::filesystem::path&, std::optional<WeightFormat>);
template Loaded<EncoderDecoder<float>> encoder_decoder_from(Safetensors, const std::string&,
                                                            std::optional<WeightFormat>);
template Loaded<EncoderDecoder<float>> load_encoder_decoder(const std::filesystem::path&,
                                                            std::optional<WeightFormat>);
template Loaded<Transducer<float>> transducer_from(Safetensors, const std::string&,
                                                   std::optional<WeightFormat>);
template Loaded<Transducer<float>> load_transducer(const std::filesystem::path&, std::optional<WeightFormat>);
template AnyLoadedModel<float> any_model_from(Safetensors, const std::string&, std::optional<WeightFormat>);
template AnyLoadedModel<float> load_any_model(const std::filesystem::path&, std::optional<WeightFormat>);
template LoadedModel<double> model_from(Safetensors, const std::string&, std::optional<WeightFormat>);
template LoadedModel<double> load_model(const std::filesystem::path&, std::optional<WeightFormat>);
template Loaded<EncoderDecoder<double>> encoder_decoder_from(Safetensors, const std::string&,
                                                             std::optional<WeightFormat>);
template Loaded<EncoderDecoder<double>> load_encoder_decoder(const std::filesystem::path&,
                                                             std::optional<WeightFormat>);
template Loaded<Transducer<double>> transducer_from(Safetensors, const std::string&,
                                                    std::optional<WeightFormat>);
template Loaded<Transducer<double>> load_transducer(const std::filesystem::path&,
                                                    std::optional<WeightFormat>);
template AnyLoadedModel<double> any_model_from(Safetensors, const std::string&, std::optional<WeightFormat>);
template AnyLoadedModel<double> load_any_model(const std::filesystem::path&, std::optional<WeightFormat>);

}  // namespace carousel
