// Networks in the JSON that RTNeural (Chowdhury, "RTNeural: Fast neural inferencing for real-time systems",
// 2021) reads. docs/formats.md describes both forms.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "model/interop/foreign_network.h"

namespace carousel {

/// Either a list of layers, as its scripts write of Keras models: dense, time-distributed-dense, lstm, gru
/// (reset after the product); or a state dictionary of PyTorch: every LSTM, GRU and Linear in the order of
/// the file, one behind the other. Throws ModelError naming source, layer, what was found and what was
/// expected.
ForeignNetwork parse_rtneural(std::string_view text, const std::string& source);
/// Throws also FileError.
ForeignNetwork read_rtneural(const std::filesystem::path& path);

}  // namespace carousel
