// What a support vector machine says, by hand, and its text.
#include "training/evolino/svm_model.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

namespace carousel {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Three classes, four vectors of two features.
SvmModel some_model(SvmKernel kernel) {
  return {.kernel = kernel,
          .gamma = 0.5,
          .mean = {1, -2},
          .factor = {2, 0.1},
          .classes = {7, 3, 5},
          .counts = {2, 1, 1},
          .vectors = {1, 0, 0, 1, -1, 0, 0.5, 0.25},
          .coefficients = {0.5, 1, -1.5, -1, 0.25, 0.75, 2, -2},
          .offsets = {0.1, -0.2, 0.3}};
}

TEST(SvmModel, DecisionsOfAllPairsByHand) {
  // z = (2 (x - 1), 0.1 (y + 2)) = (1, 0.5); products with the vectors 1, 0.5, -1, 0.625.
  EXPECT_THAT(svm_decisions(some_model(SvmKernel::linear), std::vector<double>{1.5, 3}),
              ElementsAre(DoubleNear(0.5 * 1 + 1 * 0.5 - 1.5 * -1 - 0.1, 1e-15),
                          DoubleNear(0.25 * 1 + 0.75 * 0.5 - 1 * 0.625 + 0.2, 1e-15),
                          DoubleNear(2 * -1 - 2 * 0.625 - 0.3, 1e-15)));
  // Squared distances 0.25, 1.25, 4.25, 0.3125.
  const double k[] = {std::exp(-0.125), std::exp(-0.625), std::exp(-2.125), std::exp(-0.15625)};
  EXPECT_THAT(svm_decisions(some_model(SvmKernel::rbf), std::vector<double>{1.5, 3}),
              ElementsAre(DoubleNear(0.5 * k[0] + k[1] - 1.5 * k[2] - 0.1, 1e-14),
                          DoubleNear(0.25 * k[0] + 0.75 * k[1] - k[3] + 0.2, 1e-14),
                          DoubleNear(2 * k[2] - 2 * k[3] - 0.3, 1e-14)));
}

TEST(SvmModel, TheClassIsTheOneThatMostPairsSay) {
  SvmModel model = some_model(SvmKernel::linear);
  EXPECT_EQ(svm_class(model, std::vector<double>{1.5, 3}), 7u);
  model.offsets = {100, -100, -100};
  EXPECT_EQ(svm_class(model, std::vector<double>{1.5, 3}), 3u);
  model.offsets = {-100, 100, -100};  // 7 beats 3, 5 beats 7, 3 beats 5: of equals the first
  EXPECT_EQ(svm_class(model, std::vector<double>{1.5, 3}), 7u);
}

TEST(SvmModel, ItsTextReadsBackToTheSame) {
  SvmModel model = some_model(SvmKernel::rbf);
  model.gamma = 1.0 / 3, model.coefficients[2] = -1e-17, model.offsets[0] = 0.1 + 0.2;
  EXPECT_EQ(svm_model_from(to_text(model)), model);
}

TEST(SvmModel, BrokenTextIsRefusedByName) {
  const auto refused = [](auto change, const std::string& what) {
    nlohmann::json json = nlohmann::json::parse(to_text(some_model(SvmKernel::rbf)));
    change(json);
    EXPECT_THAT([&] { svm_model_from(json.dump()); }, ThrowsMessage<ModelError>(HasSubstr(what)));
  };
  for (const char* name :
       {"kernel", "gamma", "mean", "factor", "classes", "counts", "vectors", "coefficients", "offsets"}) {
    refused([&](auto& json) { json.erase(name); }, std::string("'") + name + "' is missing");
    refused([&](auto& json) { json[name] = {{"a", 1}}; }, std::string("'") + name + "' is of another kind");
  }
  refused([](auto& json) { json["kernel"] = "poly"; }, "none of linear, rbf");
  refused([](auto& json) { json["gamma"] = -1; }, "'gamma'");
  refused([](auto& json) { json["vectors"].erase(0); }, "'vectors' holds 7 values, expected 8");
  refused([](auto& json) { json["coefficients"].push_back(0); }, "'coefficients' holds 9 values, expected 8");
  refused([](auto& json) { json["offsets"] = {0.0}; }, "'offsets' holds 1 values, expected 3");
  refused([](auto& json) { json["classes"] = {1, 1, 2}; }, "different 'classes'");
  refused([](auto& json) { json["classes"] = {1, -1, 2}; }, "'classes' holds -1");
  refused([](auto& json) { json["counts"] = {2, 1}; }, "'counts'");
  refused([](auto& json) { json["counts"] = {2.5, 1, 1}; }, "'counts' holds 2.5");
  refused([](auto& json) { json["counts"] = {4294967295.0, 4294967295.0, 1}; }, "'counts' say");
  refused([](auto& json) { json["mean"] = nlohmann::json::array(); }, "expected features");
  EXPECT_THAT([] { svm_model_from("{"); }, ThrowsMessage<ModelError>(HasSubstr("expected a JSON object")));
  EXPECT_THROW(svm_model_from(""), ModelError);
}

}  // namespace
}  // namespace carousel
