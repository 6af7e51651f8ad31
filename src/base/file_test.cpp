#include "base/file.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

namespace carousel {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class File : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "carousel_file_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  static void put(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  static std::string get(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(folder_))
      result.push_back(entry.path().filename().string());
    std::sort(result.begin(), result.end());
    return result;
  }

  fs::path folder_;
};

std::string error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

// Runs `work` in a process whose files cannot grow beyond `limit_bytes`, as on a full disk; true if it
// returned true.
bool with_full_disk(rlim_t limit_bytes, const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{limit_bytes, limit_bytes};
    const bool passed = ::setrlimit(RLIMIT_FSIZE, &limit) == 0 && work();
    ::_exit(passed ? 0 : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  return status == 0;
}

TEST_F(File, ReadsWhatIsThere) {
  const std::string bytes("a\0b\r\n\xff", 6);
  put(folder_ / "x", bytes);
  EXPECT_EQ(read_file(folder_ / "x", 6), bytes);
  put(folder_ / "empty", "");
  EXPECT_EQ(read_file(folder_ / "empty", 0), "");
  put(folder_ / "large", std::string(1 << 20, 'x'));
  EXPECT_EQ(read_file(folder_ / "large", 1 << 20), std::string(1 << 20, 'x'));
  // Says that it has 0 bytes, and has some.
  EXPECT_THAT(read_file("/proc/self/status", 1 << 20), HasSubstr("VmPeak"));
}

TEST_F(File, SaysWhyItCannotRead) {
  put(folder_ / "x", "seven b");
  EXPECT_THAT(error_of([&] { read_file(folder_ / "x", 6); }),
              AllOf(HasSubstr((folder_ / "x").string()), HasSubstr("larger than the 6 bytes")));
  EXPECT_THAT(error_of([&] { read_file(folder_ / "none", 6); }),
              AllOf(HasSubstr((folder_ / "none").string()), HasSubstr("no such file")));
  EXPECT_THAT(error_of([&] { read_file(folder_, 6); }), HasSubstr("is a folder, expected a file"));
  EXPECT_THAT(error_of([&] { read_file("/dev/zero", 6); }), HasSubstr("not a regular file"));
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { read_file(folder_ / "pipe", 6); }), HasSubstr("not a regular file"));
}

TEST_F(File, WritesAndReplaces) {
  const fs::path path = folder_ / "model";
  write_file(path, "first");
  EXPECT_EQ(get(path), "first");
  write_file(path, "2nd");
  EXPECT_EQ(get(path), "2nd");
  EXPECT_THAT(names(), ElementsAre("model"));
}

TEST_F(File, ShowsNothingBeforeCommit) {
  const fs::path path = folder_ / "model";
  put(path, "old");
  {
    AtomicFile file(path);
    file.write("ne");
    file.write("w");
    EXPECT_EQ(get(path), "old");
    EXPECT_THAT(names(), ElementsAre(".model.tmp", "model"));
  }
  EXPECT_EQ(get(path), "old");
  EXPECT_THAT(names(), ElementsAre("model"));
}

TEST_F(File, ReplacesWhatAKilledProcessLeft) {
  put(folder_ / ".model.tmp", "half of a mod");
  write_file(folder_ / "model", "whole");
  EXPECT_EQ(get(folder_ / "model"), "whole");
  EXPECT_THAT(names(), ElementsAre("model"));
}

TEST_F(File, KeepsTheOldFileWhenTheDiskIsFull) {
  const fs::path path = folder_ / "model";
  put(path, "old");
  EXPECT_TRUE(with_full_disk(1000, [&] {
    const std::string message = error_of([&] { write_file(path, std::string(5000, 'x')); });
    return message.find(path.string() + ": cannot write: ") == 0;
  }));
  EXPECT_EQ(get(path), "old");
  EXPECT_THAT(names(), ElementsAre("model"));
}

TEST_F(File, SaysWhyItCannotWrite) {
  const fs::path inside = folder_ / "none" / "model";
  EXPECT_THAT(error_of([&] { write_file(inside, "x"); }),
              AllOf(HasSubstr(inside.string()), HasSubstr("no such file or folder")));
  EXPECT_THAT(error_of([&] { write_file(folder_, "x"); }), HasSubstr("is a folder, expected a file name"));
  EXPECT_THAT(error_of([&] { write_file("/dev/null", "x"); }), HasSubstr("not a regular file"));
  put(folder_ / "file", "");
  EXPECT_THAT(error_of([&] { write_file(folder_ / "file" / "x", "x"); }), HasSubstr("cannot write"));
}

TEST_F(File, WritesThroughLinksAndKeepsPermissions) {
  put(folder_ / "model", "old");
  ASSERT_EQ(::chmod((folder_ / "model").c_str(), 0600), 0);
  fs::create_symlink("model", folder_ / "link");
  write_file(folder_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(get(folder_ / "model"), "new");
  EXPECT_EQ(fs::status(folder_ / "model").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(File, AppendsLines) {
  const fs::path log = folder_ / "log.jsonl";
  append_line(log, "one");
  append_line(log, "three");
  EXPECT_EQ(get(log), "one\nthree\n");
}

TEST_F(File, LeavesNoPartOfALineThatDidNotFit) {
  const fs::path log = folder_ / "log.jsonl";
  append_line(log, "one");
  EXPECT_TRUE(with_full_disk(10, [&] {
    return error_of([&] { append_line(log, "too long for this disk"); }).find("cannot append") !=
           std::string::npos;
  }));
  EXPECT_EQ(get(log), "one\n");
}

}  // namespace
}  // namespace carousel
