// Models in bf16 and int8 on disk and in the public interface, and files of them that are not what they
// should be.
#include "model/weight_tensors.h"

#include <carousel/error.h>
#include <carousel/model.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/file.h"
#include "model/model_file.h"
#include "model/model_testing.h"
#include "support/same_bits.h"

namespace carousel {
namespace {

using testing::same_bits;

const std::string kSpec = "lstm 12, bidirectional(residual(lstm 12)), dense 8 tanh, dense 2";

std::vector<float> wave(std::size_t n) {
  std::vector<float> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<float>((i * 37 + 11) % 101) / 50.0f - 1.0f;
  return values;
}

class WeightTensors : public ::testing::TestWithParam<std::string> {
 protected:
  WeightTensors()
      : folder_(std::filesystem::temp_directory_path() /
                ("carousel_weight_tensors_test_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    Model::create(kSpec, 3, 42).save(path("float32"));
  }
  ~WeightTensors() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string bytes(const std::string& name) const { return read_file(path(name), 1 << 24); }

  template <class Change>
  std::string refusal(Change&& change) {
    return carousel::refusal(Model::load(path("float32"), GetParam()), folder_.string(), change);
  }
  static NamedTensor& tensor(Safetensors& file, const std::string& name) {
    return const_cast<NamedTensor&>(*file.find(name));
  }

  std::filesystem::path folder_;
};

TEST_P(WeightTensors, ReducedWhenLoadedOrOnDiskIsTheSame) {
  const Model loaded = Model::load(path("float32"), GetParam());
  EXPECT_EQ(loaded.weight_format(), GetParam());
  loaded.save(path("once"));
  const Model again = Model::load(path("once"));
  EXPECT_EQ(again.weight_format(), GetParam());
  EXPECT_TRUE(same_bits(loaded.weights(), again.weights()));
  EXPECT_TRUE(same_bits(loaded.predict(wave(90)), again.predict(wave(90))));
  again.save(path("twice"));
  EXPECT_EQ(bytes("once"), bytes("twice"));
  Model::load(path("once"), GetParam()).save(path("named"));
  EXPECT_EQ(bytes("once"), bytes("named"));
}

/// Read here from the bytes, by what docs/formats.md says.
TEST_P(WeightTensors, TheFileHoldsTheWeightsOfTheModel) {
  const Model model = Model::load(path("float32"), GetParam());
  model.save(path("reduced"));
  const Safetensors file = read_safetensors(path("reduced"));
  EXPECT_EQ(file.metadata.at("weights"), GetParam());
  EXPECT_EQ(file.metadata.at("format_version"), "2");
  std::size_t offset = 0;
  for (const NamedTensor& tensor : file.tensors) {
    if (tensor.name.ends_with(".scale")) continue;
    const bool matrix = tensor.shape.rank() == 2;
    EXPECT_EQ(name(tensor.dtype), !matrix ? "F32" : GetParam() == "bf16" ? "BF16" : "I8") << tensor.name;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
      double value;
      if (!matrix) {
        value = tensor.numbers<float>()[i];
      } else if (GetParam() == "bf16") {
        const auto low = std::to_integer<unsigned>(tensor.bytes[2 * i]),
                   high = std::to_integer<unsigned>(tensor.bytes[2 * i + 1]);
        value = std::bit_cast<float>((high << 8 | low) << 16);
      } else {
        const int byte = std::to_integer<int>(tensor.bytes[i]);
        const NamedTensor* scale = file.find(tensor.name + ".scale");
        ASSERT_NE(scale, nullptr) << tensor.name;
        value = (byte < 128 ? byte : byte - 256) * double{scale->numbers<float>()[i / tensor.shape[1]]};
      }
      ASSERT_EQ(value, model.weights()[offset + i]) << tensor.name << " element " << i;
    }
    offset += tensor.shape.size();
  }
  EXPECT_EQ(offset, model.weights().size());
  EXPECT_LT(bytes("reduced").size(), bytes("float32").size());
}

TEST_P(WeightTensors, FloatModelsAreWrittenAsBefore) {
  const Safetensors file = read_safetensors(path("float32"));
  EXPECT_EQ(file.metadata.at("format_version"), "1");
  EXPECT_EQ(file.metadata.count("weights"), 0u);
}

TEST_P(WeightTensors, WeightsThatAreSetAreRounded) {
  Model model = Model::load(path("float32"), GetParam());
  const Model plain = Model::load(path("float32"));
  const std::vector<float> rounded(model.weights().begin(), model.weights().end());
  model.set_weights(plain.weights());
  EXPECT_TRUE(same_bits(model.weights(), std::span<const float>(rounded)));
  model.set_metadata("a", "b");
  EXPECT_EQ(model.weight_format(), GetParam());
}

TEST_P(WeightTensors, AskedForTooLate) {
  Model::load(path("float32"), GetParam()).save(path("reduced"));
  for (const std::string other : {"float32", "bf16", "int8"}) {
    if (other == GetParam()) continue;
    EXPECT_THROW(Model::load(path("reduced"), other), ModelError) << other;
  }
  EXPECT_THROW(load_model<double>(path("reduced")), ModelError);
  EXPECT_THROW(Model::load(path("float32"), "int4"), SettingError);
}

TEST_P(WeightTensors, HostileFiles) {
  const auto says = [&](const auto& change, const std::string& part) {
    const std::string text = refusal(change);
    EXPECT_NE(text.find(part), text.npos) << text << "\nexpected: " << part;
  };
  using File = Safetensors&;
  says([](File) {}, "accepted");
  says([](File f) { f.metadata["weights"] = "int4"; }, "\"int4\"");
  says([](File f) { f.metadata["weights"] = "float32"; }, "should be \"bf16\" or \"int8\"");
  says([](File f) { f.metadata.erase("weights"); }, GetParam() == "bf16" ? "should be F32" : "tensors");
  says([](File f) { f.metadata["format_version"] = "3"; }, "model format 3");
  says([](File f) { f.metadata["format_version"] = "1"; }, "\"weights\" is of format_version 2, found 1");
  says([](File f) { tensor(f, "layers.0.W").dtype = Dtype::u8, tensor(f, "layers.0.W").bytes.resize(144); },
       "\"layers.0.W\" should be " + std::string(GetParam() == "bf16" ? "BF16" : "I8") + ", found U8");
  says([](File f) { tensor(f, "layers.0.b").name = "layers.0.c"; }, "\"layers.0.b\" [48] is missing");
  says([](File f) { f.tensors.push_back(NamedTensor::of("more", {1}, std::span<const float>({0.0f}))); },
       "tensors, but");
  if (GetParam() == "bf16") {
    for (const unsigned bits : {0x7F80u, 0x7FC0u})
      says(
          [bits](File f) {
            tensor(f, "layers.0.R").bytes[6] = std::byte(bits & 0xFF);
            tensor(f, "layers.0.R").bytes[7] = std::byte(bits >> 8);
          },
          "\"layers.0.R\", element 3: a weight must be finite");
    return;
  }
  const auto scale = [](float value) {
    return [value](File f) {
      std::memcpy(tensor(f, "layers.0.R.scale").bytes.data() + 4, &value, sizeof(value));
    };
  };
  using Limits = std::numeric_limits<float>;
  for (const float value :
       {Limits::quiet_NaN(), Limits::infinity(), -0.01f, 0.0f, -0.0f, 1e-40f, 0.1f, Limits::max()})
    says(scale(value), "\"layers.0.R.scale\", element 1");
  const auto lowest = [](File f) { tensor(f, "layers.0.R").bytes[12 + 5] = std::byte(0x80); };
  says(lowest, "\"layers.0.R\", element 17: found -128, expected -127 to 127");
  // -128 times the largest scale that there may be is no finite float.
  const float largest = kernels::int8_scale(Limits::max());
  says([&](File f) { lowest(f), scale(largest)(f); }, "\"layers.0.R\", element 17: found -128");
  says([](File f) { tensor(f, "layers.0.R.scale").name = "layers.0.R.scales"; }, "[48] is missing");
  says(
      [](File f) {
        tensor(f, "layers.0.R.scale").shape = {24, 2};
      },
      "\"layers.0.R.scale\" should be [48], found [24, 2]");
  says([](File f) { tensor(f, "layers.0.R.scale").dtype = Dtype::i32; }, "should be F32, found I32");
}

INSTANTIATE_TEST_SUITE_P(Formats, WeightTensors, ::testing::Values("bf16", "int8"),
                         [](const auto& of) { return of.param; });

}  // namespace
}  // namespace carousel
