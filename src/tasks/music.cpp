#include "tasks/music.h"

#include <carousel/error.h>
#include <carousel/version.h>
#include <fmt/format.h>

#include <filesystem>

#include "base/counted.h"
#include "losses/bernoulli.h"
#include "tasks/data_file.h"
#include "tasks/generate_model.h"
#include "tasks/music_batches.h"
#include "tasks/settings_file.h"

namespace carousel {
namespace {

Metadata provenance_of(const MusicData& data) {
  return {{"provenance.data", std::filesystem::path(data.settings.data).filename().string()},
          {"provenance.checksum", data.settings.checksum.value_or("")},
          {"provenance.pieces", fmt::format("{}", data.pieces.size())},
          {"provenance.seed", fmt::format("{}", data.settings.training.seed)},
          {"provenance.version", kVersion}};
}

std::vector<std::string> plan_lines(const MusicData& data, const Network<float>& network) {
  return {fmt::format("music: {}, {} of {}, {}", data.settings.data,
                      counted(data.pieces.size(), "piece", "pieces"),
                      counted(steps_in(data.pieces), "step", "steps"),
                      data.settings.keys == PianoKeys::piano ? "the 88 keys of a piano" : "128 pitches"),
          fmt::format("network: {}; {}", music_spec(data.settings),
                      counted(network.weights().size(), "parameter", "parameters")),
          fmt::format("parts: {} to train on, {} to validate, {} to test",
                      counted(data.parts.train.size(), "piece", "pieces"),
                      grouped(data.parts.validation.size()), grouped(data.parts.test.size()))};
}

/// Trains from the start, or from a checkpoint.
TrainingResult train(const MusicData& data, Network<float> network, const RunFolder& folder, ThreadPool& pool,
                     RunSink* sink, const Checkpoint<float>* from) {
  const GenerateSettings& settings = data.settings;
  MusicBatches::Options options{settings.keys, settings.training.batch, settings.chunk};
  const MusicBatches validation(data.part(data.parts.validation), options);
  options.shuffled = true;
  options.transpose = settings.transpose;
  options.seed = settings.training.seed;
  const MusicBatches training(data.part(data.parts.train), options);
  const Bernoulli<float> loss;
  if (sink != nullptr) {
    sink->on_plan(plan_lines(data, network));
    sink->on_left_out(left_out_lines(data.bad));
  }
  const Metadata provenance = provenance_of(data);
  const auto save = [&](std::span<const float> weights) {
    save_music_model(folder.model(), settings, with_weights(network, weights), provenance);
  };
  return train_run({network, loss, training, data.parts.validation.size() == 0 ? nullptr : &validation, save},
                   settings.training, folder, pool, sink, from);
}

}  // namespace

std::size_t steps_in(std::span<const MusicPiece> pieces) {
  std::size_t steps = 0;
  for (const MusicPiece& piece : pieces) steps += piece.steps.size();
  return steps;
}

MusicData prepare_music_data(const GenerateSettings& given) {
  check_settings(given);
  GenerateSettings settings = given;
  decide(settings);
  hold_to(settings.data, settings.checksum);
  Music music =
      read_music(settings.data, {settings.keys, *settings.steps_per_beat, skip_bad(settings.skip_bad)});
  if (!settings.split && !music.parts) settings.split = standard_split(GenerateUnit::note);
  const Split parts =
      settings.split ? split_rows(music.pieces.size(), *settings.split, "pieces") : *music.parts;
  if (parts.train.size() == 0)
    throw DataError(fmt::format(
        "{}: found no piece in the training part, of {} in all; name more music, or another split{}",
        settings.data, music.pieces.size(), first_left_out(music.bad)));
  if (settings.split && parts.test.size() == 0 && has_test(*settings.split))
    throw DataError(
        fmt::format("{}: found no piece in the test part, of {} in all; name more music, or "
                    "another split, such as 0.9,0.1,0 without that part",
                    settings.data, music.pieces.size()));
  return {std::move(settings), std::move(music.pieces), parts, std::move(music.bad)};
}

TrainingResult train_music(const GenerateSettings& settings, const RunFolder& folder, ThreadPool& pool,
                           RunSink* sink) {
  const MusicData data = prepare_music_data(settings);
  Network<float> network = build_music_network(data.settings);  // refuses before anything is written
  begin_run(folder, to_toml(data.settings));
  return train(data, std::move(network), folder, pool, sink, nullptr);
}

TrainingResult resume_music(const GenerateSettings& settings, const RunFolder& folder, ThreadPool& pool,
                            RunSink* sink) {
  const MusicData data = prepare_music_data(settings);
  Network<float> network = build_music_network(data.settings);
  const std::optional<Checkpoint<float>> checkpoint = continue_run(folder);
  return train(data, std::move(network), folder, pool, sink, checkpoint ? &*checkpoint : nullptr);
}

}  // namespace carousel
