// What the model files of all tasks say in their metadata: the task, its settings, and where the model comes
// from (docs/formats.md).
#pragma once

#include <string>
#include <string_view>

#include "model/model_file.h"

namespace carousel {

/// The text under a key. Throws ModelError where there is none.
const std::string& metadata_entry(const Metadata& metadata, const char* key);
/// Throws ModelError for a model of another task.
void require_task(const Metadata& metadata, std::string_view task);
/// provenance, and that task and settings are these. settings: TOML.
Metadata task_metadata(std::string_view task, const std::string& settings, const Metadata& provenance);
/// Those entries that say where the model comes from.
Metadata provenance_in(const Metadata& metadata);

}  // namespace carousel
