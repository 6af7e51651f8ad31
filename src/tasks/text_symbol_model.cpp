#include "tasks/text_symbol_model.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

#include "tasks/text_generator.h"

namespace carousel {
namespace {

class TextSymbolModel final : public SymbolModel {
 public:
  TextSymbolModel(LanguageModel language, const SequenceCoding& coding)
      : language_(std::move(language)), beginning_(language_) {
    const Vocabulary& vocabulary = language_.coding.vocabulary;
    // A language model's word has the blank before it, but the first of a line.
    const std::string blank = coding.settings.unit == SymbolUnit::word ? " " : "";
    for (std::size_t k = 0; k < coding.blank(); ++k) {
      const std::string& symbol = coding.targets.symbol(k + 1);
      first_.push_back(vocabulary.number(symbol));
      later_.push_back(vocabulary.number(blank + symbol));
    }
  }

  bool knows_any() const {
    const auto known = [](std::size_t number) { return number != Vocabulary::kUnknown; };
    return std::ranges::any_of(first_, known) || std::ranges::any_of(later_, known);
  }

  StatePointer start() const override { return std::make_shared<Prefix>(beginning_, true); }
  StatePointer after(const State& state, std::size_t symbol) const override {
    const Prefix& before = static_cast<const Prefix&>(state);
    auto next = std::make_shared<Prefix>(before.generator, false);
    next->generator.read({&numbers(before)[symbol], 1});
    return next;
  }
  void log_probabilities(const State& state, std::span<double> out) const override {
    const Prefix& prefix = static_cast<const Prefix&>(state);
    const std::span<const float> all = prefix.generator.log_probabilities();
    for (std::size_t k = 0; k < first_.size(); ++k) out[k] = static_cast<double>(all[numbers(prefix)[k]]);
  }

 private:
  struct Prefix final : State {
    Prefix(TextGenerator read, bool nothing) : generator(std::move(read)), empty(nothing) {}
    TextGenerator generator;
    bool empty;
  };
  /// Of each of the network's outputs, as the symbol behind a prefix, its number in the language model.
  const std::vector<std::size_t>& numbers(const Prefix& prefix) const noexcept {
    return prefix.empty ? first_ : later_;
  }

  LanguageModel language_;
  TextGenerator beginning_;
  std::vector<std::size_t> first_, later_;
};

}  // namespace

std::unique_ptr<const SymbolModel> load_symbol_model(const std::string& path, const SequenceCoding& coding) {
  LanguageModel language = load_language_model(path);
  const GenerateUnit unit = *language.coding.settings.unit, wanted = coding.settings.unit == SymbolUnit::word
                                                                         ? GenerateUnit::word
                                                                         : GenerateUnit::character;
  if (unit != wanted)
    throw SettingError(fmt::format(
        "language: {} tells {}s, and the texts to be read are made of {}s; train one with --unit {}", path,
        name(unit), name(wanted), name(wanted)));
  auto model = std::make_unique<TextSymbolModel>(std::move(language), coding);
  if (!model->knows_any())
    throw SettingError(fmt::format(
        "language: {} knows none of the symbols to be read; train one with texts of the same kind", path));
  return model;
}

}  // namespace carousel
