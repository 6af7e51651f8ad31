#include "lab/experiments.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/suggest.h"
#include "lab/adding.h"
#include "lab/amp.h"
#include "lab/chorales.h"
#include "lab/copy_date.h"
#include "lab/digits_2d.h"
#include "lab/distracted_recall.h"
#include "lab/double_pole.h"
#include "lab/evoke_temporal_order.h"
#include "lab/evolino_mackey_glass.h"
#include "lab/evolino_sines.h"
#include "lab/exported.h"
#include "lab/forecast_real.h"
#include "lab/long_lag.h"
#include "lab/moving_digits.h"
#include "lab/pen_digits.h"
#include "lab/pronounce.h"
#include "lab/protein.h"
#include "lab/reber_continual.h"
#include "lab/reber_embedded.h"
#include "lab/shakespeare.h"
#include "lab/spoken_digits.h"
#include "lab/t_maze.h"
#include "lab/temporal_order.h"

namespace carousel::lab {

namespace {

constexpr std::array kAll = {&kAdding,
                             &kAdding1000,
                             &kAddingTruncated,
                             &kAmp,
                             &kChoralesVariants[0],
                             &kChoralesVariants[1],
                             &kChoralesGru,
                             &kChoralesLstm,
                             &kChoralesVariants[2],
                             &kChoralesVariants[3],
                             &kChoralesVariants[4],
                             &kChoralesVariants[5],
                             &kChoralesVariants[6],
                             &kChoralesVariants[7],
                             &kCopyDate,
                             &kDigitsByRows,
                             &kDigitsCtc,
                             &kDigitsMdLstm,
                             &kDistractedRecall,
                             &kDoublePoleEvolutionStrategy,
                             &kDoublePoleGenetic,
                             &kEvokeTemporalOrder,
                             &kEvolinoMackeyGlass,
                             &kEvolinoSines2,
                             &kEvolinoSines3,
                             &kEvolinoSines5,
                             &kExported,
                             &kForecastEtt,
                             &kForecastM4Hourly,
                             &kLongLag2a,
                             &kLongLag2c,
                             &kMovingDigits,
                             &kMultiplication,
                             &kPenDigits,
                             &kPronounce,
                             &kProtein,
                             &kReberContinual,
                             &kReberEmbedded,
                             &kReberEmbeddedTruncated,
                             &kShakespeare,
                             &kSpokenDigits,
                             &kSpokenDigitsCtc,
                             &kSpokenDigitsKeywords,
                             &kSpokenDigitsTransducer,
                             &kTMaze,
                             &kTMaze100,
                             &kTaxi,
                             &kTaxiWindows,
                             &kTemporalOrder,
                             &kTemporalOrder3};

}  // namespace

std::span<const Experiment* const> experiments() { return kAll; }

const Experiment& experiment(std::string_view name) {
  const auto all = experiments();
  const auto found = std::ranges::find(all, name, &Experiment::name);
  if (found != all.end()) return **found;
  std::vector<std::string> names;
  for (const Experiment* one : all) names.emplace_back(one->name);
  throw SettingError(fmt::format("NAME: there is no experiment '{}'; {}", name, suggestion(name, names)));
}

}  // namespace carousel::lab
