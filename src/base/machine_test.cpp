#include "base/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace carousel {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::FieldsAre;

class Machine : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "carousel_machine_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  void put(const fs::path& path, const std::string& text) {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << text << '\n';
  }
  void put_cache(const std::string& index, const std::string& level, const std::string& type,
                 const std::string& size, const std::string& processors) {
    put(fs::path(index) / "level", level);
    put(fs::path(index) / "type", type);
    put(fs::path(index) / "size", size);
    put(fs::path(index) / "shared_cpu_list", processors);
  }

  fs::path folder_;
};

TEST_F(Machine, CachesOfSysfs) {
  put_cache("index0", "1", "Data", "48K", "0,64");
  put_cache("index1", "1", "Instruction", "32K", "0,64");
  put_cache("index2", "3", "Unified", "105M", "0-31,64-95");
  put_cache("index3", "2", "Unified", "2048K", "0");
  EXPECT_THAT(data_caches(folder_), ElementsAre(FieldsAre(1u, 48u << 10, 2u), FieldsAre(2u, 2u << 20, 1u),
                                                FieldsAre(3u, std::size_t{105} << 20, 64u)));
}

TEST_F(Machine, EntriesWithoutASizeAreLeftOut) {
  put_cache("index0", "1", "Data", "64K", "");
  put_cache("index1", "2", "Unified", "", "0");
  put_cache("index2", "3", "Unified", "many", "0");
  EXPECT_THAT(data_caches(folder_), ElementsAre(FieldsAre(1u, 64u << 10, 1u)));
}

TEST_F(Machine, WhateverThisSystemTellsIsUsable) {
  for (const fs::path& sysfs : {folder_, fs::path("/sys/devices/system/cpu/cpu0/cache")}) {
    std::size_t level = 0;
    for (const Cache& cache : data_caches(sysfs)) {
      EXPECT_GT(cache.level, level);
      EXPECT_GT(cache.bytes, 0u);
      EXPECT_GE(cache.shared_by, 1u);
      level = cache.level;
    }
  }
}

TEST_F(Machine, ProcessorNameOfCpuinfo) {
  put("cpuinfo", "processor\t: 0\nvendor_id\t: Some\nmodel name\t: Some CPU: 8 x 2 GHz\nmodel name\t: Other");
  EXPECT_EQ(processor_name(folder_ / "cpuinfo"), "Some CPU: 8 x 2 GHz");
}

TEST_F(Machine, ProcessorWithoutANameIsCalledByItsInstructionSet) {
  put("cpuinfo", "processor\t: 0\nBogoMIPS\t: 50.00");
  for (const char* file : {"cpuinfo", "missing"}) {
    const std::string name = processor_name(folder_ / file);
    EXPECT_FALSE(name.empty());
    EXPECT_EQ(name, processor_name("/nowhere"));
  }
}

}  // namespace
}  // namespace carousel
