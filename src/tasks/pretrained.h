// Training that begins with what another model has learned.
#pragma once

#include <cstddef>
#include <string>

#include "model/model_file.h"

namespace carousel {

/// Puts those weights of a model's file into another model that have the same name and shape there; the
/// encoder of a transducer takes the layers of a network (Graves, Mohamed & Hinton 2013 begin one with a
/// network trained by CTC). The rest stays as it is. path: a model file, or a run folder. Returns how many
/// weights were put. Throws FileError, ModelError; SettingError where none fits.
template <class Net>
std::size_t begin_with(Net& network, const std::string& path);

}  // namespace carousel
