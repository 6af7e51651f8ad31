#include "tasks/likelihood_metrics.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace carousel {
namespace {

double per(double value, std::uint64_t count) {
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : value / static_cast<double>(count);
}

}  // namespace

void LikelihoodSum::add(double nats, std::size_t characters) noexcept {
  if (nats == std::numeric_limits<double>::infinity())
    impossible_ = true;
  else
    nats_.add(nats);
  ++symbols_;
  characters_ += characters;
}

double LikelihoodSum::sum() const noexcept {
  return impossible_ ? std::numeric_limits<double>::infinity() : nats_.value();
}
double LikelihoodSum::nats() const noexcept { return per(sum(), symbols_); }
double LikelihoodSum::perplexity() const noexcept { return std::exp(nats()); }
double LikelihoodSum::nats_per_character() const noexcept { return per(sum(), characters_); }
double LikelihoodSum::bits_per_character() const noexcept { return nats_per_character() / std::numbers::ln2; }

}  // namespace carousel
