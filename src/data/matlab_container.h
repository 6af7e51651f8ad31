// Whether a MATLAB file of version 5 is whole. libmatio does not mind where one has been cut off.
#pragma once

#include <string>

#include "data/seekable_bytes.h"

namespace carousel {

/// Goes over the variables of the file without reading them: they fill it to its last byte. Throws DataError,
/// naming the source and the byte at which a variable is cut off.
void check_matlab_container(SeekableBytes& bytes, const std::string& source);

}  // namespace carousel
