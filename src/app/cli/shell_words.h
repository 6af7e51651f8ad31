// Words of a command that a user may copy into a shell.
#pragma once

#include <string>

namespace carousel::cli {

/// As it is where a POSIX shell takes it literally, otherwise in single quotes.
std::string shell_word(const std::string& word);

}  // namespace carousel::cli
