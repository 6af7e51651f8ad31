#include "data/hdf5.h"

#include <gmock/gmock.h>
#include <hdf5.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "carousel/error.h"

namespace carousel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

auto refused(const std::string& message) { return testing::ThrowsMessage<DataError>(HasSubstr(message)); }

/// A file made through the library itself, gone after the test.
class Hdf5File {
 public:
  explicit Hdf5File(const std::string& name)
      : path_(testing::TempDir() + "carousel_" + name + ".h5"),
        file_(H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {}
  ~Hdf5File() {
    close();
    std::filesystem::remove(path_);
  }
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;

  void group(const char* name) { H5Gclose(H5Gcreate2(file_, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)); }

  /// Numbers of type `memory` as `stored`; without numbers none are written. Closes `creation`.
  void dataset(const char* name, const std::vector<hsize_t>& extents, hid_t stored, hid_t memory,
               const void* numbers, hid_t creation = H5P_DEFAULT) {
    const hid_t space = extents.empty()
                            ? H5Screate(H5S_SCALAR)
                            : H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
    const hid_t set = H5Dcreate2(file_, name, stored, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    ASSERT_GE(set, 0) << name;
    if (numbers != nullptr) {
      ASSERT_GE(H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers), 0);
    }
    H5Dclose(set);
    H5Sclose(space);
    if (creation != H5P_DEFAULT) H5Pclose(creation);
  }

  hid_t id() const { return file_; }
  /// To be called before reading.
  const std::string& close() {
    if (file_ >= 0) H5Fclose(file_);
    file_ = -1;
    return path_;
  }

 private:
  std::string path_;
  hid_t file_;
};

const std::vector<double> kNumbers = {1, -2.5, 3, 4, 5, 6};

TEST(Hdf5, DatasetsOfEveryType) {
  Hdf5File file("types");
  file.group("train");
  file.dataset("train/x", {2, 3}, H5T_IEEE_F64BE, H5T_NATIVE_DOUBLE, kNumbers.data());
  file.dataset("f4", {3, 2}, H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, kNumbers.data());
  const std::vector<int> whole = {-1, 2, 300};
  file.dataset("i2", {3}, H5T_STD_I16BE, H5T_NATIVE_INT, whole.data());
  file.dataset("scalar", {}, H5T_STD_I64LE, H5T_NATIVE_INT, whole.data() + 2);
  file.dataset("none", {0, 4}, H5T_STD_U8LE, H5T_NATIVE_INT, nullptr);
  const hid_t flag = H5Tenum_create(H5T_NATIVE_INT8);
  const signed char no = 0, yes = 1, flags[] = {1, 0, 1};
  H5Tenum_insert(flag, "FALSE", &no);
  H5Tenum_insert(flag, "TRUE", &yes);
  file.dataset("flags", {3}, flag, flag, flags);
  H5Tclose(flag);
  const std::string& path = file.close();

  EXPECT_THAT(hdf5_datasets(path), ElementsAre("f4", "flags", "i2", "none", "scalar", "train/x"));
  EXPECT_EQ(read_hdf5(path, "train/x"), (Array{Shape{2, 3}, {1, -2.5f, 3, 4, 5, 6}}));
  EXPECT_EQ(read_hdf5(path, "/train/x").shape, (Shape{2, 3}));
  EXPECT_EQ(read_hdf5(path, "f4"), (Array{Shape{3, 2}, {1, -2.5f, 3, 4, 5, 6}}));
  EXPECT_EQ(read_hdf5(path, "i2"), (Array{Shape{3}, {-1, 2, 300}}));
  EXPECT_EQ(read_hdf5(path, "scalar"), (Array{Shape{}, {300}}));
  EXPECT_EQ(read_hdf5(path, "none").shape, (Shape{0, 4}));
  EXPECT_EQ(read_hdf5(path, "flags"), (Array{Shape{3}, {1, 0, 1}}));
}

TEST(Hdf5, CompressedChunks) {
  Hdf5File file("chunks");
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  const hsize_t chunk[] = {64, 64};
  H5Pset_chunk(creation, 2, chunk);
  H5Pset_deflate(creation, 9);
  std::vector<float> numbers(1000 * 700);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i % 11);
  file.dataset("x", {1000, 700}, H5T_NATIVE_FLOAT, H5T_NATIVE_FLOAT, numbers.data(), creation);
  EXPECT_EQ(read_hdf5(file.close(), "x").values, numbers);
}

TEST(Hdf5, AnUnknownNameNamesTheNearest) {
  Hdf5File file("names");
  file.dataset("inputs", {6}, H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, kNumbers.data());
  H5Lcreate_external("/etc/passwd", "/x", file.id(), "elsewhere", H5P_DEFAULT, H5P_DEFAULT);
  const std::string& path = file.close();
  EXPECT_THAT(
      [&] { read_hdf5(path, "input"); },
      testing::ThrowsMessage<SettingError>(HasSubstr("has no dataset 'input'; did you mean 'inputs'")));
  EXPECT_THAT([&] { read_hdf5(path, "elsewhere"); }, testing::Throws<SettingError>());
}

TEST(Hdf5, OtherTypesAreRefused) {
  Hdf5File file("strings");
  const hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, 4);
  file.dataset("text", {1}, text, text, "abc");
  H5Tclose(text);
  EXPECT_THAT([&] { read_hdf5(file.close(), "text"); },
              refused("dataset 'text': found a dataset that is not of"));
}

TEST(Hdf5, ADoubleBeyondAFloatIsRefused) {
  Hdf5File file("large");
  const double large = 1e300;
  file.dataset("x", {1}, H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, &large);
  EXPECT_THAT([&] { read_hdf5(file.close(), "x"); }, refused("dataset 'x', number 1: found 1e+300"));
}

TEST(Hdf5, AbsurdShapesAreRefused) {
  Hdf5File file("absurd");
  const auto chunked = [](std::vector<hsize_t> chunk) {
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
    return creation;
  };
  // Chunks are stored when they are written: these shapes take no room in the file.
  file.dataset("wide", {1u << 31, 1u << 31, 1u << 31}, H5T_NATIVE_FLOAT, 0, nullptr, chunked({1, 1, 1}));
  file.dataset("long", {std::uint64_t{1} << 40}, H5T_NATIVE_FLOAT, 0, nullptr, chunked({1024}));
  file.dataset("short", {100}, H5T_NATIVE_FLOAT, 0, nullptr, chunked({10}));
  file.dataset("axes", {1, 1, 1, 1, 1, 1, 1}, H5T_NATIVE_FLOAT, 0, nullptr);
  const std::string& path = file.close();
  EXPECT_THAT([&] { read_hdf5(path, "wide"); }, refused("more numbers than a file can hold"));
  EXPECT_THAT([&] { read_hdf5(path, "long"); },
              refused("4398046511104 bytes, which the 0 bytes stored cannot hold"));
  EXPECT_THAT([&] { read_hdf5(path, "axes"); }, refused("found 7 axes"));
  EXPECT_EQ(read_hdf5(path, "short").values, std::vector<float>(100)) << "the fill value";
}

TEST(Hdf5, NumbersInOtherFilesAreRefused) {
  Hdf5File file("external");
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_external(creation, "/etc/passwd", 0, 24);
  file.dataset("x", {6}, H5T_NATIVE_FLOAT, 0, nullptr, creation);
  EXPECT_THAT([&] { read_hdf5(file.close(), "x"); }, refused("whose numbers lie in other files"));
}

TEST(Hdf5, CutOffAnywhereIsRefusedOrReadWhole) {
  Hdf5File file("whole");
  file.dataset("x", {2, 3}, H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, kNumbers.data());
  const std::string whole = read_file(file.close(), 1 << 20), path = testing::TempDir() + "carousel_cut.h5";
  testing::internal::CaptureStderr();
  for (std::size_t length = 0; length < whole.size(); length += length < 200 ? 1 : 61) {
    std::ofstream(path, std::ios::binary) << whole.substr(0, length);
    EXPECT_THAT([&] { read_hdf5(path, "x"); }, refused(path)) << length;
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  std::filesystem::remove(path);
  EXPECT_THROW(read_hdf5(path, "x"), FileError);
  EXPECT_THROW(hdf5_datasets(testing::TempDir()), FileError);
}

}  // namespace
}  // namespace carousel
