// The weights of a network as tensors of a model file, in the format that they are kept in.
//
//   float32   every parameter F32 (F64 for a network of double)
//   bf16      matrices BF16, the other parameters F32
//   int8      matrices I8 [outputs, inputs], each with "NAME.scale" F32 [outputs]; the other parameters F32
#pragma once

#include <span>
#include <string>

#include "kernels/weight_format.h"
#include "model/safetensors.h"
#include "tensor/parameters.h"

namespace carousel {

/// The tensors of all parameters. The weights are such as the format keeps.
template <class T>
std::vector<NamedTensor> weight_tensors(const ParameterTable& table, std::span<const T> weights,
                                        WeightFormat format);

/// The file's tensors must be those of the table, name by name and shape by shape. Throws ModelError naming
/// `source`, the tensor, what was found and what was expected.
void check_weight_tensors(const Safetensors& file, const std::string& source, const ParameterTable& table,
                          WeightFormat format);

/// The weights, exactly. Throws ModelError also for another dtype, for a number that is not finite, and for
/// int8 that weight_tensors would not write.
template <class T>
void read_weight_tensors(const Safetensors& file, const std::string& source, const ParameterTable& table,
                         WeightFormat format, std::span<T> weights);

}  // namespace carousel
