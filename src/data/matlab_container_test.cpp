#include "data/matlab_container.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "carousel/error.h"

namespace carousel {
namespace {

using testing::HasSubstr;

std::string header(std::string_view order) {
  return std::string(124, ' ') + std::string("\0\1", 2) + std::string(order);
}

void check(std::string_view bytes) {
  SeekableBytes source(bytes);
  check_matlab_container(source, "x.mat");
}

auto refused(const std::string& message) { return testing::ThrowsMessage<DataError>(HasSubstr(message)); }

TEST(MatlabContainer, TakesVariablesThatFillTheFileInEitherOrderOfBytes) {
  const std::string little =
      header("IM") + std::string("\x0e\0\0\0\x03\0\0\0abc", 11) + std::string("\x0f\0\0\0\0\0\0\0", 8);
  const std::string big = header("MI") + std::string(
                                             "\0\0\0\x0e\0\0\0\x03"
                                             "abc",
                                             11);
  check(header("IM"));
  check(little);
  check(big);
}

TEST(MatlabContainer, NamesThePlaceOfAVariableThatIsCutOff) {
  const std::string file =
      header("IM") + std::string("\x0e\0\0\0\x03\0\0\0abc", 11) + std::string("\x0e\0\0\0\x01\0\0\0x", 9);
  EXPECT_THAT([&] { check(std::string_view(file).substr(0, 127)); }, refused("x.mat: found 127 bytes"));
  EXPECT_THAT([&] { check(std::string_view(file).substr(0, 138)); },
              refused("x.mat: byte 128: found a variable of 3 bytes, but the file ends at byte 138"));
  EXPECT_THAT([&] { check(std::string_view(file).substr(0, 141)); },
              refused("x.mat: byte 139: found the beginning of a variable, but the file ends at byte 141"));
  EXPECT_THAT([&] { check(header("IM") + std::string("\x0e\0\0\0\xff\xff\xff\xff", 8)); },
              refused("found a variable of 4294967295 bytes"));
}

}  // namespace
}  // namespace carousel
