#include "app/cli/sequence_options.h"

#include <CLI/CLI.hpp>

#include "app/cli/arguments.h"
#include "app/cli/option_group.h"
#include "data/audio.h"

namespace carousel::cli {

void add_example_options(CLI::App& parser, SequenceSettings& s) {
  OptionGroup group(parser, "Data");
  group.text("--test", "DATA", "examples of the test part", "a part of DATA",
             [&](const std::string& text) { s.test = text; });
  group.text("--format", "WORD",
             "what DATA is: manifest, folders, series, rows, tokens, json, pen, idx, arrays or netcdf",
             "by its name and columns",
             [&](const std::string& text) { s.format = parse_example_format(text); });
  group.text("--target", "NAME",
             "CSV: the column that says what an example is; NetCDF: targetClasses or targetStrings",
             "target, class, label or text, else the last",
             [&](const std::string& text) { s.target = text; });
  group.text("--id", "NAME", "CSV with a row for each step: the column that says of which example", "none",
             [&](const std::string& text) { s.id = text; });
  group.count("--width", s.width, "CSV with a row for each example: numbers a step", 1);
  group.text("--steps", "WORD", "of images: rows, or whole for layers that look at an image",
             std::string(name(s.image)), [&](const std::string& text) { s.image = parse_image_steps(text); });
  group.flag("--pen", s.pen, "CSV is what a pen wrote: x, y and up (1: lifted) a row, or x and y in turn");
  group.real("--steps-per-beat", s.steps_per_beat, "MIDI: steps of the piano roll a beat");
  group.text("--split", "PARTS",
             "training, validation and test part: shares, drawn by chance, or numbers of examples, in order; "
             "one or two numbers are of the last ones, for validation and test",
             to_string(s.split), [&](const std::string& text) { s.split = parse_split(text); });
  group.text("--scaling", "WORD", "of each feature: none, standard or minmax", std::string(name(s.scaling)),
             [&](const std::string& text) { s.scaling = parse_scaling(text); });
  OptionGroup sound(parser, "Sound");
  sound.text("--audio", "WORD", "what a step is made of: log_mel or mfcc", std::string(name(s.audio.kind)),
             [&](const std::string& text) { s.audio.kind = parse_spectrum_kind(text); });
  sound.text("--rate", "N", "samples a second; other files are resampled", std::to_string(s.audio.rate),
             [&](const std::string& text) {
               s.audio.rate = static_cast<std::uint32_t>(parse_count("--rate", text, 1, 384'000));
             });
  sound.text("--channel", "N", "of files with several, from 0", "the mean of all",
             [&](const std::string& text) {
               s.audio.channel = parse_count("--channel", text, 0, AudioReader::kMostChannels - 1);
             });
  sound.real("--hop", s.audio.hop_ms, "milliseconds from a step to the next");
  sound.count("--mels", s.audio.mels, "bands of the spectrum", 1);
  sound.count("--deltas", s.audio.deltas, "1: how each band changes as well; 2: and how that does");
  OptionGroup change(parser, "Training examples changed each time");
  change.real("--noise", s.noise, "white noise, as a share of the features");
  change.count("--time-mask", s.time_mask, "most steps blanked, at two places");
  change.count("--frequency-mask", s.frequency_mask, "most features blanked throughout, at two places");
  group.flag("--skip-bad", s.skip_bad, "goes on without examples that cannot be read, and lists them");
}

void add_sequence_network_options(CLI::App& parser, SequenceSettings& s) {
  OptionGroup group(parser, "Network");
  group.text("--layers", "SPEC",
             "the layers before the output layer as text, e.g. \"bidirectional(gru 128), dropout 0.3\"",
             "from --hidden, --depth and --dropout", [&](const std::string& text) { s.layers = text; });
  group.count("--embedding", s.embedding, "numbers that stand for a symbol, where steps are symbols", 1);
  group.count("--hidden", s.hidden, "units of each direction of an LSTM layer", 1);
  group.count("--depth", s.depth, "LSTM layers, one on another", 1);
  group.real("--dropout", s.dropout, "share of their outputs that is dropped in training");
}

void add_sequence_training_options(CLI::App& parser, SequenceSettings& s) {
  OptionGroup group(parser, "Training");
  group.text("--epochs", "N", "at most so many times through the training part", "50",
             [&](const std::string& text) { s.training.epochs = parse_count("--epochs", text, 1); });
  group.text(
      "--pretrained", "RUN",
      "begins with the weights of another model, where its layers are the same; a transducer's encoder "
      "with those of a network trained by ctc",
      "weights drawn by chance", [&](const std::string& text) { s.pretrained = text; });
  group.count("--updates-per-epoch", s.training.updates_per_epoch, "ends an epoch early; 0: all of the part");
  add_training_options(group, s.training, "examples a batch",
                       "less memory for long sequences, a third more time, other last bits of the weights");
}

}  // namespace carousel::cli
