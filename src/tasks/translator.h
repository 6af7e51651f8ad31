// A translator at work.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "tasks/translate_model.h"

namespace carousel {

struct Translation {
  std::vector<std::string> symbols;
  double log_probability = 0;  ///< of the symbols and the end
  Tensor<float> attention;     ///< [symbols and the end, steps that the encoder put out]
};

/// Of each source, as TranslateExample has it, the likeliest translations found: one to `best`, the likeliest
/// first. beam: as SearchOptions::width, at least `best`. What one source gets does not depend on the others.
/// Throws SettingError.
std::vector<std::vector<Translation>> translate(const TranslateModel& model,
                                                std::span<const std::vector<std::string>> sources,
                                                std::size_t beam, std::size_t best, ThreadPool& pool);

}  // namespace carousel
