#include "app/cli/sequence_predict.h"

#include <carousel/error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/cli/csv_text.h"
#include "app/cli/output.h"
#include "data/cells.h"
#include "data/sound.h"
#include "data/step_rows.h"
#include "tasks/sequence_outputs.h"
#include "tasks/sequence_prediction.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

const std::string kStandardInput = "-";

// ---- classes ----

std::string class_line(const SequenceModel& model, const std::string& example,
                       const std::vector<ClassAnswer>& answers, bool json) {
  const ClassAnswer& answer = answers.front();
  if (!json) return fmt::format("{},{},{:.4f}\n", quoted(example), quoted(answer.name), answer.probability);
  ordered_json line;
  line["example"] = example;
  line["class"] = answer.name;
  line["probability"] = answer.probability;
  for (std::size_t k = 0; k < answer.probabilities.size(); ++k)
    line["probabilities"][model.coding.targets.symbol(k + 1)] = answer.probabilities[k];
  return json_line(line);
}

std::string label_lines(const std::string& example, std::size_t first,
                        const std::vector<ClassAnswer>& answers, bool json) {
  std::string text;
  for (std::size_t t = 0; t < answers.size(); ++t) {
    if (!json) {
      text += fmt::format("{},{},{},{:.4f}\n", quoted(example), first + t, quoted(answers[t].name),
                          answers[t].probability);
      continue;
    }
    ordered_json line;
    line["example"] = example;
    line["step"] = first + t;
    line["label"] = answers[t].name;
    line["probability"] = answers[t].probability;
    text += json_line(line);
  }
  return text;
}

/// What rows on standard input are: as those that a model was trained on, or steps of one file of features.
ExampleOptions rows_of(const SequenceCoding& coding) {
  ExampleOptions options = coding.settings.example_options();
  options.features.columns = coding.columns;
  options.targets = false;
  if (options.format != ExampleFormat::series) options.format = ExampleFormat::file;
  return options;
}

/// Rows of numbers, a step each, as they come, of one sequence after the other.
class StepReader {
 public:
  explicit StepReader(const SequenceModel& model)
      : rows_(kStandardInput, rows_of(model.coding)), more_(rows_.next()) {}
  /// Is there another sequence, behind the one that has been read to its end?
  bool more() const noexcept { return more_; }
  const std::string& name() const noexcept { return rows_.name(); }
  /// The next step of the sequence; empty at its end.
  std::span<const float> next() {
    if (!ahead_) {
      more_ = rows_.next();
      ahead_ = !more_ || rows_.begins();
      if (ahead_) return {};
    }
    ahead_ = false;
    return rows_.values();
  }

 private:
  StepRows rows_;
  bool more_, ahead_ = true;  // ahead: the row is the first one of a sequence that has not been begun
};

/// Is DATA rows on standard input, a step each? To a model of sound nothing at all is an empty sound file.
bool streams_steps(const SequenceModel& model, const std::string& data) {
  ExampleOptions options = model.coding.settings.example_options();
  options.targets = false;
  if (data != kStandardInput || find_other_format(data, options) != ExampleFormat::file) return false;
  const bool nothing = model.coding.step_seconds > 0 && look_ahead_in_standard_input(1).empty();
  return !nothing && !standard_input_begins_as_sound();
}

void stream_classes(const SequenceModel& model, StepReader& reader, bool json, const WriteText& write,
                    ThreadPool& pool) {
  const std::string name = reader.name();
  SequenceStream stream(model);
  const bool steps = model.coding.settings.job == SequenceJob::label;
  for (auto step = reader.next(); !step.empty(); step = reader.next())
    if (const auto p = stream.push(step); !p.empty())
      write(label_lines(name, stream.steps(), {class_answer(model.coding, p)}, json));
  if (stream.immediate()) return;
  const Sequences<float> y = outputs_of(model, stream.finish(), pool);
  std::vector<ClassAnswer> answers;
  for (std::size_t t = 0; t < y.layout().length(0); ++t)
    answers.push_back(class_answer(model.coding, y.at(0, t)));
  write(steps ? label_lines(name, 1, answers, json) : class_line(model, name, answers, json));
}

// ---- texts ----

/// Seconds of sound, else steps counted from 1.
struct Time {
  double step_seconds;
  double begin(std::size_t step) const {
    return step_seconds > 0 ? seconds(step) : static_cast<double>(step + 1);
  }
  double end(std::size_t step) const { return step_seconds > 0 ? seconds(step) : static_cast<double>(step); }
  /// To the millisecond.
  double seconds(std::size_t step) const {
    return std::round(static_cast<double>(step) * step_seconds * 1000) / 1000;
  }
  std::string text(double at) const {
    return step_seconds > 0 ? fmt::format("{:.2f}", at) : fmt::format("{}", at);
  }
};

std::string transcript_line(const SequenceModel& model, const ExampleReading& one, bool json) {
  const Time time{model.coding.step_seconds};
  const std::string text = text_of(one.reading, model.coding);
  if (!json) {
    std::string times;
    for (const ReadSymbol& symbol : one.reading.symbols)
      times += (times.empty() ? "" : " ") + time.text(time.begin(symbol.begin));
    return fmt::format("{},{},{}\n", quoted(one.example), quoted(text), times);
  }
  ordered_json line;
  line["example"] = one.example;
  line["text"] = text;
  line["log_probability"] = one.reading.log_probability;
  line["unit"] = model.coding.step_seconds > 0 ? "seconds" : "steps";
  line["symbols"] = ordered_json::array();
  for (const ReadSymbol& symbol : one.reading.symbols) {
    ordered_json entry;
    entry["symbol"] = symbol.symbol;
    entry["begin"] = time.begin(symbol.begin);
    entry["end"] = time.end(symbol.end);
    line["symbols"].push_back(std::move(entry));
  }
  return json_line(line);
}

std::string keyword_lines(const SequenceModel& model, const ExampleReading& one,
                          const std::vector<std::string>& keywords, bool json) {
  const Time time{model.coding.step_seconds};
  std::string text;
  for (const FoundKeyword& found : one.keywords) {
    if (!json) {
      text += fmt::format("{},{},{},{},{:.3f}\n", quoted(one.example), quoted(keywords[found.keyword]),
                          time.text(time.begin(found.begin)), time.text(time.end(found.end)), found.score);
      continue;
    }
    ordered_json line;
    line["example"] = one.example;
    line["keyword"] = keywords[found.keyword];
    line["begin"] = time.begin(found.begin);
    line["end"] = time.end(found.end);
    line["score"] = found.score;
    text += json_line(line);
  }
  return text;
}

/// What a network says after every step is written as soon as that is known.
void stream_symbols(const SequenceModel& model, StepReader& reader, SequenceStream& stream, bool json,
                    const WriteText& write) {
  const std::string name = reader.name();
  GreedyCtc greedy(model.coding.outputs(), model.coding.blank());
  const auto tell = [&](const std::optional<TimedSymbol>& symbol) {
    if (!symbol) return;
    ExampleReading one{name, {}, {}};
    one.reading.symbols.push_back(
        {model.coding.targets.symbol(symbol->symbol + 1), symbol->symbol, symbol->begin, symbol->end});
    one.reading.log_probability = symbol->log_probability;
    write(transcript_line(model, one, json));
  };
  for (auto step = reader.next(); !step.empty(); step = reader.next()) tell(greedy.read(stream.push(step)));
  tell(greedy.finish());
}

void stream_keywords(const SequenceModel& model, const ReadingOptions& options, StepReader& reader,
                     SequenceStream& stream, bool json, const WriteText& write) {
  const std::string name = reader.name();
  KeywordListener listener(model, options);
  const auto tell = [&](std::vector<FoundKeyword> found) {
    if (!found.empty()) write(keyword_lines(model, {name, {}, std::move(found)}, options.keywords, json));
  };
  for (auto step = reader.next(); !step.empty(); step = reader.next()) tell(listener.read(stream.push(step)));
  tell(listener.finish());
}

void stream_transcript(const SequenceModel& model, StepReader& reader, const ReadingOptions& options,
                       bool json, const WriteText& write, ThreadPool& pool) {
  const bool spot = !options.keywords.empty();
  const std::string name = reader.name();
  // A search of several texts cannot write down any of them before the end.
  SequenceStream stream(model, !spot && (options.search.width.value_or(1) > 1 || options.search.language ||
                                         options.search.bonus_given));
  if (stream.immediate())
    return spot ? stream_keywords(model, options, reader, stream, json, write)
                : stream_symbols(model, reader, stream, json, write);
  for (auto step = reader.next(); !step.empty(); step = reader.next()) stream.push(step);
  const ExampleReading one = predict_steps(model, stream.finish(), name, options, pool);
  write(spot ? keyword_lines(model, one, options.keywords, json) : transcript_line(model, one, json));
}

/// Writes a header line before the first answer, so that data without any answer has no header either; where
/// all went well and there was nothing to tell, the header alone.
class HeadedAnswers {
 public:
  HeadedAnswers(std::string header, const WriteText& write) : header_(std::move(header)), write_(write) {}
  void operator()(const std::string& lines) {
    finish();
    write_(lines);
  }
  void finish() {
    if (!header_.empty()) write_(std::exchange(header_, {}));
  }

 private:
  std::string header_;
  const WriteText& write_;
};

/// Answers each DATA. What is wrong with one keeps no other from its answer: it is thrown behind the last, as
/// DataError that names them all.
void answer_each(const PredictRequest& request, const std::function<void(const std::string&)>& answer) {
  std::string first;
  std::vector<std::string> others;
  const auto wrong = [&](const std::string& data, const Error& error) {
    if (first.empty())
      first = error.what();
    else
      others.push_back(shown(data, 60));
  };
  for (const std::string& data : request.data) {
    try {
      answer(data);
    } catch (const DataError& error) {
      wrong(data, error);
    } catch (const FileError& error) {
      wrong(data, error);
    }
  }
  if (!others.empty()) first += fmt::format("; and {} more: {}", others.size(), fmt::join(others, ", "));
  if (!first.empty()) throw DataError(first);
}

}  // namespace

void predict_classes(SequenceJob job, const PredictRequest& request, const WriteText& write,
                     ThreadPool& pool) {
  const SequenceModel model = load_sequence_model(request.run, job, request.weights);
  const bool steps = job == SequenceJob::label;
  const char* const header = steps ? "example,step,label,probability\n" : "example,class,probability\n";
  HeadedAnswers answers(request.json ? "" : header, write);
  answer_each(request, [&](const std::string& data) {
    if (streams_steps(model, data)) {
      StepReader reader(model);
      while (reader.more()) stream_classes(model, reader, request.json, std::ref(answers), pool);
      return;
    }
    carousel::predict_classes(model, data, pool, [&](const std::string& example, const auto& said) {
      answers(steps ? label_lines(example, 1, said, request.json)
                    : class_line(model, example, said, request.json));
    });
  });
  answers.finish();
}

void predict_transcripts(const PredictRequest& request, const WriteText& write, ThreadPool& pool) {
  SequenceModel model = load_sequence_model(request.run, SequenceJob::transcribe, request.weights);
  model.coding.settings.join = {};  // every example stands alone
  ReadingOptions options;
  ReadingSearchOptions search = request.search;
  search.width = request.beam;
  options.search = reading_search(model, search);
  options.keywords = request.keywords;
  options.threshold = request.keyword_threshold;
  const bool spot = !options.keywords.empty();
  check_keywords(model, options);  // refuses before anything is written
  const char* const header = spot ? "example,keyword,begin,end,score\n" : "example,text,times\n";
  HeadedAnswers answers(request.json ? "" : header, write);
  answer_each(request, [&](const std::string& data) {
    if (streams_steps(model, data)) {
      StepReader reader(model);
      while (reader.more()) stream_transcript(model, reader, options, request.json, std::ref(answers), pool);
      return;
    }
    carousel::predict_transcripts(model, data, options, pool, [&](const ExampleReading& one) {
      answers(spot ? keyword_lines(model, one, options.keywords, request.json)
                   : transcript_line(model, one, request.json));
    });
  });
  answers.finish();
}

}  // namespace carousel::cli
