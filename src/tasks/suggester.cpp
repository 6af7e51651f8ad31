#include "tasks/suggester.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "kernels/reductions.h"

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
        fmt::format("the model tells {}s, and words can be suggested by one of words only; train it with "
                    "--unit word",
                    name(*model.coding.settings.unit)));
  const Vocabulary& vocabulary = model.coding.vocabulary;
  for (std::size_t k = Vocabulary::kUnknown + 1; k < vocabulary.size(); ++k)
    if (is_word(vocabulary.symbol(k))) words_.push_back(k);
  std::ranges::sort(words_, {},
                    [&](std::size_t word) -> const std::string& { return vocabulary.symbol(word); });
}

void Suggester::go_to(std::string_view text) {
  const auto same = static_cast<std::size_t>(std::ranges::mismatch(text, text_).in1 - text.begin());
  // Where a piece ends is told by the character behind it, or by the end of what is to be read.
  const auto stays = [&](const Read& piece) {
    return piece.end < same || (piece.end == same && same == text.size());
  };
  auto from = std::ranges::find_if_not(read_, stays);
  if (from != read_.end()) {
    if (from == read_.begin()) {
      generator_ = beginning_;
    } else {
      --from;  // reading the last one again gives the probabilities behind it
      generator_.go_back(from->before);
    }
    read_.erase(from, read_.end());
    text_.resize(read_.empty() ? 0 : read_.back().end);
  }
  while (text_.size() < text.size()) {
    const std::string_view rest = text.substr(text_.size());
    const std::string_view piece = rest.substr(0, first_piece(rest, TextUnit::word));
    const std::size_t symbol = model_.coding.vocabulary.number(piece);
    text_ += piece;
    read_.push_back({text_.size(), generator_.state()});
    generator_.read({&symbol, 1});
  }
}

std::vector<Suggestion> Suggester::suggest(std::string_view text, std::size_t most) {
  const Vocabulary& vocabulary = model_.coding.vocabulary;
  const std::string valid = valid_text(std::string(text), "", InvalidText::replace);
  const std::string_view open = open_piece(valid, pieces(valid, TextUnit::word));
  go_to(std::string_view(valid).substr(0, valid.size() - open.size()));
  const auto beginning = [&](std::size_t word) {
    return std::string_view(vocabulary.symbol(word)).substr(0, open.size());
  };
  const std::span<const std::size_t> fitting(std::ranges::lower_bound(words_, open, {}, beginning),
                                             std::ranges::upper_bound(words_, open, {}, beginning));
  if (fitting.empty()) return {};
  std::vector<float> shares;
  for (const std::size_t word : fitting) shares.push_back(generator_.log_probabilities()[word]);
  kernels::softmax(shares.data(), shares.data(), 1, shares.size(), shares.size());
  std::vector<std::size_t> order(fitting.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto last = order.begin() + static_cast<std::ptrdiff_t>(std::min(most, order.size()));
  std::ranges::partial_sort(order, last, [&](std::size_t a, std::size_t b) {
    return shares[a] != shares[b] ? shares[a] > shares[b] : a < b;
  });
  std::vector<Suggestion> out;
  for (const std::size_t place : std::span(order.begin(), last)) {
    const std::string& piece = vocabulary.symbol(fitting[place]);
    out.push_back({piece.substr(piece.front() == ' ' ? 1 : 0), static_cast<double>(shares[place])});
  }
  return out;
}

}  // namespace carousel
