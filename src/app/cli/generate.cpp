// carousel generate RUN
#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/cli/arguments.h"
#include "app/cli/interrupt.h"
#include "app/cli/option_group.h"
#include "app/cli/output.h"
#include "base/counted.h"
#include "data/music.h"
#include "tasks/generate_model.h"
#include "tasks/music_generator.h"
#include "tasks/setting_checks.h"
#include "tasks/text_generator.h"

namespace carousel::cli {

namespace {

struct WriteOptions {
  std::string run, prompt;
  std::size_t length = 500;
  double temperature = 1;
  // Of texts, and of music; not set where they were not given.
  std::optional<std::size_t> top_k, beam;
  std::optional<std::string> out;
  std::optional<double> steps_per_beat, tempo;
};

constexpr double kTempo = 100;
constexpr std::uint8_t kVelocity = 80;

// ---- text ----

/// Symbol by symbol, as it is drawn.
void write_stream(const WriteOptions& options, const SamplingOptions& sampling, const LanguageModel& model,
                  const Prompt& prompt, const std::function<void(std::size_t)>& write) {
  TextGenerator generator(model);
  generator.read(prompt.symbols);
  for (std::size_t done = 0; done < options.length; ++done)
    write(generator.next(sampling, done == 0 ? prompt.beginning : ""));
}

int write_text(const WriteOptions& options, const Common& common) {
  const SamplingOptions sampling{options.temperature, options.top_k.value_or(0), common.seed.value_or(0)};
  check_options(sampling);
  const LanguageModel model = load_language_model(options.run);
  const Prompt prompt = prompt_of(model.coding, options.prompt, "--prompt");
  std::string text;
  CharacterStream characters;
  std::size_t written = prompt.beginning.size();  // of the next symbol, by the prompt
  const auto write = [&](const std::string& some) { common.json ? void(text += some) : write_result(some); };
  const auto write_symbol = [&](std::size_t symbol) {
    write(characters.add(model.coding.vocabulary.symbol(symbol).substr(std::exchange(written, 0))));
  };
  if (!common.json) write_result(options.prompt);
  if (options.beam.value_or(0) > 0) {
    for (const std::size_t symbol : likeliest_text(model, prompt, options.length, *options.beam))
      write_symbol(symbol);
  } else {
    write_stream(options, sampling, model, prompt, write_symbol);
  }
  write(characters.end());
  if (!common.json) {
    write_result("\n");
    return kDone;
  }
  nlohmann::ordered_json json;
  json["prompt"] = options.prompt;
  json["text"] = text;
  write_result(json_line(json));
  return kDone;
}

// ---- music ----

/// "60 64 67", or "-" for a rest.
std::string step_line(std::span<const std::uint8_t> step) {
  return step.empty() ? "-\n" : fmt::format("{}\n", fmt::join(step, " "));
}

PitchSteps read_prompt(const WriteOptions& options, const MusicReading& reading) {
  if (options.prompt.empty()) return {};
  Music music = read_music(options.prompt, reading);
  if (music.pieces.size() != 1)
    throw DataError(fmt::format("{}: found {}, expected one to go on with", options.prompt,
                                counted(music.pieces.size(), "piece", "pieces")));
  return std::move(music.pieces.front().steps);
}

void write_song(const std::string& path, const PitchSteps& song, const MusicReading& how, double tempo) {
  const Array roll = piano_roll(ChordPiece{"", song}, how.keys, path);
  write_midi(path, notes_of(roll, how.keys, how.steps_per_beat, kVelocity), tempo);
}

/// Without a file to write, steps are printed as they are drawn.
int write_music(const WriteOptions& options, const Common& common) {
  const MusicSampling sampling{options.temperature, common.seed.value_or(0)};
  const double tempo = options.tempo.value_or(kTempo);
  check_options(sampling);
  check_number("tempo", tempo, 4, 10'000);
  if (options.steps_per_beat) check_number("steps_per_beat", *options.steps_per_beat, 1.0 / 64, 1024);
  const MusicModel model = load_music_model(options.run);
  const MusicReading how{model.settings.keys,
                         options.steps_per_beat.value_or(*model.settings.steps_per_beat)};
  const bool prints = !options.out && !common.json;
  PitchSteps song = read_prompt(options, how);
  MusicGenerator generator(model);
  for (const auto& step : song) {
    generator.read(step);
    if (prints) write_result(step_line(step));
  }
  const std::size_t prompt_steps = song.size();
  for (std::size_t done = 0; done < options.length; ++done) {
    song.push_back(generator.next(sampling));
    if (prints) write_result(step_line(song.back()));
  }
  if (options.out) write_song(*options.out, song, how, tempo);
  if (common.json) {
    nlohmann::ordered_json json;
    json["prompt_steps"] = prompt_steps;
    json["steps"] = song;
    json["file"] = options.out ? nlohmann::ordered_json(*options.out) : nlohmann::ordered_json();
    write_result(json_line(json));
  } else if (options.out) {
    write_result(fmt::format("{}: {}, {} of them new\n", one_line(*options.out),
                             counted(song.size(), "step", "steps"), grouped(options.length)));
  }
  return kDone;
}

/// Throws SettingError for an option of the other kind.
void check_kind(const WriteOptions& options, bool music) {
  const auto refuse = [&](const char* flag, bool given, const char* what, const char* writes) {
    if (given)
      throw SettingError(
          fmt::format("{}: it is of {}, and {} writes {}; leave it out", flag, what, options.run, writes));
  };
  refuse("--top-k", music && options.top_k, "texts", "music");
  refuse("--beam", music && options.beam, "texts", "music");
  refuse("--out", !music && options.out, "music", "text, which goes to standard output");
  refuse("--steps-per-beat", !music && options.steps_per_beat, "music", "text");
  refuse("--tempo", !music && options.tempo, "music", "text");
}

int generate(const CLI::App& parser, const WriteOptions& options, const Common& common) {
  require_value(parser, options.run, "RUN, the folder of the run or a model file,");
  const bool music = unit_of_model(options.run) == GenerateUnit::note;
  check_kind(options, music);
  return music ? write_music(options, common) : write_text(options, common);
}

}  // namespace

void add_generate(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<WriteOptions>();
  CLI::App* parser =
      add_parser(program, "generate",
                 "writes on behind a text or a piece of music, as what a run has learnt from", *common);
  parser->add_option("run", options->run, "folder of the run, or a model file")->type_name("RUN");
  OptionGroup both(*parser, "Text and music");
  both.text("--prompt", "TEXT",
            "what the text begins with; of music a file, such as a MIDI file, with one piece",
            "a new line; silence", [options](const std::string& text) { options->prompt = text; });
  both.count("--length", options->length, "characters, words, pieces or steps to write");
  both.real("--temperature", options->temperature, "below 1: more of the likely; 0: the likeliest alone");
  OptionGroup text(*parser, "Text");
  text.count("--top-k", options->top_k, "draws among so many of the likeliest; 0: all", "0", 0);
  text.text("--beam", "N", "draws nothing, but searches the likeliest text with N at a time", "0: off",
            [options](const std::string& words) { options->beam = parse_count("--beam", words, 0, 1000); });
  OptionGroup music(*parser, "Music");
  music.text("--out", "FILE.mid", "the MIDI file to write", "none: the pitches of each step are printed",
             [options](const std::string& path) { options->out = path; });
  music.text("--steps-per-beat", "X", "of the song and the prompt", "as in training",
             [options](const std::string& words) {
               options->steps_per_beat = parse_real("--steps-per-beat", words);
             });
  music.text("--tempo", "X", "beats a minute", fmt::format("{}", kTempo),
             [options](const std::string& words) { options->tempo = parse_real("--tempo", words); });
  set_examples(*parser, {"carousel generate runs/shakespeare --prompt \"ROMEO:\" --temperature 0.8",
                         "carousel generate runs/shakespeare --length 100000 --seed 7 | head",
                         "carousel generate runs/JSB_Chorales --length 64 --out song.mid"});
  commands.push_back(
      {parser, common, [parser, options, common] { return generate(*parser, *options, *common); }});
}

}  // namespace carousel::cli
