#include "app/cli/control_predict.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "app/cli/output.h"
#include "data/cells.h"
#include "data/record_reader.h"
#include "data/text_lines.h"
#include "tasks/control_model.h"
#include "tasks/environments/environments.h"
#include "training/actor.h"

namespace carousel::cli {

namespace {

constexpr std::string_view kBetween = ", \t;";

class LineActor {
 public:
  LineActor(const PredictRequest& request, const WriteText& write)
      : model_(load_policy(request.run, request.weights)),
        world_(make_environment(model_.settings.environment)),
        actor_(model_.network, *world_),
        json_(request.json),
        write_(write),
        seen_(world_->observations()),
        done_(world_->action_kind() == ActionKind::discrete ? 1 : world_->actions()) {}

  void answer_all(const std::string& data) {
    TextLines reader(ByteSource(data), source_name(data), InvalidText::error);
    actor_.begin();
    while (const auto line = reader.next()) {
      if (line->find_first_not_of(kBetween) == std::string::npos) {
        actor_.begin();
        write_("\n");
        continue;
      }
      read(*line, fmt::format("{}, line {}", source_name(data), reader.line()));
      if (!actor_.act(seen_, done_))
        throw DataError(fmt::format("{}, line {}: the network gives no finite numbers for it",
                                    source_name(data), reader.line()));
      write_(text());
    }
  }

 private:
  void read(const std::string& line, const std::string& place) {
    std::size_t found = 0;
    for (std::size_t begin = line.find_first_not_of(kBetween); begin != std::string::npos;) {
      const std::size_t end = std::min(line.find_first_of(kBetween, begin), line.size());
      const std::string word = line.substr(begin, end - begin);
      const ParsedNumber number = parse_number(word, false);
      const auto value = static_cast<float>(number.value);
      if (number.status != NumberStatus::ok || !std::isfinite(value))
        throw DataError(fmt::format("{}: found '{}', expected a number that is seen", place, shown(word)));
      if (found < seen_.size()) seen_[found] = value;
      ++found;
      begin = line.find_first_not_of(kBetween, end);
    }
    if (found != seen_.size())
      throw DataError(fmt::format("{}: found {} numbers, expected the {} that are seen in a step", place,
                                  found, seen_.size()));
  }
  std::string text() const {
    if (!json_) return fmt::format("{}\n", fmt::join(done_, ","));
    nlohmann::ordered_json json;
    json["act"] = done_;
    return json_line(json);
  }

  ControlModel model_;
  std::unique_ptr<Environment> world_;
  Actor<float> actor_;
  bool json_;
  const WriteText& write_;
  std::vector<float> seen_, done_;
};

}  // namespace

void predict_acts(const PredictRequest& request, const WriteText& write) {
  LineActor actor(request, write);
  for (const std::string& data : request.data) actor.answer_all(data);
}

}  // namespace carousel::cli
