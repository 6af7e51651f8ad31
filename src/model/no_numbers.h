// What a search throws where a network puts out what is no number.
#pragma once

#include <carousel/error.h>

namespace carousel {

class NoNumbers : public Error {
 public:
  using Error::Error;
};

}  // namespace carousel
