// A trained network on disk: a safetensors file that says in its metadata all that is needed to use it.
// docs/formats.md describes the keys.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "model/encoder_decoder.h"
#include "model/network.h"
#include "model/safetensors.h"
#include "model/transducer.h"

namespace carousel {

/// The newest that load_model reads. Models in float32 are written as version 1, which all programs read.
inline constexpr int kModelFormatVersion = 2;

/// Text beside the weights; keys of the format itself ("spec", "inputs", "format", ...) are written by
/// save_model.
using Metadata = std::map<std::string, std::string>;

template <class Net>
struct Loaded {
  Net network;
  Metadata metadata;  ///< all of the file's, the format's own keys included
};
template <class T>
using LoadedModel = Loaded<Network<T>>;
/// Whichever of them a file holds.
template <class T>
using AnyLoadedModel = std::variant<Loaded<Network<T>>, Loaded<EncoderDecoder<T>>, Loaded<Transducer<T>>>;

/// What the file of a model, a Network<T>, an EncoderDecoder<T> or a Transducer<T>, holds. The same network
/// and metadata give the same contents.
template <class Net>
Safetensors model_contents(const Net& network, const Metadata& metadata);

/// Writes the file whole or not at all, the weights in the format that the network keeps. The same network
/// and metadata give the same bytes. Throws FileError.
template <class Net>
void save_model(const std::filesystem::path& path, const Net& network, const Metadata& metadata);

/// Throws FileError, or ModelError naming the file, the tensor or key, what was found and what was expected.
/// Nothing is allocated beyond a small multiple of the file's size. NaN or Inf in a weight is refused.
///
/// The network is packed for inference, with weights in the format asked for, which can be another than the
/// file's only where that has them in float32; without it in the file's.
template <class T>
LoadedModel<T> load_model(const std::filesystem::path& path, std::optional<WeightFormat> weights = {});
template <class T>
Loaded<EncoderDecoder<T>> load_encoder_decoder(const std::filesystem::path& path,
                                               std::optional<WeightFormat> weights = {});
template <class T>
Loaded<Transducer<T>> load_transducer(const std::filesystem::path& path,
                                      std::optional<WeightFormat> weights = {});
template <class T>
AnyLoadedModel<T> load_any_model(const std::filesystem::path& path, std::optional<WeightFormat> weights = {});

/// The same from contents that have been read; errors name `source`.
template <class T>
LoadedModel<T> model_from(Safetensors file, const std::string& source,
                          std::optional<WeightFormat> weights = {});
template <class T>
Loaded<EncoderDecoder<T>> encoder_decoder_from(Safetensors file, const std::string& source,
                                               std::optional<WeightFormat> weights = {});
template <class T>
Loaded<Transducer<T>> transducer_from(Safetensors file, const std::string& source,
                                      std::optional<WeightFormat> weights = {});
template <class T>
AnyLoadedModel<T> any_model_from(Safetensors file, const std::string& source,
                                 std::optional<WeightFormat> weights = {});

}  // namespace carousel
