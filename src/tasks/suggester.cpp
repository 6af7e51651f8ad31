#include "tasks/suggester.h"

#include <carousel/error.h>

#include <algorithm>
#include <cmath>

namespace carousel {
namespace {

/// What a text ends with and may go on: "" behind a full stop, a line's end and the like.
std::string_view open_piece(std::string_view text, std::span<const std::string_view> pieces) {
  if (pieces.empty()) return {};
  const std::string_view last = pieces.back();
  return last == " " || is_word(last) ? last : text.substr(text.size());
}

}  // namespace

Suggester::Suggester(const LanguageModel& model) : model_(model), beginning_(model), generator_(beginning_) {
  if (model.coding.settings.unit != GenerateUnit::word)
    throw ModelError(
        "the model tells characters, and words can be suggested by one of words only; train it with unit = "
        "word");
}

void Suggester::go_to(std::span<const std::size_t> symbols) {
  const auto kept = static_cast<std::size_t>(std::ranges::mismatch(symbols, read_).in1 - symbols.begin());
  if (kept < read_.size()) {
    // The state before the last one kept; reading that again gives the probabilities behind it.
    const std::size_t from = kept == 0 ? 0 : kept - 1;
    if (kept == 0)
      generator_ = beginning_;
    else
      generator_.go_back(before_[from]);
    read_.resize(from);
    before_.resize(from);
  }
  for (const std::size_t symbol : symbols.subspan(read_.size())) {
    before_.push_back(generator_.state());
    generator_.read({&symbol, 1});
    read_.push_back(symbol);
  }
}

std::vector<Suggestion> Suggester::suggest(std::string_view text, std::size_t most) {
  const LanguageCoding& coding = model_.coding;
  const std::string valid = valid_text(std::string(text), "the text", coding.settings.invalid);
  std::vector<std::string_view> all = pieces(valid, text_unit(coding.settings));
  const std::string_view open = open_piece(valid, all);
  if (!open.empty()) all.pop_back();
  go_to(coding.vocabulary.numbers(all));
  std::vector<std::size_t> fitting;
  double total = 0;
  for (std::size_t k = Vocabulary::kUnknown + 1; k < coding.vocabulary.size(); ++k) {
    const std::string& piece = coding.vocabulary.symbol(k);
    if (!is_word(piece) || !piece.starts_with(open)) continue;
    fitting.push_back(k);
    total += std::exp(static_cast<double>(generator_.log_probabilities()[k]));
  }
  const std::span<const float> log_p = generator_.log_probabilities();
  const auto last = fitting.begin() + static_cast<std::ptrdiff_t>(std::min(most, fitting.size()));
  std::ranges::partial_sort(fitting, last, [&](std::size_t a, std::size_t b) {
    return log_p[a] != log_p[b] ? log_p[a] > log_p[b] : a < b;
  });
  std::vector<Suggestion> out;
  for (const std::size_t k : std::span(fitting.begin(), last)) {
    const std::string& piece = coding.vocabulary.symbol(k);
    out.push_back(
        {piece.substr(piece.front() == ' ' ? 1 : 0), std::exp(static_cast<double>(log_p[k])) / total});
  }
  return out;
}

}  // namespace carousel
