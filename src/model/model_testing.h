// What the tests of model files share.
#pragma once

#include <carousel/error.h>
#include <carousel/model.h>

#include <string>

#include "model/safetensors.h"

namespace carousel {

/// Saves a good model with one thing changed, in a folder, and returns the message with which loading refuses
/// it.
template <class Change>
std::string refusal(const Model& good, const std::string& folder, Change&& change) {
  const std::string path = folder + "/refused";
  good.save(path);
  Safetensors file = read_safetensors(path);
  change(file);
  write_safetensors(path, file);
  try {
    Model::load(path);
  } catch (const ModelError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace carousel
