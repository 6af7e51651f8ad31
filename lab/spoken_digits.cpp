#include "lab/spoken_digits.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "lab/task_run.h"
#include "tasks/class_evaluation.h"
#include "tasks/sequence_training.h"
#include "tasks/transcribe_evaluation.h"

namespace carousel::lab {

namespace {

/// Before all others, which go on in the same table.
constexpr std::string_view kSound = R"toml(
[data]
rate = 8000
[augmentation]
noise = 0.1
frequency_mask = 6
)toml";
constexpr std::string_view kClassify = R"toml(
time_mask = 8
[network]
hidden = 64
dropout = 0.3
[training]
epochs = 30
)toml";
constexpr std::string_view kCtc = R"toml(
time_mask = 8
[transcribe]
join = "3-7"
keywords = ["7", "2"]
[network]
hidden = 96
dropout = 0.3
[training]
epochs = 60
batch = 16
learning_rate = 0.005
)toml";
constexpr std::string_view kTransducer = R"toml(
time_mask = 10
[transcribe]
method = "transducer"
join = "3-7"
[network]
prediction = "lstm 16"
embedding = 8
hidden = 96
dropout = 0.3
[training]
epochs = 220
batch = 8
learning_rate = 0.004
patience = 300
)toml";
constexpr double kCtcShare = 0.2;  // of the time that it and the transducer take
constexpr std::string_view kData =
    "recordings/DIGIT_SPEAKER_NUMBER.wav (Jakobovski/free-spoken-digit-dataset, CC BY-SA 4.0)";

/// The number behind the last "_" of a recording's name.
bool is_test(const std::string& stem) {
  unsigned number = 0;
  const char* end = stem.data() + stem.size();
  std::from_chars(stem.data() + stem.rfind('_') + 1, end, number);
  return number < 5;
}

/// Writes which recording says what, and of which part it is; returns the file's path.
std::string write_manifest(const Context& context, const RunPlace& place) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::absolute(data_file(context, "recordings/0_george_0.wav")).parent_path();
  std::vector<fs::path> recordings;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".wav") recordings.push_back(entry.path());
  std::ranges::sort(recordings);
  std::string text = "path,label,split\n";
  for (const fs::path& path : recordings) {
    const std::string stem = path.stem().string();
    text += fmt::format("\"{}\",{},{}\n", path.string(), stem.substr(0, 1), is_test(stem) ? "test" : "train");
  }
  const std::string manifest = place.path() + "/digits.csv";
  write_file(manifest, text);
  return manifest;
}

template <class Settings>
Settings sound_settings(std::string_view toml, std::uint64_t seed, const std::string& manifest) {
  auto settings = lab_settings<Settings>(std::string(kSound) + std::string(toml), seed);
  settings.data = manifest;
  return settings;
}

Outcome run_spoken_digits(const Context& context, std::uint64_t seed) {
  const RunPlace place;
  const auto settings = sound_settings<ClassifySettings>(kClassify, seed, write_manifest(context, place));
  ContextRunSink sink(context);
  const TrainingResult result = train_sequences(settings, place.run(), *context.pool, &sink);
  const auto score = evaluate_classes(SequenceJob::classify, place.run().path, std::nullopt, *context.pool);
  return judged(result, score.model.accuracy, 0.97, false);
}

/// Trained in a folder, and judged.
struct Strings {
  TrainingResult result;
  TranscribeEvaluation score;
};

Strings train_strings(const Context& context, const TranscribeSettings& settings, const RunFolder& folder) {
  ContextRunSink sink(context);
  TrainingResult result = train_sequences(settings, folder, *context.pool, &sink);
  return {std::move(result), evaluate_transcribe(folder.path, std::nullopt, *context.pool)};
}

Strings train_ctc(const Context& context, const RunPlace& place, std::uint64_t seed) {
  const auto settings = sound_settings<TranscribeSettings>(kCtc, seed, write_manifest(context, place));
  return train_strings(context, settings, place.run());
}

Outcome run_spoken_digits_ctc(const Context& context, std::uint64_t seed) {
  const RunPlace place;
  const Strings ctc = train_ctc(context, place, seed);
  return judged(ctc.result, ctc.score.model.labels.rate(), 0.04);
}

Outcome run_spoken_digits_keywords(const Context& context, std::uint64_t seed) {
  const RunPlace place;
  const Strings ctc = train_ctc(context, place, seed);
  double lowest = 1;
  for (const KeywordScore& keyword : ctc.score.keywords) lowest = std::min(lowest, keyword.counts.f1());
  return judged(ctc.result, lowest, 0.95, false);
}

Outcome run_spoken_digits_transducer(const Context& context, std::uint64_t seed) {
  const RunPlace place;
  const Strings ctc = train_ctc(part_of(context, 0, kCtcShare), place, seed);
  auto settings = sound_settings<TranscribeSettings>(kTransducer, seed, write_manifest(context, place));
  settings.pretrained = place.run().path;
  const Strings transducer =
      train_strings(part_of(context, kCtcShare, 1), settings, {place.path() + "/transducer"});
  return judged(transducer.result, transducer.score.model.labels.rate(),
                ctc.score.model.labels.rate() + 0.01);
}

}  // namespace

const Experiment kSpokenDigits =
    of_a_task({.name = "spoken_digits",
               .what = "tells which digit is said, of six speakers: a bidirectional lstm",
               .source = "free spoken digit dataset",
               .figure = "share right",
               .published = "no figure",
               .gate = "97 % of 300",
               .less_is_better = false,
               .data = kData,
               .run = run_spoken_digits});

const Experiment kSpokenDigitsCtc =
    of_a_task({.name = "spoken_digits_ctc",
               .what = "reads strings of 3 to 7 spoken digits: a bidirectional lstm, by CTC",
               .source = "Graves, Fernandez, Gomez & Schmidhuber, ICML 2006",
               .figure = "share of labels wrong",
               .published = "no figure",
               .gate = "at most 4 %",
               .data = kData,
               .run = run_spoken_digits_ctc});

const Experiment kSpokenDigitsKeywords =
    of_a_task({.name = "spoken_digits_keywords",
               .what = "spots the digits 7 and 2 in the same strings, with the network of CTC",
               .source = "Fernandez, Graves & Schmidhuber, ICANN 2007",
               .figure = "F1, the lower of two",
               .published = "no figure",
               .gate = "0.95",
               .less_is_better = false,
               .data = kData,
               .run = run_spoken_digits_keywords});

const Experiment kSpokenDigitsTransducer =
    of_a_task({.name = "spoken_digits_transducer",
               .what = "reads the same strings by a transducer, whose encoder begins as the network of CTC",
               .source = "Graves, ICML Workshop on Representation Learning, 2012",
               .figure = "share of labels wrong",
               .published = "no figure",
               .gate = "at most a point more than CTC",
               .data = kData,
               .run = run_spoken_digits_transducer});

}  // namespace carousel::lab
