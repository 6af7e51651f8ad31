// Writes the sample reports into a folder, for look.py to open in a browser.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "report/sample_runs.h"

namespace {

/// A text of 60 letters, coloured in one of two ways.
carousel::report::Report text_page() {
  using namespace carousel::report;
  ChoiceText text{"layer 1",
                  "Blue is open.",
                  "units",
                  {},
                  {"input gate", "forget gate"},
                  {{"mean of all", {}}, {"unit 7", {}}}};
  for (int i = 0; i < 60; ++i) text.pieces.emplace_back(1, "abc< \n"[i % 6]);
  for (int i = 0; i < 120; ++i) {
    text.choices[0].values.push_back(i / 119.0);
    text.choices[1].values.push_back(-i / 119.0);
  }
  return {"texts", "", std::nullopt, {{"gates", {}, {}, {}, {}, {text}}}};
}

}  // namespace

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
  std::ofstream file(folder / "texts.html", std::ios::binary);
  file << render(text_page());
  return file.flush() ? 0 : 1;
}
