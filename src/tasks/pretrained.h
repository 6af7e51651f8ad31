// Training that begins with what another model has learned.
#pragma once

#include <cstddef>
#include <string>

#include "model/model_file.h"
#include "tasks/sequence_data.h"

namespace carousel {

/// Puts those weights of a model's file into another model that have the same name and shape there; the
/// encoder of a transducer takes the layers of a network (Graves, Mohamed & Hinton 2013 begin one with a
/// network trained by CTC). Rows that stand for symbols are taken only where both models have the same ones:
/// of the output layer the same targets, of embeddings the same symbols. The rest stays as it is. coding: of
/// the model. path: a model file, or a run folder. Returns how many weights were put. Throws FileError,
/// ModelError; SettingError where none fits.
template <class Net>
std::size_t begin_with(Net& network, const SequenceCoding& coding, const std::string& path);

}  // namespace carousel
