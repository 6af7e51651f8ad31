#include "tasks/ngram.h"

#include <algorithm>
#include <cmath>

#include "base/fnv1a.h"

namespace carousel {

NGram::NGram(std::span<const std::size_t> symbols, std::size_t vocabulary, std::size_t order)
    : vocabulary_(vocabulary), order_(order) {
  for (std::size_t at = 0; at < symbols.size(); ++at)
    for (std::size_t length = 0; length < std::min(order_, at + 1); ++length) {
      Context& context = contexts_[key(symbols, at, length)];
      ++context.seen;
      ++context.next[symbols[at]];
    }
}

// A hash of the symbols: with 2^64 keys no text that fits in memory is likely to have two contexts under
// one.
std::uint64_t NGram::key(std::span<const std::size_t> symbols, std::size_t end, std::size_t length) {
  Fnv1a hash;
  hash.add(static_cast<std::uint32_t>(length));
  for (std::size_t at = end - length; at < end; ++at)
    for (int shift = 0; shift < 24; shift += 8) hash.add((symbols[at] >> shift) & 0xFF);
  return hash.value();
}

double NGram::loss(std::span<const std::size_t> symbols) const {
  const std::size_t at = symbols.size() - 1;
  double p = 1.0 / static_cast<double>(vocabulary_);
  for (std::size_t length = 0; length < std::min(order_, at + 1); ++length) {
    const auto found = contexts_.find(key(symbols, at, length));
    if (found == contexts_.end()) break;
    const Context& context = found->second;
    const auto next = context.next.find(symbols[at]);
    const double count = next == context.next.end() ? 0 : static_cast<double>(next->second),
                 seen = static_cast<double>(context.seen), kinds = static_cast<double>(context.next.size());
    p = (count + kinds * p) / (seen + kinds);
  }
  return -std::log(p);
}

}  // namespace carousel
