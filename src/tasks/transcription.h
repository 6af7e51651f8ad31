// What is read out of a sequence by a network trained by connectionist temporal classification, or by a
// transducer.
#pragma once

#include <carousel/error.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "model/ctc_beam_search.h"
#include "model/no_numbers.h"
#include "tasks/sequence_batches.h"
#include "tasks/sequence_model.h"

namespace carousel {

/// Texts that a search follows at a time, where nobody says: of ctc, whose are cheap, and of a transducer.
std::size_t standard_width(const SequenceCoding& coding) noexcept;

/// A symbol and the steps of the input [begin, end) that it was read from.
struct ReadSymbol {
  std::string symbol;
  std::size_t number = 0;  ///< of the network's outputs
  std::size_t begin = 0, end = 0;
};

struct Reading {
  std::vector<ReadSymbol> symbols;
  double log_probability = 0;  ///< of the text, given the sequence
};

/// What may be asked of a search for texts.
struct ReadingSearchOptions {
  std::optional<std::size_t> width = {};    ///< texts at a time; not set: standard_width
  std::optional<double> symbol_bonus = {};  ///< for each symbol; not set: the model's
  std::string language = {};                ///< of ctc: see load_symbol_model; "": none
  double language_weight = 0.5;             ///< how much it counts
};
/// The same, ready.
struct ReadingSearch {
  std::optional<std::size_t> width = {};  ///< as there
  double symbol_bonus = 0;
  bool bonus_given = false;  ///< is it another than the model's?
  std::shared_ptr<const SymbolModel> language = nullptr;
  double language_weight = 0;
};
/// Throws SettingError naming the option, and as load_symbol_model.
ReadingSearch reading_search(const SequenceModel& model, const ReadingSearchOptions& options);

/// Sequence b of y, of so many steps of input. Of width 1 and without a language model: the likeliest output
/// of each step.
Reading read_out(const SequenceCoding& coding, const Sequences<float>& y, std::size_t b, std::size_t steps,
                 const ReadingSearch& search);
/// Of every row of a part, the text read; of ctc also what the network says of each step, as sequence b of y,
/// which is null of a transducer.
struct RowReading {
  const SequenceRow& row;
  std::size_t steps = 0;  ///< of the input
  Reading reading;
  const Sequences<float>* y = nullptr;
  std::size_t b = 0;
};
/// Rows come as in for_each_output. Throws NoNumbers.
void for_each_reading(const SequenceModel& model, const SequencePart& part, const ReadingSearch& search,
                      ThreadPool& pool, const std::function<void(RowReading&)>& take);
/// The same of one sequence of steps as the network reads them, x [T, 1, features].
Reading read_steps(const SequenceModel& model, const Sequences<float>& x, const ReadingSearch& search,
                   ThreadPool& pool);

/// The symbols of a row's text, as they are written.
std::vector<std::string> symbols_of(const SequenceCoding& coding, const SequencePart& part,
                                    const SequenceRow& row);

/// The symbols of a reading, as they are written.
std::vector<std::string> symbols_of(const Reading& reading);
std::string text_of(const Reading& reading, const SequenceCoding& coding);

/// Where a keyword of the settings is said, best first; score: see model/keyword_spotter.h.
struct FoundKeyword {
  std::size_t keyword = 0;  ///< its number in the settings
  std::size_t begin = 0, end = 0;
  double score = 0;
};
/// The outputs that stand for a keyword's symbols. Throws SettingError for a symbol that no text of the
/// training part has.
std::vector<std::size_t> keyword_outputs(const SequenceCoding& coding, const std::string& keyword);
/// All of the keywords, with scores from `threshold` on. Throws SettingError for one of symbols that the
/// model does not know.
std::vector<FoundKeyword> find_keywords(const SequenceCoding& coding,
                                        const std::vector<std::string>& keywords, const Sequences<float>& y,
                                        std::size_t b, std::size_t steps, double threshold);

}  // namespace carousel
