// One line that says where a long piece of work stands, made to fit the terminal.
#pragma once

#include <cstddef>
#include <string>

#include "carousel/progress.h"

namespace carousel::cli {

/// "epoch 12/50 [######......]  24 %  loss 0.0321  validation 0.0402  1,234/s  0:42 left" in at most
/// `columns` columns: what matters least is left out first, the bar takes what room there is; work without
/// epochs shows none. No escape codes.
std::string bar_text(const ProgressRecord& record, double validation_loss, std::size_t columns, bool utf8);

/// "epoch 12/50  loss 0.0321  validation 0.0402 best  1,234/s  0:42 left": a line for a log.
std::string epoch_text(const ProgressRecord& record);

/// "0:42", "12:05", "3:00:00"; "?" for what is not known.
std::string clock_text(double seconds);

}  // namespace carousel::cli
