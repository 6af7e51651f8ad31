#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "training/evolution/pagmo_search.h"

namespace carousel {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(NoPagmoSearch, SaysWhatWouldDo) {
  ThreadPool pool(1);
  EXPECT_THAT([&] { make_pagmo_search<float>({.weights = {1}, .make_objective = {}, .pool = pool}, {}); },
              ThrowsMessage<SettingError>(HasSubstr("built without pagmo, and has no cma_es")));
}

}  // namespace
}  // namespace carousel
