// carousel generate RUN
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/arguments.h"
#include "app/cli/interrupt.h"
#include "app/cli/option_group.h"
#include "app/cli/output.h"
#include "tasks/text_generator.h"

namespace carousel::cli {

namespace {

struct WriteOptions {
  std::string run, prompt;
  std::size_t length = 500, beam = 0;
  SamplingOptions sampling;
};

/// Symbol by symbol, as it is drawn.
void write_stream(const WriteOptions& options, const LanguageModel& model,
                  std::span<const std::size_t> prompt, const std::function<void(const std::string&)>& write) {
  TextGenerator generator(model);
  generator.read(prompt);
  for (std::size_t done = 0; done < options.length; ++done)
    write(model.coding.vocabulary.symbol(generator.next(options.sampling)));
}

int generate(const CLI::App& parser, WriteOptions options, const Common& common) {
  require_value(parser, options.run, "RUN, the folder of the run or a model file,");
  options.sampling.seed = common.seed.value_or(0);
  check_options(options.sampling);
  const LanguageModel model = load_language_model(options.run);
  const std::vector<std::size_t> prompt = model.coding.numbers(options.prompt, "--prompt");
  std::string text;
  CharacterStream characters;
  const auto write = [&](const std::string& some) { common.json ? void(text += some) : write_result(some); };
  const auto write_symbol = [&](const std::string& symbol) { write(characters.add(symbol)); };
  if (!common.json) write_result(options.prompt);
  if (options.beam > 0) {
    for (const std::size_t symbol : likeliest_text(model, prompt, options.length, options.beam))
      write_symbol(model.coding.vocabulary.symbol(symbol));
  } else {
    write_stream(options, model, prompt, write_symbol);
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

}  // namespace

void add_generate(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  const auto options = std::make_shared<WriteOptions>();
  CLI::App* parser = add_parser(program, "generate",
                                "writes on behind a text, as the text that a run has learnt from", *common);
  parser->add_option("run", options->run, "folder of the run, or a model file")->type_name("RUN");
  OptionGroup group(*parser, "Text");
  group.text("--prompt", "TEXT", "what the text begins with", "a new line",
             [options](const std::string& text) { options->prompt = text; });
  group.count("--length", options->length, "characters, words or pieces to write");
  group.real("--temperature", options->sampling.temperature,
             "below 1: more of the likely; 0: the likeliest alone");
  group.count("--top-k", options->sampling.top_k, "draws among so many of the likeliest; 0: all");
  group.text("--beam", "N", "draws nothing, but searches the likeliest text with N at a time", "0: off",
             [options](const std::string& text) { options->beam = parse_count("--beam", text, 0, 1000); });
  set_examples(*parser, {"carousel generate runs/shakespeare --prompt \"ROMEO:\" --temperature 0.8",
                         "carousel generate runs/shakespeare --length 100000 --seed 7 | head"});
  commands.push_back(
      {parser, common, [parser, options, common] { return generate(*parser, *options, *common); }});
}

}  // namespace carousel::cli
