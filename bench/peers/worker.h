// The protocol between compare.py and a program that runs one of the engines compared. On standard input:
//
//   load DIRECTION CELL B T F H LAYERS DIRECTIONS THREADS FOLDER     CELL lstm | gru
//   run REPEATS
//   result FILE
//
// and one line of answer to each on standard output: "ok"; the median seconds of one pass; "ok"; or "cannot
// REASON" to any. FOLDER holds raw float32: x [T, B, F], dy [T, B, DIRECTIONS * H], and weights, for each
// layer and direction W [G H, F], R [G H, H], b [G H], gates in the order i, f, g, o; for a GRU, whose gates
// are in the order z, r, n, also the bias of n that is reset, [H].
//
// DIRECTION inference: a pass is the outputs for x. stream: the same, but each step on its own, as if the
// next were not known yet. training: forward, then backward from dy to weights and inputs. characters: one
// update of a whole model, an embedding of 65 symbols in F values, LAYERS of H, a dense layer of 65 outputs,
// cross-entropy of their softmax, Adam with a rate of 0.002. Then x and dy are numbers of symbols, [T, B]:
// what is read, and what comes next; weights begin with those of the embedding [65, F] and end with the dense
// layer's, W [65, H] and b [65].
//
// FILE receives what the last pass computed, raw float32, from every engine in this layout. inference,
// stream: y [T, B, DIRECTIONS * H]. training: dx [T, B, F], then the weights' gradient in the layout of the
// weights. characters: the loss before the update, then the weights after it.
//
// A worker may know variants of its own: VARIANT-DIRECTION, "bf16-inference". And "call", which measures what
// is no engine and reads no files here.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
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
  std::string variant, direction, cell;  // variant: often empty
  std::size_t B = 0, T = 0, F = 0, H = 0, layers = 0, directions = 0, threads = 0;
  std::vector<float> x, dy, weights;
  static constexpr std::size_t symbols = 65;
  static constexpr double rate = 0.002;

  std::size_t gates() const { return cell == "gru" ? 3 : 4; }
  /// Values of all biases of a layer and direction.
  std::size_t biases() const { return 4 * H; }
  bool for_engines() const { return forward_only() || direction == "training" || whole_model(); }
  bool forward_only() const { return direction == "inference" || direction == "stream"; }
  bool whole_model() const { return direction == "characters"; }
  /// Values of all weights.
  std::size_t weight_count() const {
    std::size_t count = whole_model() ? symbols * (F + H + 1) : 0;
    for (std::size_t layer = 0; layer < layers; ++layer)
      count += directions * (gates() * H * ((layer == 0 ? F : directions * H) + H) + biases());
    return count;
  }
};

/// One engine, set up for one work.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual void run() = 0;
  /// Of the last run, in the layout that is the same for every engine.
  virtual std::vector<float> result() const = 0;
};

/// The `count` values of a file; `shape` is for the message where it holds more or fewer.
inline std::vector<float> read_floats(const std::string& path, std::size_t count, const std::string& shape) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  const auto bytes = static_cast<std::size_t>(file.tellg());
  if (bytes != count * sizeof(float))
    throw std::runtime_error(path + ": expected " + shape + ", " + std::to_string(count * sizeof(float)) +
                             " bytes, got " + std::to_string(bytes));
  std::vector<float> values(count);
  file.seekg(0);
  if (!file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(bytes)))
    throw std::runtime_error(path + ": cannot be read");
  return values;
}

inline void write_floats(const std::string& path, std::span<const float> values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size_bytes()));
  file.close();
  if (!file) throw std::runtime_error(path + ": cannot be written");
}

inline Work read_work(std::istream& line) {
  Work work;
  std::string folder;
  line >> work.direction >> work.cell >> work.B >> work.T >> work.F >> work.H >> work.layers >>
      work.directions >> work.threads >> folder;
  if (!line || (work.cell != "lstm" && work.cell != "gru"))
    throw std::runtime_error(
        "load: expected DIRECTION lstm|gru B T F H LAYERS DIRECTIONS THREADS FOLDER after it");
  if (const std::size_t end = work.direction.find('-'); end != std::string::npos) {
    work.variant = work.direction.substr(0, end);
    work.direction.erase(0, end + 1);
  }
  if (!work.for_engines()) return work;
  const std::size_t steps = work.T * work.B;
  if (work.whole_model()) {
    work.x = read_floats(folder + "/x.f32", steps, "x [T, B]");
    work.dy = read_floats(folder + "/dy.f32", steps, "dy [T, B]");
  } else {
    work.x = read_floats(folder + "/x.f32", steps * work.F, "x [T, B, F]");
    work.dy = read_floats(folder + "/dy.f32", steps * work.directions * work.H, "dy [T, B, DIRECTIONS * H]");
  }
  work.weights = read_floats(folder + "/weights.f32", work.weight_count(), "the weights of " + work.cell);
  return work;
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

using Make = std::function<std::unique_ptr<Engine>(const Work&)>;

/// Does what a line asks for and returns the answer.
inline std::string answer(std::istream& line, std::unique_ptr<Engine>& engine, const Make& make) {
  std::string command;
  line >> command;
  if (command == "load") {
    engine.reset();
    engine = make(read_work(line));
    return "ok";
  }
  if (!engine) throw std::runtime_error(command + ": nothing is loaded");
  if (command == "run") {
    std::size_t repeats = 0;
    if (!(line >> repeats) || repeats == 0) throw std::runtime_error("run: expected REPEATS after it");
    std::ostringstream seconds;
    seconds << median_seconds(*engine, repeats);
    return seconds.str();
  }
  if (command == "result") {
    std::string path;
    line >> path;
    write_floats(path, engine->result());
    return "ok";
  }
  throw std::runtime_error("expected load, run or result, got " + command);
}

/// Answers until the input ends.
inline int serve(const Make& make) {
  std::unique_ptr<Engine> engine;
  for (std::string text; std::getline(std::cin, text);) {
    std::istringstream line(text);
    try {
      std::cout << answer(line, engine, make) << std::endl;
    } catch (const std::exception& error) {
      std::cout << "cannot " << error.what() << std::endl;
    }
  }
  return 0;
}

}  // namespace peers
