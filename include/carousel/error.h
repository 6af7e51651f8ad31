// What goes wrong, as types. The library never prints and never exits; it throws one of these.
#pragma once

#include <stdexcept>
#include <string>

namespace carousel {

/// Base of everything the library throws. A wrong call names the operation and both shapes:
/// "[recurrent.forward] expected x [T, B, 16], got [40, 8, 12]".
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A setting, flag or spec that cannot be honoured; the message names it and what would work.
class SettingError : public Error {
 public:
  using Error::Error;
};

/// Input data that cannot be used; the message names file, line or byte, what was found and expected.
class DataError : public Error {
 public:
  using Error::Error;
};

/// A model or checkpoint file that cannot be used; the message names file, place, found and expected.
class ModelError : public Error {
 public:
  using Error::Error;
};

/// The operating system refused: no such file, no space, no permission. Names the path and the reason.
class FileError : public Error {
 public:
  using Error::Error;
};

/// Training cannot go on: a loss or gradient became NaN or infinite. Names batch, layer and last good state.
class TrainingError : public Error {
 public:
  using Error::Error;
};

}  // namespace carousel
