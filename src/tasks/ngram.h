// The baseline of language models: how often each symbol followed the symbols before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

namespace carousel {

/// Probabilities from counts of 1 to `order` symbols, each order mixed with the next shorter one as Witten &
/// Bell have it (IEEE Transactions on Information Theory 37, 1991, method C): with a context seen n times,
/// before d different symbols, p(s) = (count(s) + d p'(s)) / (n + d); below one symbol all are as likely.
class NGram {
 public:
  /// order: at least 1, which has no context.
  NGram(std::span<const std::size_t> symbols, std::size_t vocabulary, std::size_t order);

  /// -log p of the last of these symbols after those before it, in nats.
  double loss(std::span<const std::size_t> symbols) const;

 private:
  struct Context {
    std::uint64_t seen = 0;
    std::map<std::size_t, std::uint64_t> next;
  };
  /// A number for the `length` symbols before `end`.
  static std::uint64_t key(std::span<const std::size_t> symbols, std::size_t end, std::size_t length);

  std::size_t vocabulary_, order_;
  std::unordered_map<std::uint64_t, Context> contexts_;
};

}  // namespace carousel
