// The forget gate of the cells with exponential input gates: Beck et al., "xLSTM", 2024, leave both open.
#pragma once

#include <string>
#include <vector>

namespace carousel {

enum class ForgetActivation { sigmoid, exponential };

/// "sigmoid", "exponential"; the words of the spec.
inline const std::vector<std::string>& forget_activation_names() {
  static const std::vector<std::string> names = {"sigmoid", "exponential"};
  return names;
}

}  // namespace carousel
