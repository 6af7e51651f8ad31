#include "model/safetensors.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <numeric>

#include "base/file.h"

namespace carousel {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <class T>
std::vector<T> copy_of(std::span<const T> numbers) {
  return {numbers.begin(), numbers.end()};
}

std::string error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// The format by hand: length, header, data.
std::string file(const std::string& header, const std::string& data) {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(header.size() >> (8 * i) & 0xff);
  return bytes + header + data;
}

Safetensors example() {
  Safetensors contents;
  contents.metadata = {{"spec", "lstm 2, dense 1"}, {"name", "Wörter \"in\"\nZeilen"}};
  contents.tensors.push_back(
      NamedTensor::of<float>("layers.0.w", Shape{2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6.5f}));
  contents.tensors.push_back(NamedTensor::of<double>("loss", Shape{}, std::vector<double>{0.1}));
  contents.tensors.push_back(
      NamedTensor::of<std::uint8_t>("random", Shape{3}, std::vector<std::uint8_t>{7, 8, 255}));
  contents.tensors.push_back(NamedTensor::of<std::int64_t>("step", Shape{1}, std::vector<std::int64_t>{-3}));
  contents.tensors.push_back(NamedTensor::of<float>("empty", Shape{0, 4}, std::vector<float>{}));
  return contents;
}

TEST(Safetensors, ReadsAFileMadeByHand) {
  // 1.0f = 0x3f800000, -2.0f = 0xc0000000; a BF16 1.0 is 0x3f80.
  const std::string data("\x80\x3f\0\0\x80\x3f\0\0\0\xc0", 10);
  const Safetensors read = parse_safetensors(
      file(R"({"b":{"dtype":"F32","shape":[2,1],"data_offsets":[2,10]}, "__metadata__" : {"format":"pt"},
               "a":{"data_offsets":[0,2],"shape":[],"dtype":"BF16"}}   )",
           data),
      "hand");
  ASSERT_EQ(read.tensors.size(), 2u);
  EXPECT_EQ(read.tensors[0].name, "b");
  EXPECT_EQ(read.tensors[0].shape, (Shape{2, 1}));
  EXPECT_THAT(copy_of(read.find("b")->numbers<float>()), ElementsAre(1.0f, -2.0f));
  EXPECT_EQ(read.tensors[1].dtype, Dtype::bf16);
  EXPECT_EQ(read.tensors[1].shape, Shape{});
  EXPECT_THAT(read.tensors[1].bytes, ElementsAre(std::byte{0x80}, std::byte{0x3f}));
  EXPECT_EQ(read.metadata.at("format"), "pt");
  EXPECT_EQ(read.find("c"), nullptr);
}

TEST(Safetensors, ReadsEveryDtype) {
  const std::vector<std::pair<std::string, std::size_t>> dtypes = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"U16", 2}, {"I16", 2}, {"F16", 2}, {"BF16", 2},
      {"U32", 4},  {"I32", 4}, {"F32", 4}, {"U64", 8}, {"I64", 8}, {"F64", 8}};
  for (const auto& [text, size] : dtypes) {
    const std::string header = R"({"x":{"dtype":")" + text + R"(","shape":[3],"data_offsets":[0,)" +
                               std::to_string(3 * size) + "]}}";
    const Safetensors read = parse_safetensors(file(header, std::string(3 * size, 'x')), text);
    EXPECT_EQ(name(read.tensors.at(0).dtype), text);
    EXPECT_EQ(size_bytes(read.tensors.at(0).dtype), size);
    EXPECT_EQ(read.tensors.at(0).bytes.size(), 3 * size);
  }
}

TEST(Safetensors, ReadsAFileWithoutTensors) {
  EXPECT_THAT(parse_safetensors(file("{}", ""), "none").tensors, IsEmpty());
}

TEST(Safetensors, WritesTheseBytes) {
  Safetensors contents;
  contents.metadata["k"] = "v";
  contents.tensors.push_back(NamedTensor::of<float>("a", Shape{1}, std::vector<float>{1}));
  contents.tensors.push_back(NamedTensor::of<double>("b", Shape{1, 1}, std::vector<double>{-2}));
  std::string header = R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},)"
                       R"("b":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]}})";
  header.append((64 - (8 + header.size()) % 64) % 64, ' ');
  EXPECT_EQ(serialize_safetensors(contents), file(header, std::string("\0\0\0\0\0\0\0\xc0\0\0\x80\x3f", 12)));
}

TEST(Safetensors, SurvivesTheWayThroughBytes) {
  const Safetensors contents = example();
  const std::string bytes = serialize_safetensors(contents);
  const Safetensors read = parse_safetensors(bytes, "example");
  EXPECT_EQ(read, contents);
  EXPECT_EQ(serialize_safetensors(read), bytes);
  EXPECT_EQ(parse_safetensors(serialize_safetensors({}), "none"), Safetensors{});
}

TEST(Safetensors, AlignsTheData) {
  for (std::size_t length = 0; length < 130; ++length) {
    Safetensors contents = example();
    contents.metadata["pad"] = std::string(length, 'x');
    const std::string bytes = serialize_safetensors(contents);
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), 8);
    EXPECT_EQ((8 + header) % 64, 0u);
  }
}

TEST(Safetensors, KeepsEveryBitOfANumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> numbers = {nan, -nan, -0.0f, 1e-45f, std::numeric_limits<float>::infinity()};
  Safetensors contents;
  contents.tensors.push_back(NamedTensor::of<float>("w", Shape{5}, numbers));
  const Safetensors read = parse_safetensors(serialize_safetensors(contents), "nan");
  EXPECT_EQ(std::memcmp(read.tensors[0].bytes.data(), numbers.data(), 20), 0);
}

TEST(Safetensors, RefusesToWriteWhatCouldNotBeRead) {
  Safetensors twice = example();
  twice.tensors.push_back(twice.tensors[0]);
  EXPECT_THAT(error_of([&] { serialize_safetensors(twice); }),
              HasSubstr("tensor name \"layers.0.w\" is taken"));
  Safetensors reserved = example();
  reserved.tensors[0].name = "__metadata__";
  EXPECT_THAT(error_of([&] { serialize_safetensors(reserved); }), HasSubstr("\"__metadata__\" is taken"));
  Safetensors bytes = example();
  bytes.tensors[0].bytes.pop_back();
  EXPECT_THAT(error_of([&] { serialize_safetensors(bytes); }),
              HasSubstr("tensor \"layers.0.w\" has 23 bytes, expected F32 [2, 3]"));
  Safetensors text = example();
  text.metadata["name"] = "\xff";
  EXPECT_THAT(error_of([&] { serialize_safetensors(text); }), HasSubstr("not UTF-8"));
  EXPECT_THAT(error_of([&] { NamedTensor::of<float>("w", Shape{2}, std::vector<float>{1}); }),
              HasSubstr("tensor \"w\": 1 numbers, expected 2 for [2]"));
}

TEST(Safetensors, RefusesAnotherDtype) {
  const Safetensors contents = example();
  EXPECT_EQ(error_of([&] { contents.find("loss")->numbers<float>(); }),
            "tensor \"loss\": dtype is F64, expected F32");
}

// The header is the part that an attacker can make expensive; its tensors and names are many and small here.
TEST(Safetensors, ReadsManySmallTensors) {
  Safetensors contents;
  for (int i = 0; i < 20000; ++i)
    contents.tensors.push_back(
        NamedTensor::of<std::uint8_t>(std::to_string(i), Shape{1}, std::vector<std::uint8_t>{1}));
  EXPECT_EQ(parse_safetensors(serialize_safetensors(contents), "many"), contents);
}

class SafetensorsFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "carousel_safetensors_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(SafetensorsFile, IsWrittenAndRead) {
  const fs::path path = folder_ / "model.safetensors";
  write_safetensors(path, example());
  EXPECT_EQ(read_safetensors(path), example());
  EXPECT_EQ(read_file(path, 1 << 20), serialize_safetensors(example()));
  EXPECT_THAT(error_of([&] { read_safetensors(folder_ / "none"); }),
              AllOf(HasSubstr("none"), HasSubstr("no such file")));
}

// Another program's idea of the format: Python, written from the published description.
TEST_F(SafetensorsFile, IsReadByPython) {
  const fs::path path = folder_ / "model.safetensors";
  write_safetensors(path, example());
  const std::string command =
      "python3 '" CAROUSEL_TESTS_FOLDER "/support/print_safetensors.py' '" + path.string() + "'";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string printed;
  for (int c; (c = std::fgetc(pipe)) != EOF;) printed += static_cast<char>(c);
  EXPECT_EQ(::pclose(pipe), 0);
  EXPECT_EQ(printed,
            "metadata name 'Wörter \"in\"\\nZeilen'\n"
            "metadata spec 'lstm 2, dense 1'\n"
            "tensor layers.0.w F32 [2, 3] [1.0, 2.0, 3.0, 4.0, 5.0, 6.5]\n"
            "tensor loss F64 [] [0.1]\n"
            "tensor random U8 [3] [7, 8, 255]\n"
            "tensor step I64 [1] [-3]\n"
            "tensor empty F32 [0, 4] []\n");
}

}  // namespace
}  // namespace carousel
