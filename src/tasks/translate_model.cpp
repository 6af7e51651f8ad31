#include "tasks/translate_model.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include "data/cells.h"
#include "model/builder.h"
#include "model/two_parts.h"
#include "tasks/model_metadata.h"
#include "tasks/run_folder.h"
#include "tasks/setting_checks.h"
#include "tasks/settings_file.h"
#include "tasks/text_vocabulary.h"

namespace carousel {
namespace {

constexpr const char *kSources = "vocabulary.source", *kTargets = "vocabulary.target";

TranslateCoding coding_from(const Metadata& metadata) {
  require_task(metadata, TranslateSettings::kTask);
  auto settings = from_toml<TranslateSettings>(metadata_entry(metadata, "settings"), "settings");
  check_settings(settings);
  if (!settings.encoder || !settings.decoder || settings.longest == 0 || settings.training.epochs == 0 ||
      settings.training.batch == 0)
    throw ModelError("settings: expected those of a finished set-up, found some that are not decided");
  TranslateCoding coding{std::move(settings), Vocabulary::parse(metadata_entry(metadata, kSources)),
                         Vocabulary::parse(metadata_entry(metadata, kTargets))};
  check_vocabulary(coding.sources, coding.settings.source_unit == LineUnit::piece);
  check_vocabulary(coding.targets, coding.settings.target_unit == LineUnit::piece);
  return coding;
}

}  // namespace

std::string TranslateCoding::spec() const {
  std::string spec = fmt::format(
      "encoder_decoder(encoder(embedding {} {}, {}), decoder({})) symbols={} embedding={} attention={}",
      sources.size(), settings.embedding, *settings.encoder, *settings.decoder, targets.size(),
      settings.embedding, settings.attention);
  if (settings.attention_width > 0) spec += fmt::format(" attention_width={}", settings.attention_width);
  if (settings.bridge != TranslateSettings{}.bridge) spec += fmt::format(" bridge={}", settings.bridge);
  return spec;
}

EncoderDecoder<float> build_translator(const TranslateCoding& coding) {
  // Each part alone first, so that a message's columns are those of what was typed.
  const TranslateSettings& s = coding.settings;
  const std::size_t features = in_option(
      "encoder", [&] { return build_stack<float>(parse_spec(*s.encoder), s.embedding)->outputs(); });
  in_option("decoder", [&] {
    return build_symbol_reader<float>(parse_spec(*s.decoder), s.embedding + features, "decoder");
  });
  return in_option("network", [&] { return EncoderDecoder<float>(coding.spec(), 1, s.training.seed); });
}

void save_translator(const std::string& path, const TranslateCoding& coding,
                     const EncoderDecoder<float>& network, const Metadata& provenance) {
  Metadata metadata = task_metadata(TranslateSettings::kTask, to_toml(coding.settings), provenance);
  metadata[kSources] = coding.sources.text();
  metadata[kTargets] = coding.targets.text();
  save_model(path, network, metadata);
}

TranslateModel load_translator(const std::string& path, std::optional<WeightFormat> weights) {
  const std::string file = model_file(path);
  Loaded<EncoderDecoder<float>> loaded = load_encoder_decoder<float>(file, weights);
  try {
    TranslateCoding coding = coding_from(loaded.metadata);
    const EncoderDecoder<float>& network = loaded.network;
    if (network.inputs() != 1 || network.symbols() != coding.targets.size() ||
        to_text(network.spec()) != to_text(parse_spec(coding.spec())))
      throw ModelError(fmt::format("found the network {}, expected {}", shown(to_text(network.spec())),
                                   shown(coding.spec())));
    return {std::move(coding), std::move(loaded.network), provenance_in(loaded.metadata)};
  } catch (const Error& error) {
    throw ModelError(fmt::format("{}: {}", file, error.what()));
  }
}

}  // namespace carousel
