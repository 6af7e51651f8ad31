// Any bytes: refused with a ModelError, or a model; what it holds is loaded again without a change, and in
// fewer bits.
#include <carousel/error.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "model/model_file.h"

namespace {

using namespace carousel;

/// What is written of a model is a model, of which the same is written.
void write_and_load(const LoadedModel<float>& model, std::optional<WeightFormat> weights) {
  const Safetensors written = model_contents(model.network, model.metadata);
  const LoadedModel<float> again =
      model_from<float>(parse_safetensors(serialize_safetensors(written), "fuzz"), "fuzz", weights);
  const bool reduced = again.network.packing().weights != model.network.packing().weights;
  if (!reduced && model_contents(again.network, again.metadata) != written) std::abort();
  if (reduced) write_and_load(again, {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::optional<LoadedModel<float>> model;
  try {
    model = model_from<float>(parse_safetensors({reinterpret_cast<const char*>(data), size}, "fuzz"), "fuzz");
  } catch (const ModelError&) {
    return 0;
  }
  write_and_load(*model, {});
  if (model->network.packing().weights == WeightFormat::float32)
    for (const WeightFormat format : {WeightFormat::bf16, WeightFormat::int8}) write_and_load(*model, format);
  return 0;
}
