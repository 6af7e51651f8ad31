#include "tasks/sequence_settings.h"

#include "model/spec.h"
#include "tasks/setting_checks.h"

namespace carousel {

std::string_view SequenceSettings::task() const noexcept {
  if (job == SequenceJob::label) return LabelSettings::kTask;
  return job == SequenceJob::transcribe ? TranscribeSettings::kTask : ClassifySettings::kTask;
}

void check_settings(const SequenceSettings& s) {
  const SequenceSettings standard;
  if (s.data.empty()) throw SettingError("data: found nothing, expected a file or folder of examples");
  check_text("data", s.data);
  for (const auto& [name, text] : {std::pair("test", s.test), {"target", s.target}, {"id", s.id}})
    if (text) check_text(name, *text);
  check_count("width", s.width, 1, kMostSteps);
  check_layers(s.layers,
               s.hidden != standard.hidden || s.depth != standard.depth || s.dropout != standard.dropout);
  check_count("embedding", s.embedding, 1, kMostSteps);
  check_count("hidden", s.hidden, 1, kMostSteps);
  check_count("depth", s.depth, 1, 1000);
  check_number("dropout", s.dropout, 0, 0.99);
  check_settings(s.training);
}

}  // namespace carousel
