#include "app/report/sequence_sections.h"

#include "app/report/forecast_charts.h"

namespace carousel::report {

Section training_section(const std::vector<ProgressRecord>& history) {
  ForecastRun run;
  run.loss_name = "nats";
  for (const ProgressRecord& record : history) {
    run.epochs.push_back(
        {static_cast<double>(record.epoch), record.loss, record.validation_loss, record.learning_rate});
    if (record.best) run.best_epoch = static_cast<double>(record.epoch);
  }
  return {"Training", {}, {}, training_charts(run)};
}

Section provenance_section(const std::map<std::string, std::string>& model_metadata) {
  Section section{"Provenance", {}, {}, {}, {}};
  Table table{"What the model file says of itself.", {{"what"}, {"value"}}, {}, {}};
  for (const auto& [key, text] : model_metadata)
    if (key != "coding" && key != "settings" && !key.starts_with("vocabulary"))
      table.rows.push_back({{key}, {text}});
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace carousel::report
