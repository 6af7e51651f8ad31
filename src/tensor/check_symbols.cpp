#include "tensor/check_symbols.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include "tensor/symbols.h"

namespace carousel {

template <class T>
void check_symbols(const std::string& where, const Sequences<T>& targets, std::size_t symbols) {
  for (std::size_t b = 0; b < targets.layout().batch(); ++b)
    for (std::size_t u = 0; u < targets.layout().length(b); ++u)
      if (const T value = targets.at(b, u)[0]; !is_symbol(value, symbols))
        throw Error(
            fmt::format("[{}] expected targets that are numbers of symbols, 0 to {}, got {} at step {} of "
                        "sequence {}",
                        where, symbols - 1, value, u, b));
}

template void check_symbols(const std::string&, const Sequences<float>&, std::size_t);
template void check_symbols(const std::string&, const Sequences<double>&, std::size_t);

}  // namespace carousel
