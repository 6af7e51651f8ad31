// Support vector machines against LIBSVM itself: the same decisions and classes.
#include "training/evolino/svm.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libsvm/svm.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/aligned.h"
#include "kernels/normal.h"

namespace carousel {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

struct Rows {
  std::size_t count, features;
  AlignedVector<double> x;
  std::vector<std::size_t> classes;
  View<const double> view() const { return {x.data(), count, features}; }
};

/// Classes 2, 5, 6, 9 in four clouds that overlap; the last feature is always 3.
Rows clouds(std::size_t count, std::uint64_t seed) {
  Rows rows{count, 4, AlignedVector<double>(count * 4), {}};
  kernels::fill_normal(Random(seed, 0), 0, rows.x.data(), rows.x.size());
  for (std::size_t r = 0; r < count; ++r) {
    const std::size_t c = r % 4;
    rows.x[4 * r] = 10 + 4 * rows.x[4 * r] + (c % 2 == 0 ? 6 : 0);
    rows.x[4 * r + 1] = 0.01 * (rows.x[4 * r + 1] + (c < 2 ? 2 : 0));
    rows.x[4 * r + 3] = 3;
    rows.classes.push_back(std::vector<std::size_t>{5, 2, 9, 6}[c]);
  }
  return rows;
}

/// Rows as LIBSVM takes them, measured as a model says.
struct Nodes {
  Nodes(const Rows& rows, const SvmModel& model) : nodes(rows.count * (rows.features + 1)) {
    for (std::size_t r = 0; r < rows.count; ++r) {
      for (std::size_t f = 0; f <= rows.features; ++f)
        nodes[r * (rows.features + 1) + f] =
            f < rows.features ? svm_node{static_cast<int>(f + 1),
                                         (rows.x[r * rows.features + f] - model.mean[f]) * model.factor[f]}
                              : svm_node{-1, 0};
      starts.push_back(nodes.data() + r * (rows.features + 1));
    }
  }
  std::vector<svm_node> nodes;
  std::vector<svm_node*> starts;
};

TEST(Svm, SaysWhatLibsvmSays) {
  const Rows train = clouds(120, 1), test = clouds(200, 2);
  for (const SvmKernel kernel : {SvmKernel::linear, SvmKernel::rbf}) {
    const SvmModel model =
        train_svm(train.view(), train.classes, {.kernel = kernel, .cost = 2, .gamma = 0.7});
    EXPECT_EQ(model.classes.size(), 4u);
    EXPECT_EQ(model.factor[3], 0);

    Nodes nodes(train, model), questions(test, model);
    std::vector<double> labels(train.classes.begin(), train.classes.end());
    const svm_problem problem = {static_cast<int>(train.count), labels.data(), nodes.starts.data()};
    svm_parameter p = {};
    p.svm_type = C_SVC, p.kernel_type = kernel == SvmKernel::linear ? LINEAR : RBF;
    p.gamma = 0.7, p.C = 2, p.cache_size = 64, p.eps = 1e-3, p.shrinking = 1;
    svm_model* theirs = svm_train(&problem, &p);
    for (std::size_t r = 0; r < test.count; ++r) {
      const std::span<const double> x(test.x.data() + 4 * r, 4);
      double expected[6];
      const double said = svm_predict_values(theirs, questions.starts[r], expected);
      const std::vector<double> found = svm_decisions(model, x);
      ASSERT_EQ(found.size(), 6u);
      for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(found[i], expected[i], 1e-11);
      EXPECT_EQ(static_cast<double>(svm_class(model, x)), said);
      EXPECT_EQ(said, svm_predict(theirs, questions.starts[r]));
    }
    svm_free_and_destroy_model(&theirs);
  }
}

TEST(Svm, TellsTwoRingsApartAndComesToTheSameAgain) {
  Rows rows{200, 2, AlignedVector<double>(400), {}};
  kernels::fill_normal(Random(3, 0), 0, rows.x.data(), 400);
  for (std::size_t r = 0; r < 200; ++r) {
    const double radius = std::hypot(rows.x[2 * r], rows.x[2 * r + 1]), wanted = r % 2 == 0 ? 1 : 2;
    rows.x[2 * r] *= wanted / radius, rows.x[2 * r + 1] *= wanted / radius;
    rows.classes.push_back(r % 2);
  }
  const SvmModel model = train_svm(rows.view(), rows.classes, {});
  for (std::size_t r = 0; r < 200; ++r)
    EXPECT_EQ(svm_class(model, std::span(rows.x).subspan(2 * r, 2)), rows.classes[r]);
  EXPECT_EQ(train_svm(rows.view(), rows.classes, {}), model);
  EXPECT_EQ(svm_model_from(to_text(model)), model);
}

TEST(Svm, WhatCannotBeIsNamed) {
  const Rows rows = clouds(8, 1);
  EXPECT_THAT([&] { train_svm(rows.view(), rows.classes, {.cost = 0}); },
              ThrowsMessage<SettingError>(HasSubstr("cost: found 0")));
  EXPECT_THAT([&] { train_svm(rows.view(), rows.classes, {.gamma = -1}); },
              ThrowsMessage<SettingError>(HasSubstr("gamma: found -1")));
  EXPECT_THAT([&] { train_svm(rows.view(), std::vector<std::size_t>(8, 1), {}); },
              ThrowsMessage<Error>(HasSubstr("two classes")));
  EXPECT_THAT([&] { train_svm(rows.view(), std::vector<std::size_t>(7), {}); },
              ThrowsMessage<Error>(HasSubstr("got 7 for [8, 4]")));
}

}  // namespace
}  // namespace carousel
