// carousel suggest RUN TEXT
#include <carousel/error.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/arguments.h"
#include "app/cli/option_group.h"
#include "app/cli/output.h"
#include "data/text.h"
#include "tasks/suggester.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

struct SuggestOptions {
  std::string run, text;
  std::size_t count = 5;
  std::optional<WeightFormat> weights;
};

ordered_json suggestions_json(const std::string& text, const std::vector<Suggestion>& suggestions) {
  ordered_json json;
  json["text"] = text;
  json["suggestions"] = ordered_json::array();
  for (const Suggestion& suggestion : suggestions)
    json["suggestions"].push_back({{"word", suggestion.word}, {"probability", suggestion.probability}});
  return json;
}

/// "0.410  moon", a line each.
std::string suggestions_lines(const std::vector<Suggestion>& suggestions) {
  std::string out;
  for (const Suggestion& suggestion : suggestions)
    out += fmt::format("{:.3f}  {}\n", suggestion.probability, suggestion.word);
  return out;
}

/// What goes on behind a text that is UTF-8, or that the model may read with U+FFFD in place of what is not.
class Words {
 public:
  Words(const LanguageModel& model, std::size_t count)
      : suggester_(model), invalid_(model.coding.settings.invalid), count_(count) {}
  /// source, line: where the text is from, for messages. Throws DataError.
  std::vector<Suggestion> behind(const std::string& text, const std::string& source, std::size_t line) {
    return suggester_.suggest(valid_text(text, source, invalid_, line), count_);
  }

 private:
  Suggester suggester_;
  InvalidText invalid_;
  std::size_t count_;
};

/// "moon 0.410<tab>letter 0.200", one line for each line that comes in, as soon as it has. One that cannot be
/// read is named, has an empty answer, and ends no session.
int suggest_stream(Words& words, bool json) {
  int status = kDone;
  std::size_t number = 0;
  for (std::string line; std::getline(std::cin, line);) {
    std::vector<Suggestion> suggestions;
    try {
      suggestions = words.behind(line, "standard input", ++number);
    } catch (const DataError& error) {
      write_message(fmt::format("carousel: {}\n", one_line(error.what())));
      status = kFailed;
    }
    if (json) {
      write_result(json_line(suggestions_json(line, suggestions)));
      continue;
    }
    std::string out;
    for (const Suggestion& suggestion : suggestions)
      out += fmt::format("{}{} {:.3f}", out.empty() ? "" : "\t", suggestion.word, suggestion.probability);
    write_result(out + '\n');
  }
  return status;
}

int suggest(const CLI::App& parser, const SuggestOptions& options, const Common& common) {
  require_value(parser, options.run, "RUN, the folder of the run or a model file,");
  const LanguageModel model = load_language_model(options.run, options.weights);
  Words words(model, options.count);
  if (options.text == "-") return suggest_stream(words, common.json);
  const std::vector<Suggestion> suggestions = words.behind(options.text, "TEXT", 1);
  write_result(common.json ? json_line(suggestions_json(options.text, suggestions))
                           : suggestions_lines(suggestions));
  return kDone;
}

}  // namespace

void add_suggest(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<SuggestOptions>();
  CLI::App* parser =
      add_parser(program, "suggest", "the words that a text may go on with, and how likely each is", *common);
  parser->add_option("run", options->run, "folder of a run of words (--unit word), or a model file")
      ->type_name("RUN");
  parser
      ->add_option("text", options->text,
                   "what has been typed; - reads standard input, and answers each line with one: what an "
                   "editor sends at each key")
      ->type_name("TEXT");
  add_value(
      *parser, "--weights", "WORD",
      "how weights are kept: float32, bf16 or int8; the shorter ones are faster and round the probabilities",
      "as in the model",
      [options](const std::string& text) { options->weights = parse_weight_format("--weights", text); });
  OptionGroup group(*parser, "Words");
  group.count("--count", options->count, "suggest so many words", 1);
  set_examples(*parser, {"carousel suggest runs/news \"the prime min\"",
                         "printf 'the\\nthe p\\nthe pr\\n' | carousel suggest runs/news - --count 3"});
  commands.push_back(
      {parser, common, [parser, options, common] { return suggest(*parser, *options, *common); }});
}

}  // namespace carousel::cli
