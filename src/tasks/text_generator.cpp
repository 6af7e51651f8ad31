#include "tasks/text_generator.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "base/random.h"
#include "kernels/reductions.h"
#include "tasks/setting_checks.h"

namespace carousel {
namespace {

constexpr std::uint64_t kSamplingStream = 0x73616d70;  // of random numbers
constexpr float kNever = -std::numeric_limits<float>::infinity();

/// The k most likely stay what they are, all others become impossible. Of equals the first.
void keep_most_likely(std::vector<float>& logits, std::size_t k) {
  if (k == 0 || k >= logits.size()) return;
  std::vector<std::size_t> order(logits.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
  for (const std::size_t symbol : std::span(order).subspan(k)) logits[symbol] = kNever;
}

/// One way that a text may go on.
struct Continuation {
  std::vector<std::size_t> symbols;
  double score = 0;  // sum of log probabilities
  std::size_t row = 0;
};

/// States of several texts, stepped together.
class Rows {
 public:
  Rows(const Network<float>& network, std::size_t rows)
      : network_(network),
        states_({rows, network.state_size()}),
        moved_(states_),
        logits_({rows, network.outputs()}) {}

  View<float> states() { return states_.matrix(); }
  void step(std::span<const Continuation> all) {
    Tensor<float> x({all.size(), 1});
    for (std::size_t h = 0; h < all.size(); ++h) {
      x.matrix()(h, 0) = static_cast<float>(all[h].symbols.back());
      std::ranges::copy(std::as_const(states_).matrix().row_span(all[h].row), moved_.matrix().row(h));
    }
    std::swap(states_, moved_);
    scratch_.resize(network_.step_scratch(all.size()));
    network_.step(std::as_const(x).matrix(), states_.matrix().rows(0, all.size()),
                  logits_.matrix().rows(0, all.size()), scratch_.data());
    kernels::log_softmax(logits_.data(), logits_.data(), all.size(), network_.outputs(), network_.outputs());
  }
  std::span<const float> log_probabilities(std::size_t row) const { return logits_.matrix().row_span(row); }

 private:
  const Network<float>& network_;
  Tensor<float> states_, moved_, logits_;
  std::vector<float> scratch_;
};

}  // namespace

void check_options(const SamplingOptions& options) {
  check_number("temperature", options.temperature, 0, 100);
  check_count("top_k", options.top_k, 0, kMostCount);
}

Prompt prompt_of(const LanguageCoding& coding, std::string text, const std::string& source) {
  const std::string valid = valid_text(std::move(text), source, coding.settings.invalid);
  std::vector<std::string_view> all = pieces(valid, text_unit(coding.settings));
  const auto begins_so = [](const std::string& symbol) { return symbol.size() > 1 && symbol.front() == ' '; };
  Prompt prompt;
  if (!all.empty() && all.back() == " " && std::ranges::any_of(coding.vocabulary.symbols(), begins_so)) {
    prompt.beginning = " ";
    all.pop_back();
  }
  prompt.symbols = coding.vocabulary.numbers(all);
  return prompt;
}

TextGenerator::TextGenerator(const LanguageModel& model)
    : model_(&model),
      state_(model.network.start(1)),
      scratch_(model.network.step_scratch(1)),
      logits_(model.network.outputs()),
      log_probabilities_(logits_.size()) {
  const std::size_t line_end = model.coding.vocabulary.number("\n");
  const std::size_t first = line_end != Vocabulary::kUnknown     ? line_end
                            : model.coding.vocabulary.size() > 1 ? 1
                                                                 : 0;
  read({&first, 1});
}

void TextGenerator::read(std::span<const std::size_t> symbols) {
  const std::size_t K = logits_.size();
  for (const std::size_t symbol : symbols) {
    const float x = static_cast<float>(symbol);
    model_->network.step(View<const float>(&x, 1, 1), state_.matrix(), View<float>(logits_.data(), 1, K),
                         scratch_.data());
  }
  kernels::log_softmax(logits_.data(), log_probabilities_.data(), 1, K, K);
}

std::size_t TextGenerator::next(const SamplingOptions& options, std::string_view beginning) {
  weights_ = log_probabilities_;
  weights_[Vocabulary::kUnknown] = kNever;
  for (std::size_t k = Vocabulary::kUnknown + 1; k < weights_.size(); ++k)
    if (!model_->coding.vocabulary.symbol(k).starts_with(beginning)) weights_[k] = kNever;
  std::size_t symbol = static_cast<std::size_t>(std::ranges::max_element(weights_) - weights_.begin());
  if (options.temperature > 0) {
    keep_most_likely(weights_, options.top_k);
    for (float& weight : weights_) weight /= static_cast<float>(options.temperature);
    kernels::softmax(weights_.data(), weights_.data(), 1, weights_.size(), weights_.size());
    double total = 0;
    for (const float weight : weights_) total += weight;
    double left = Random(options.seed, kSamplingStream).uniform(drawn_++) * total;
    // What rounding leaves over at the end falls to the likeliest.
    for (std::size_t k = 0; k < weights_.size(); ++k) {
      left -= weights_[k];
      if (left < 0) {
        symbol = k;
        break;
      }
    }
  }
  read({&symbol, 1});
  return symbol;
}

std::vector<std::size_t> likeliest_text(const LanguageModel& model, const Prompt& prompt, std::size_t length,
                                        std::size_t continuations) {
  TextGenerator start(model);
  if (!prompt.symbols.empty()) start.read(prompt.symbols);
  Rows rows(model.network, continuations);
  std::vector<Continuation> all(1);
  struct Step {
    double score;
    std::size_t from, symbol;
  };
  for (std::size_t done = 0; done < length; ++done) {
    std::vector<Step> steps;
    for (std::size_t h = 0; h < all.size(); ++h) {
      const std::span<const float> next = done == 0 ? start.log_probabilities() : rows.log_probabilities(h);
      for (std::size_t k = Vocabulary::kUnknown + 1; k < next.size(); ++k)
        if (done > 0 || model.coding.vocabulary.symbol(k).starts_with(prompt.beginning))
          steps.push_back({all[h].score + static_cast<double>(next[k]), h, k});
    }
    const std::size_t kept = std::min(continuations, steps.size());
    std::ranges::stable_sort(steps, std::ranges::greater(), &Step::score);
    std::vector<Continuation> longer;
    for (const Step& step : std::span(steps).first(kept)) {
      longer.push_back({all[step.from].symbols, step.score, step.from});
      longer.back().symbols.push_back(step.symbol);
    }
    all = std::move(longer);
    if (all.empty()) break;
    if (done == 0) std::ranges::copy(start.state().matrix().row_span(0), rows.states().row(0));
    rows.step(all);
  }
  return all.empty() ? std::vector<std::size_t>() : all.front().symbols;
}

}  // namespace carousel
