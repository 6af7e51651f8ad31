// Every broken file in tests/hostile gets one line that names what is wrong, and where.
#include <carousel/error.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <variant>

#include "base/file.h"
#include "layers/wiring_text.h"
#include "model/model_file.h"
#include "model/safetensors.h"
#include "model/spec.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;

const fs::path kHostile = fs::path(CAROUSEL_TESTS_FOLDER) / "hostile";

std::map<std::string, std::string> expected_errors(const fs::path& folder) {
  std::map<std::string, std::string> result;
  std::ifstream in(folder / "expected.tsv");
  for (std::string line; std::getline(in, line);) {
    const std::size_t tab = line.find('\t');
    if (tab != line.npos) result[line.substr(0, tab)] = line.substr(tab + 1);
  }
  return result;
}

// `read` must throw ErrorType, in one line of bounded length that holds `prefix(path)` and what the list
// says.
template <class ErrorType>
void expect_errors(const fs::path& folder, const std::function<void(const fs::path&)>& read,
                   const std::function<std::string(const fs::path&)>& prefix) {
  const auto expected = expected_errors(folder);
  ASSERT_GE(expected.size(), 30u);
  for (const auto& [file, message] : expected) {
    SCOPED_TRACE(file);
    try {
      read(folder / file);
      ADD_FAILURE() << "no error, expected: " << message;
    } catch (const ErrorType& error) {
      const std::string text = error.what();
      EXPECT_TRUE(text.starts_with(prefix(folder / file))) << text;
      EXPECT_NE(text.find(message), text.npos) << text << "\nexpected: " << message;
      EXPECT_TRUE(std::none_of(text.begin(), text.end(), [](char c) { return c >= 0 && c < ' '; })) << text;
      EXPECT_LT(text.size(), 400u + kHostile.string().size());
    }
  }
}

TEST(Hostile, SafetensorsAreRefusedWithTheirPlace) {
  expect_errors<ModelError>(
      kHostile / "safetensors", [](const fs::path& path) { read_safetensors(path); },
      [](const fs::path& path) { return path.string() + ": "; });
}

TEST(Hostile, SpecsAreRefusedWithTheirColumn) {
  expect_errors<SettingError>(
      kHostile / "spec", [](const fs::path& path) { parse_spec(read_file(path, 1 << 20)); },
      [](const fs::path&) { return "spec, column "; });
}

TEST(Hostile, WiringsAreRefusedWithLineAndColumn) {
  expect_errors<SettingError>(
      kHostile / "wiring", [](const fs::path& path) { parse_wiring(read_file(path, 1 << 20), 3); },
      [](const fs::path&) { return "wiring, line "; });
}

// What the fuzzer begins with reaches the builders of all layers; written again it is the same model.
TEST(FuzzSeeds, AreModelsOfEveryKind) {
  std::string specs;
  for (const auto& entry : fs::directory_iterator(fs::path(CAROUSEL_TESTS_FOLDER) / "fuzz/corpus/model")) {
    SCOPED_TRACE(entry.path().filename());
    std::visit(
        [&](const auto& model) {
          specs += to_text(model.network.spec()) + '\n';
          const Safetensors written = model_contents(model.network, model.metadata);
          Safetensors read = read_safetensors(entry.path());
          EXPECT_EQ(written.metadata, read.metadata);
          ASSERT_EQ(written.tensors.size(), read.tensors.size());
          for (const NamedTensor& tensor : written.tensors) {
            ASSERT_NE(read.find(tensor.name), nullptr) << tensor.name;
            EXPECT_EQ(*read.find(tensor.name), tensor) << tensor.name;
          }
        },
        load_any_model<float>(entry.path()));
  }
  for (const char* kind : {"lstm ",
                           "peephole ",
                           "projected ",
                           "gru ",
                           "rnn ",
                           "slstm ",
                           "mlstm ",
                           "min_lstm ",
                           "min_gru ",
                           "conv_lstm ",
                           "md_lstm ",
                           "lstm_g(",
                           "bidirectional(",
                           "parallel(",
                           "residual(",
                           "embedding ",
                           "conv1d ",
                           "layer_norm",
                           "pool ",
                           "pyramid",
                           "softmax ",
                           "attention=multiplicative",
                           "encoder_decoder(",
                           "transducer("})
    EXPECT_NE(specs.find(kind), specs.npos) << kind;
}

// A good file cut off anywhere, or with any one bit of its header turned over, is refused or read; nothing
// else.
TEST(Hostile, NoCutAndNoTurnedBitGetsThrough) {
  const std::vector<float> numbers = {1, 2, 3, 4, 5, 6};
  Safetensors contents;
  contents.tensors.push_back(NamedTensor::of<float>("layers.0.w", Shape{2, 3}, numbers));
  contents.metadata["spec"] = "lstm 2";
  const std::string good = serialize_safetensors(contents);
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_THROW(parse_safetensors(good.substr(0, length), "cut"), ModelError) << length;
  for (std::size_t bit = 0; bit < 8 * (good.size() - 24); ++bit) {
    std::string turned = good;
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ (1 << bit % 8));
    try {
      const Safetensors read = parse_safetensors(turned, "turned");
      EXPECT_NE(read, contents);
    } catch (const ModelError&) {
    }
  }
}

}  // namespace
}  // namespace carousel
