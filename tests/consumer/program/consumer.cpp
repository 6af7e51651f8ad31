// A stranger's program: only installed headers, only the installed library.
#include <carousel/error.h>
#include <carousel/version.h>

#include <cstdio>
#include <string>

int main() {
  const std::string version = std::to_string(CAROUSEL_VERSION_MAJOR) + "." +
                              std::to_string(CAROUSEL_VERSION_MINOR) + "." +
                              std::to_string(CAROUSEL_VERSION_PATCH);
  if (version != carousel::kVersion) return 1;
  try {
    throw carousel::DataError("example");
  } catch (const carousel::Error& error) {
    if (std::string(error.what()) != "example") return 1;
  }
  std::printf("carousel %s\n", carousel::kVersion);
  return 0;
}
