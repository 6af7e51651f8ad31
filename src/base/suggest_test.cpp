#include "base/suggest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace carousel {
namespace {

constexpr std::array<std::string_view, 5> kKinds = {"lstm", "dense", "dropout", "residual", "bidirectional"};

TEST(Suggest, FindsTheWordMeant) {
  EXPECT_EQ(suggest("lsmt", kKinds), "lstm");        // a swap is one edit
  EXPECT_EQ(suggest("LSTM", kKinds), "lstm");        // case is none
  EXPECT_EQ(suggest("lstmm", kKinds), "lstm");       // one too many
  EXPECT_EQ(suggest("dens", kKinds), "dense");       // one too few
  EXPECT_EQ(suggest("drapout", kKinds), "dropout");  // one wrong
  EXPECT_EQ(suggest("bidirektionel", kKinds), "bidirectional");
}

TEST(Suggest, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(suggest("transformer", kKinds), "");
  EXPECT_EQ(suggest("", kKinds), "");
  EXPECT_EQ(suggest("x", kKinds), "");
  EXPECT_EQ(suggest("lstm", {}), "");
  EXPECT_EQ(suggest(std::string(100000, 'l'), kKinds), "");
}

TEST(Suggest, TakesTheNearestAndTheFirstOfEquals) {
  constexpr std::array<std::string_view, 3> kWords = {"epochs", "epoch", "epoca"};
  EXPECT_EQ(suggest("epoch", kWords), "epoch");
  EXPECT_EQ(suggest("epocx", kWords), "epoch");
}

}  // namespace
}  // namespace carousel
