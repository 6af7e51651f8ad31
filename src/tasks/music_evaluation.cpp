#include "tasks/music_evaluation.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/compensated_sum.h"
#include "tasks/data_file.h"
#include "tasks/music_batches.h"
#include "tasks/music_generator.h"
#include "tasks/run_folder.h"

namespace carousel {
namespace {

constexpr std::size_t kExcerpt = 96;   // steps
constexpr std::size_t kTogether = 16;  // pieces read side by side

/// Nats of each key, and how often what is told is right.
class Tally {
 public:
  explicit Tally(std::size_t keys) : nats_(keys) {}

  /// One key at one step: the logarithm of its odds, and whether it sounds.
  void add(std::size_t key, double odds, bool sounds) {
    nats_[key].add(std::max(odds, 0.0) - (sounds ? odds : 0.0) + std::log1p(std::exp(-std::abs(odds))));
    const bool told = odds > 0;
    both_ += told && sounds;
    either_ += told || sounds;
  }

  double key_nats(std::size_t key, std::size_t steps) const {
    return nats_[key].value() / static_cast<double>(steps);
  }
  MusicScore score(std::string name, std::size_t steps) const {
    CompensatedSum sum;
    for (const CompensatedSum& key : nats_) sum.add(key.value());
    return {std::move(name), sum.value() / static_cast<double>(steps),
            either_ == 0 ? 1.0 : static_cast<double>(both_) / static_cast<double>(either_)};
  }

 private:
  std::vector<CompensatedSum> nats_;
  std::size_t both_ = 0, either_ = 0;
};

/// Calls visit(before, now) for each step of each piece: for each key whether it sounded at the step before,
/// at the first step none, and whether it sounds.
void visit_steps(std::span<const MusicPiece> pieces, PianoKeys keys,
                 const std::function<void(const std::vector<char>&, const std::vector<char>&)>& visit) {
  const std::size_t lowest = lowest_pitch(keys);
  std::vector<char> before(pitches(keys)), now(pitches(keys));
  for (const MusicPiece& piece : pieces) {
    std::ranges::fill(before, 0);
    for (const auto& step : piece.steps) {
      std::ranges::fill(now, 0);
      for (const std::uint8_t pitch : step) now[pitch - lowest] = 1;
      visit(before, now);
      std::swap(before, now);
    }
  }
}

/// Logarithm of the odds of what happened `count` times of `all`, with one more of either, so that nothing
/// is impossible (Laplace).
double smoothed_odds(std::size_t count, std::size_t all) {
  return std::log(static_cast<double>(count + 1) / static_cast<double>(all - count + 1));
}

/// What training pieces say of each key by counts alone.
struct Counts {
  std::size_t steps = 0;
  std::vector<std::size_t> sounds;                 ///< steps in which it does
  std::vector<std::size_t> stays, before, starts;  ///< again; had just sounded; anew

  Counts(std::span<const MusicPiece> pieces, PianoKeys keys)
      : sounds(pitches(keys)), stays(sounds), before(sounds), starts(sounds) {
    visit_steps(pieces, keys, [&](const std::vector<char>& was, const std::vector<char>& is) {
      ++steps;
      for (std::size_t k = 0; k < sounds.size(); ++k) {
        sounds[k] += is[k] == 1;
        before[k] += was[k] == 1;
        stays[k] += was[k] == 1 && is[k] == 1;
        starts[k] += was[k] == 0 && is[k] == 1;
      }
    });
  }
  double by_frequency(std::size_t key) const { return smoothed_odds(sounds[key], steps); }
  double by_step_before(std::size_t key, bool was) const {
    return was ? smoothed_odds(stays[key], before[key]) : smoothed_odds(starts[key], steps - before[key]);
  }
};

Tally judge(const MusicModel& model, std::span<const MusicPiece> pieces, ThreadPool& pool) {
  const MusicBatches batches(pieces, {model.settings.keys, kTogether, model.settings.chunk});
  const Network<float>& network = model.network;
  const auto trace = network.make_trace();
  const Pass pass{.pool = &pool};
  Tensor<float> state;
  Sequences<float> y;
  Tally tally(network.outputs());
  for (std::size_t index = 0; index < batches.batches(0); ++index) {
    const Batch<float> batch = batches.get(0, index);
    if (batch.carry.front() == 0) state = network.start(batch.x.layout().batch());
    network.forward(pass, batch.x, state.matrix(), y, *trace);
    for (std::size_t row = 0; row < y.rows(); ++row)
      for (std::size_t key = 0; key < network.outputs(); ++key)
        tally.add(key, y.matrix()(row, key), batch.targets.matrix()(row, key) == 1);
  }
  return tally;
}

void judge_model(const MusicModel& model, std::span<const MusicPiece> pieces, ThreadPool& pool,
                 MusicEvaluation& out) {
  const PianoKeys keys = model.settings.keys;
  const Tally told = judge(model, pieces, pool);
  out.model = told.score("model", out.steps);
  out.diverged = !std::isfinite(out.model.nats);
  for (std::size_t k = 0; k < pitches(keys); ++k)
    out.scores.push_back(
        {static_cast<std::uint8_t>(lowest_pitch(keys) + k), 0, told.key_nats(k, out.steps), std::nan("")});
  visit_steps(pieces, keys, [&](const std::vector<char>&, const std::vector<char>& is) {
    for (std::size_t k = 0; k < is.size(); ++k) out.scores[k].steps += is[k] == 1;
  });
  for (const PitchScore& score : out.scores) out.notes += score.steps;
}

void judge_baselines(PianoKeys keys, std::span<const MusicPiece> training, std::span<const MusicPiece> pieces,
                     MusicEvaluation& out) {
  const Counts counts(training, keys);
  Tally frequencies(pitches(keys)), step_before(pitches(keys));
  visit_steps(pieces, keys, [&](const std::vector<char>& was, const std::vector<char>& is) {
    for (std::size_t k = 0; k < is.size(); ++k) {
      frequencies.add(k, counts.by_frequency(k), is[k] == 1);
      step_before.add(k, counts.by_step_before(k, was[k] == 1), is[k] == 1);
    }
  });
  out.baselines = {frequencies.score("frequencies", out.steps), step_before.score("step before", out.steps)};
  out.beats_baselines = std::ranges::all_of(
      out.baselines, [&](const MusicScore& baseline) { return out.model.nats < baseline.nats; });
  const bool before_is_better = out.baselines[1].nats < out.baselines[0].nats;
  const Tally& best = before_is_better ? step_before : frequencies;
  for (std::size_t k = 0; k < out.scores.size(); ++k)
    out.scores[k].best_baseline = best.key_nats(k, out.steps);
}

/// A real piece, what the model expected of it, and a piece of its own.
void draw(const MusicModel& model, const MusicPiece& piece, MusicEvaluation& out) {
  out.excerpt_name = piece.name;
  out.excerpt.assign(piece.steps.begin(), piece.steps.begin() + static_cast<std::ptrdiff_t>(
                                                                    std::min(kExcerpt, piece.steps.size())));
  MusicGenerator reader(model), writer(model);
  for (const auto& step : out.excerpt) {
    for (const float odds : reader.log_odds())
      out.expected.push_back(1 / (1 + std::exp(-static_cast<double>(odds))));
    reader.read(step);
  }
  while (out.sample.size() < out.excerpt.size()) out.sample.push_back(writer.next({}));
}

}  // namespace

MusicEvaluation evaluate_music(const std::string& run, const std::optional<std::string>& data,
                               ThreadPool& pool, const BadExamples& bad) {
  const MusicModel model = load_music_model(run);
  const GenerateSettings& settings = model.settings;
  MusicEvaluation out;
  const auto own = own_data(data.has_value(), out.no_baselines, [&] {
    require_data(settings.data, run, RunFolder::kNewPath);
    return prepare_music_data(settings);
  });
  const Music other = data ? read_music(*data, {settings.keys, *settings.steps_per_beat, bad}) : Music();
  const std::span<const MusicPiece> pieces =
      data ? std::span<const MusicPiece>(other.pieces) : own->part(own->parts.test);
  out.left_out = data ? other.bad : own->bad;
  out.data = data.value_or(settings.data);
  out.test_part = !data;
  out.keys = settings.keys;
  if (pieces.empty())
    throw DataError(fmt::format("{}: found no piece in the test part to judge on", out.data));
  out.pieces = pieces.size();
  out.steps = steps_in(pieces);
  judge_model(model, pieces, pool, out);
  if (own) judge_baselines(settings.keys, own->part(own->parts.train), pieces, out);
  if (!out.diverged) draw(model, pieces.front(), out);
  return out;
}

}  // namespace carousel
