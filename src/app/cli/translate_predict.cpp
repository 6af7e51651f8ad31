#include "app/cli/translate_predict.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/cli/output.h"
#include "data/record_reader.h"
#include "data/text_lines.h"
#include "tasks/translator.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t kTogether = 128;  // lines of a file that are answered at a time

class LineTranslator {
 public:
  LineTranslator(const PredictRequest& request, const WriteText& write, ThreadPool& pool)
      : model_(load_translator(request.run, request.weights)),
        best_(request.best.value_or(1)),
        beam_(request.beam.value_or(std::max(model_.coding.settings.beam, best_))),
        json_(request.json),
        write_(write),
        pool_(pool) {}

  void answer_all(const std::string& data) {
    const TranslateSettings& settings = model_.coding.settings;
    TextLines reader(ByteSource(data), source_name(data), settings.invalid);
    const std::size_t together = data == "-" ? 1 : kTogether;
    std::vector<std::string> lines;
    while (auto line = reader.next()) {
      lines.push_back(std::move(*line));
      if (lines.size() == together) answer(lines);
    }
    answer(lines);
  }

 private:
  /// Writes the answers and empties the lines.
  void answer(std::vector<std::string>& lines) {
    const TranslateSettings& settings = model_.coding.settings;
    std::vector<std::vector<std::string>> sources;
    for (const std::string& line : lines) {
      std::vector<std::string> symbols = line_symbols(line, settings.source_unit);
      if (!symbols.empty()) sources.push_back(std::move(symbols));
    }
    const auto translations = translate(model_, sources, beam_, best_, pool_);
    std::string text;
    auto next = translations.begin();
    for (const std::string& line : lines) {
      const bool empty = line_symbols(line, settings.source_unit).empty();
      const std::span<const Translation> answers = empty ? std::span<const Translation>() : *next++;
      text += json_ ? json_line(line_json(line, answers)) : plain_line(answers);
    }
    write_(text);
    lines.clear();
  }
  std::string text_of(const Translation& answer) const {
    return line_text(answer.symbols, model_.coding.settings.target_unit);
  }
  /// The likeliest first, TABs between.
  std::string plain_line(std::span<const Translation> answers) const {
    std::string text;
    for (const Translation& answer : answers)
      text += (&answer == answers.data() ? "" : "\t") + text_of(answer);
    return text + '\n';
  }
  ordered_json line_json(const std::string& line, std::span<const Translation> answers) const {
    ordered_json json;
    json["source"] = line;
    json["answers"] = ordered_json::array();
    for (const Translation& answer : answers) {
      ordered_json one;
      one["text"] = text_of(answer);
      one["log_probability"] = answer.log_probability;
      json["answers"].push_back(std::move(one));
    }
    return json;
  }

  TranslateModel model_;
  std::size_t best_, beam_;
  bool json_;
  const WriteText& write_;
  ThreadPool& pool_;
};

}  // namespace

void predict_translations(const PredictRequest& request, const WriteText& write, ThreadPool& pool) {
  LineTranslator translator(request, write, pool);
  for (const std::string& data : request.data) translator.answer_all(data);
}

}  // namespace carousel::cli
