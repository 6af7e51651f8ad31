// What can be chosen about the three jobs on examples that have one answer each: classify (a class), label (a
// label for every step) and transcribe (a text), how they are told and how the network is trained.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/examples.h"
#include "data/scaler.h"
#include "data/split.h"
#include "tasks/training_settings.h"

namespace carousel {

enum class SequenceJob { classify, label, transcribe };
/// character: code points. word: what blanks part.
enum class SymbolUnit { character, word };

std::string_view name(SymbolUnit unit) noexcept;
/// The inverse; throws SettingError with the nearest name.
SymbolUnit parse_symbol_unit(std::string_view name);
/// What a text is made of.
std::vector<std::string> symbols_of(std::string_view text, SymbolUnit unit);
/// The inverse.
std::string text_of(std::span<const std::string> symbols, SymbolUnit unit);

/// How texts are read out of sequences. ctc: each step says a symbol or nothing (connectionist temporal
/// classification). transducer: a second network reads what has been written so far.
enum class TranscribeMethod { ctc, transducer };

std::string_view name(TranscribeMethod method) noexcept;
/// The inverse; throws SettingError with the nearest name.
TranscribeMethod parse_transcribe_method(std::string_view name);

/// balanced: a class that is rarer in the training part weighs more, so that all together weigh alike.
enum class ClassWeights { none, balanced };

std::string_view name(ClassWeights weights) noexcept;
/// The inverse; throws SettingError with the nearest name.
ClassWeights parse_class_weights(std::string_view name);

/// Numbers of examples, both included; none: 0.
struct JoinRange {
  std::size_t least = 0, most = 0;
  bool operator==(const JoinRange&) const = default;
};
/// "3-7" or "5"; throws SettingError.
JoinRange parse_join(std::string_view text);
std::string to_string(const JoinRange& range);

struct SequenceSettings {
  SequenceJob job = SequenceJob::classify;

  // Data
  std::string data;                     ///< see data/examples.h
  std::optional<std::string> test;      ///< examples of the test part; not set: a part of data
  std::optional<std::string> checksum;  ///< "fnv1a64:..." that the examples must have
  ExampleFormat format = ExampleFormat::automatic;
  std::optional<std::string> target, id;
  std::size_t width = 1;
  ImageSteps image = ImageSteps::rows;
  SpectrumOptions audio = {};  ///< of sound
  bool pen = false;            ///< CSV holds points of a pen
  double steps_per_beat = 4;   ///< of MIDI
  bool skip_bad = false;       ///< goes on without examples that cannot be read
  /// Shares are drawn by chance, counts are taken in order. Of data that says itself what is for training and
  /// for the test, the validation's share is drawn of the training part.
  SplitRule split = SplitFractions{0.8, 0.1, 0.1};
  Scaling scaling = Scaling::standard;  ///< of each feature, by the training part

  // Training examples changed a little each time, after scaling
  double noise = 0;                ///< white noise, its deviation as a share of the features'
  std::size_t time_mask = 0;       ///< most steps that are blanked at a place
  std::size_t frequency_mask = 0;  ///< most features that are blanked throughout

  // Classify, label
  double label_smoothing = 0;  ///< share of a target that is given to all classes alike
  ClassWeights class_weights = ClassWeights::none;
  std::size_t hidden_markov = 0;  ///< states a class of the baseline of this name; 0: there is none

  // Transcribe
  TranscribeMethod method = TranscribeMethod::ctc;
  SymbolUnit unit = SymbolUnit::character;  ///< what texts are made of
  /// Examples of a part joined at random to longer ones, from so many to so many; 0: none are.
  JoinRange join = {};
  std::vector<std::string> keywords = {};  ///< to be spotted, each a text

  // Network
  std::optional<std::string> layers;  ///< before the output layer; not set: from hidden, depth and dropout
  /// Of a transducer: what reads the symbols written so far; not set: an lstm from hidden and dropout.
  std::optional<std::string> prediction;
  std::size_t embedding = 16;  ///< of symbols that steps, or what a transducer has written, are made of
  std::size_t hidden = 64;     ///< units of each direction of each layer
  std::size_t depth = 1;
  double dropout = 0;
  std::optional<std::string> pretrained;  ///< model whose weights training begins with: see begin_with
  std::optional<std::string> pretrained_checksum;  ///< as checksum, of its file

  /// epochs: 50. batch: by the length of the examples, up to 32.
  TrainingSettings training{.schedule = {.name = "cosine", .learning_rate = 0.004}, .patience = 15};

  ExampleOptions example_options() const {
    return {
        format, target, id, width, true, job == SequenceJob::transcribe, {image, audio, pen, steps_per_beat}};
  }
  std::string_view task() const noexcept;
};

struct ClassifySettings : SequenceSettings {
  static constexpr std::string_view kTask = "classify";
};

struct LabelSettings : SequenceSettings {
  static constexpr std::string_view kTask = "label";
  LabelSettings() { job = SequenceJob::label; }
};

struct TranscribeSettings : SequenceSettings {
  static constexpr std::string_view kTask = "transcribe";
  TranscribeSettings() { job = SequenceJob::transcribe; }
};

/// Calls what with the settings as those of their own task.
template <class What>
auto as_own_task(const SequenceSettings& settings, What&& what) {
  const auto own = [&](auto task) {
    static_cast<SequenceSettings&>(task) = settings;
    return what(task);
  };
  if (settings.job == SequenceJob::label) return own(LabelSettings());
  if (settings.job == SequenceJob::transcribe) return own(TranscribeSettings());
  return own(ClassifySettings());
}

/// Whether settings leave anything to judge a model on.
inline bool has_test_part(const SequenceSettings& settings) {
  return settings.test || has_test(settings.split);
}

/// Throws SettingError for a keyword that is there twice.
void check_different(const std::vector<std::string>& keywords);
/// Everything that can be seen without the data. Throws SettingError naming the option and what would work.
void check_settings(const SequenceSettings& settings);

}  // namespace carousel
