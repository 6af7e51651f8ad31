#include "base/fnv1a.h"

#include <gtest/gtest.h>

namespace carousel {
namespace {

Fnv1a hash_of(std::string_view text) {
  Fnv1a hash;
  hash.add(text);
  return hash;
}

// Test vectors published with the hash (draft-eastlake-fnv, appendix C).
TEST(Fnv1a, KnownAnswers) {
  EXPECT_EQ(hash_of("").value(), 0xcbf29ce484222325u);
  EXPECT_EQ(hash_of("a").value(), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(hash_of("foobar").value(), 0x85944171f73967e8u);
}

TEST(Fnv1a, BytesAboveAsciiAreNumbersWithoutSign) {
  Fnv1a byte;
  byte.add(0xe4);
  EXPECT_EQ(hash_of("\xe4").value(), byte.value());
}

TEST(Fnv1a, WritesItsNameAndAllDigits) { EXPECT_EQ(hash_of("a").text(), "fnv1a64:af63dc4c8601ec8c"); }

}  // namespace
}  // namespace carousel
