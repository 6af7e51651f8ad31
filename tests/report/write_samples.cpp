// Writes the sample reports into a folder, for look.py to open in a browser.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "report/sample_runs.h"

int main(int argc, char** argv) {
  using namespace carousel::report;
  if (argc != 2) {
    std::cerr << "usage: write_samples FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  const std::pair<const char*, ForecastRun> runs[] = {{"full.html", full_run()},
                                                      {"bare.html", bare_run()},
                                                      {"hostile.html", hostile_run()},
                                                      {"large.html", large_run()}};
  for (const auto& [name, run] : runs) {
    std::ofstream file(folder / name, std::ios::binary);
    file << render(forecast_report(run));
    if (!file.flush()) return 1;
  }
}
