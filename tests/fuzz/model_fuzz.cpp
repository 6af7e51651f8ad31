// Any bytes: refused with a ModelError, or a model, be it a network or an encoder-decoder; what it holds is
// loaded again without a change, and in fewer bits.
#include <carousel/error.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <variant>

#include "model/model_file.h"

namespace {

using namespace carousel;

/// What is written of a model is a model, of which the same is written.
template <class Net>
void write_and_load(const Loaded<Net>& model, std::optional<WeightFormat> weights) {
  const Safetensors written = model_contents(model.network, model.metadata);
  const auto any =
      any_model_from<float>(parse_safetensors(serialize_safetensors(written), "fuzz"), "fuzz", weights);
  const auto& again = std::get<Loaded<Net>>(any);
  const bool reduced = again.network.packing().weights != model.network.packing().weights;
  if (!reduced && model_contents(again.network, again.metadata) != written) std::abort();
  if (reduced) write_and_load(again, {});
}

template <class Net>
void write_and_load_in_all_formats(const Loaded<Net>& model) {
  write_and_load(model, {});
  if (model.network.packing().weights == WeightFormat::float32)
    for (const WeightFormat format : {WeightFormat::bf16, WeightFormat::int8}) write_and_load(model, format);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::optional<AnyLoadedModel<float>> model;
  try {
    model.emplace(any_model_from<float>(
        parse_safetensors({reinterpret_cast<const char*>(data), size}, "fuzz"), "fuzz"));
  } catch (const ModelError&) {
    return 0;
  }
  std::visit([](const auto& loaded) { write_and_load_in_all_formats(loaded); }, *model);
  return 0;
}
