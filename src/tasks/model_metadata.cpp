#include "tasks/model_metadata.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include "data/cells.h"

namespace carousel {

const std::string& metadata_entry(const Metadata& metadata, const char* key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) throw ModelError(fmt::format("metadata has no '{}'", key));
  return found->second;
}

void require_task(const Metadata& metadata, std::string_view task) {
  if (const std::string& found = metadata_entry(metadata, "task"); found != task)
    throw ModelError(fmt::format("task: found '{}', expected {}", shown(found), task));
}

Metadata task_metadata(std::string_view task, const std::string& settings, const Metadata& provenance) {
  Metadata metadata = provenance;
  metadata["task"] = task;
  metadata["settings"] = settings;
  return metadata;
}

Metadata provenance_in(const Metadata& metadata) {
  Metadata provenance;
  for (const auto& [key, text] : metadata)
    if (key.starts_with("provenance.")) provenance.emplace(key, text);
  return provenance;
}

}  // namespace carousel
