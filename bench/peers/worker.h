// The protocol between compare.py and a program that runs one of the engines compared. On standard input:
//
//   load DIRECTION CELL B T F H LAYERS DIRECTIONS THREADS FOLDER     DIRECTION inference | training |
//   characters run REPEATS
//
// and one line of answer to each on standard output: "ok", "cannot REASON"; "SECONDS CHECKSUM", the median
// time of one pass and the mean absolute value of the outputs (training: of the weight gradient). FOLDER
// holds raw float32: x [T, B, F], dy [T, B, DIRECTIONS * H], and weights, for each layer and direction W [G
// H, F], R [G H, H], b [G H], and for a GRU, whose gates are in the order z, r, n, the bias of n that is
// reset, [H].
//
// characters is the training of a whole model: an embedding of 65 symbols in F values, LAYERS of H, a dense
// layer of 65 outputs, cross-entropy of their softmax, Adam with a rate of 0.002. A pass is one update; the
// checksum is the loss before it. Then x and dy are numbers of symbols, [T, B]: what is read, and what comes
// next; weights begin with those of the embedding [65, F] and end with the dense layer's, W [65, H] and b
// [65].
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace peers {

struct Work {
  std::string direction, cell;
  std::size_t B = 0, T = 0, F = 0, H = 0, layers = 0, directions = 0, threads = 0;
  std::vector<float> x, dy, weights;
  static constexpr std::size_t symbols = 65;
  static constexpr double rate = 0.002;

  std::size_t gates() const { return cell == "gru" ? 3 : 4; }
  /// Values of all biases of a layer and direction.
  std::size_t biases() const { return 4 * H; }
};

/// One engine, set up for one work.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual void run() = 0;
  /// Of the last run.
  virtual std::span<const float> result() const = 0;
};

inline std::vector<float> read_floats(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  std::vector<float> values(static_cast<std::size_t>(file.tellg()) / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(float)));
  return values;
}

inline Work read_work(std::istream& line) {
  Work work;
  std::string folder;
  line >> work.direction >> work.cell >> work.B >> work.T >> work.F >> work.H >> work.layers >>
      work.directions >> work.threads >> folder;
  work.x = read_floats(folder + "/x.f32");
  work.dy = read_floats(folder + "/dy.f32");
  work.weights = read_floats(folder + "/weights.f32");
  return work;
}

inline double mean_absolute(std::span<const float> values) {
  double sum = 0;
  for (const float v : values) sum += std::abs(static_cast<double>(v));
  return sum / static_cast<double>(values.size());
}

inline double median_seconds(Engine& engine, std::size_t repeats) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> seconds(repeats);
  for (double& s : seconds) {
    const Clock::time_point begin = Clock::now();
    engine.run();
    s = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  std::ranges::nth_element(seconds, seconds.begin() + static_cast<std::ptrdiff_t>(repeats / 2));
  return seconds[repeats / 2];
}

/// Answers until the input ends.
inline int serve(const std::function<std::unique_ptr<Engine>(const Work&)>& make) {
  std::unique_ptr<Engine> engine;
  for (std::string text; std::getline(std::cin, text);) {
    std::istringstream line(text);
    std::string command;
    line >> command;
    try {
      if (command == "load") {
        engine.reset();
        engine = make(read_work(line));
        std::cout << "ok" << std::endl;
      } else {
        std::size_t repeats = 1;
        line >> repeats;
        const double seconds = median_seconds(*engine, repeats);
        std::printf("%.9g %.9g\n", seconds, mean_absolute(engine->result()));
        std::fflush(stdout);
      }
    } catch (const std::exception& error) {
      std::cout << "cannot " << error.what() << std::endl;
    }
  }
  return 0;
}

}  // namespace peers
