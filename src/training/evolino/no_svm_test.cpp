// What a program says that was built without LIBSVM.
#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "training/evolino/svm.h"

namespace carousel {
namespace {

TEST(NoSvm, SaysHowToGetIt) {
  EXPECT_THAT([] { train_svm({}, {}, {}); },
              ::testing::ThrowsMessage<SettingError>(::testing::HasSubstr("CAROUSEL_WITH_SVM=ON")));
}

}  // namespace
}  // namespace carousel
