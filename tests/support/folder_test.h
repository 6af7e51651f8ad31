// Tests that write files: each has a folder of its own, which is removed afterwards.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/file.h"

namespace carousel::testing {

class FolderTest : public ::testing::Test {
 protected:
  FolderTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "carousel_XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder " + pattern);
    folder_ = pattern;
  }
  ~FolderTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  /// Writes a file; its path.
  std::string write(const std::string& name, const std::string& text) const {
    write_file(folder_ / name, text);
    return path(name);
  }
  std::string bytes(const std::string& name) const { return read_file(folder_ / name, std::size_t{1} << 26); }

  std::filesystem::path folder_;
};

}  // namespace carousel::testing
