// Targets that are to be symbols.
#pragma once

#include <string>

#include "tensor/sequences.h"

namespace carousel {

/// Throws Error, naming the call and the place, unless all values of targets [U, B, 1] are numbers of
/// symbols, 0
/// ... symbols - 1.
template <class T>
void check_symbols(const std::string& where, const Sequences<T>& targets, std::size_t symbols);

}  // namespace carousel
