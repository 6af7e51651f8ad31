#include "base/suggest.h"

#include <gtest/gtest.h>

#include <vector>

namespace carousel {
namespace {

const std::vector<std::string> kKinds = {"lstm", "dense", "dropout", "residual", "bidirectional"};

TEST(Suggest, CountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("lsmt", "lstm"), 1u);
  EXPECT_EQ(edit_distance("ca", "abc"),
            3u);  // a swapped pair is not edited again
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("aaaaaaaa", "bbbbbbbb", 3), 3u);
}

TEST(Suggest, FindsTheWordMeant) {
  EXPECT_EQ(nearest_word("lsmt", kKinds), "lstm");
  EXPECT_EQ(nearest_word("LSTM", kKinds), "lstm");
  EXPECT_EQ(nearest_word("lstmm", kKinds), "lstm");
  EXPECT_EQ(nearest_word("dens", kKinds), "dense");
  EXPECT_EQ(nearest_word("drapout", kKinds), "dropout");
  EXPECT_EQ(nearest_word("bidirektionel", kKinds), "bidirectional");
}

TEST(Suggest, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest_word("transformer", kKinds), "");
  EXPECT_EQ(nearest_word("", kKinds), "");
  EXPECT_EQ(nearest_word("x", kKinds), "");
  EXPECT_EQ(nearest_word("lstm", {}), "");
  EXPECT_EQ(nearest_word(std::string(1000000, 'l'), kKinds), "");
}

TEST(Suggest, TakesTheNearestAndTheFirstOfEquals) {
  const std::vector<std::string> words = {"epochs", "epoch", "epoca"};
  EXPECT_EQ(nearest_word("epoch", words), "epoch");
  EXPECT_EQ(nearest_word("epocx", words), "epoch");
}

TEST(Suggest, ListsWhatThereIs) {
  const std::vector<std::string> columns = {"date", "target"};
  EXPECT_EQ(suggestion("taget", columns), "did you mean 'target'? there are: date, target");
  EXPECT_EQ(suggestion("load", columns), "there are: date, target");
  EXPECT_EQ(suggestion("load", {}), "there are none");
  EXPECT_LT(suggestion("load", std::vector<std::string>(100000, "column")).size(), 200u);
}

}  // namespace
}  // namespace carousel
