// A part of a learning rule's state: the form in which it goes into a checkpoint and comes out.
#pragma once

#include <span>
#include <string>

namespace carousel {

template <class T>
struct NamedSpan {
  std::string name;
  std::span<T> values;
};

}  // namespace carousel
