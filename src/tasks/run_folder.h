// The files of a run.
//
//   run.toml                every setting, resolved
//   model.safetensors       the best model so far
//   checkpoint.safetensors  what resume goes on from
//   log.jsonl               one JSON object an epoch
//   report.html             made from all of them after training
#pragma once

#include <string>

namespace carousel {

/// Paths inside a run folder.
struct RunFolder {
  /// What to do about a data file that has moved.
  static constexpr const char* kNewPath = "write its new path into run.toml ([data] path)";

  std::string path;
  std::string settings() const { return path + "/run.toml"; }
  std::string model() const { return path + "/model.safetensors"; }
  std::string checkpoint() const { return path + "/checkpoint.safetensors"; }
  std::string log() const { return path + "/log.jsonl"; }
  std::string report() const { return path + "/report.html"; }
  /// Is there a run in it?
  bool exists() const;
  /// Throws FileError if there is none.
  void require() const;
};

/// The model file that a path means: itself, or the one of a run folder. Throws FileError for a folder
/// without one.
std::string model_file(const std::string& path);

}  // namespace carousel
