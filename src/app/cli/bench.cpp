// carousel bench
#include <carousel/error.h>
#include <carousel/version.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <new>
#include <nlohmann/json.hpp>

#include "app/cli/arguments.h"
#include "app/cli/interrupt.h"
#include "app/cli/live_line.h"
#include "app/cli/output.h"
#include "app/cli/text_table.h"
#include "base/counted.h"
#include "tasks/benchmark.h"

namespace carousel::cli {

namespace {

using nlohmann::ordered_json;

constexpr std::uint64_t kMaxSeconds = 86400;

/// What stands on standard error meanwhile, and how Ctrl-C gets to the measurements.
class BenchView : public BenchmarkSink {
 public:
  BenchView(bool quiet, double seconds) : quiet_(quiet) {
    if (!quiet_ && !line_.terminal().is_terminal())
      write_message(fmt::format("measuring for about {:g} s\n", seconds));
  }
  void on_measured(double fraction, double seconds) override {
    if (quiet_ || !line_.terminal().is_terminal()) return;
    ProgressRecord record;
    record.fraction = fraction;
    record.seconds = seconds;
    line_.draw(record, ProgressRecord::kNotMeasured);
  }
  bool should_stop() override { return InterruptGuard::signal() != 0; }

 private:
  LiveLine line_;
  bool quiet_;
};

const char* kind_text(BenchmarkWork::Kind kind) {
  switch (kind) {
    case BenchmarkWork::Kind::inference:
      return "inference";
    case BenchmarkWork::Kind::training:
      return "training";
    case BenchmarkWork::Kind::step:
      return "step";
  }
  return "";
}

ordered_json limits_json(std::size_t threads, const MachineLimits& limits) {
  ordered_json json = {{"threads", threads}, {"gflop_per_s", limits.operations_per_second * 1e-9}};
  json["read"] = ordered_json::array();
  for (const MemoryLevel& level : limits.levels)
    json["read"].push_back({{"from", level.name},
                            {"bytes_per_thread", level.read_bytes},
                            {"gb_per_s", level.bytes_per_second * 1e-9}});
  return json;
}

ordered_json figures_json(const BenchmarkFigures& figures) {
  const BenchmarkWork& work = figures.work;
  ordered_json json;
  json["work"] = kind_text(work.kind);
  json["B"] = work.B;
  json["T"] = work.T;
  json["F"] = work.F;
  json["layers"] = work.layers;
  json["threads"] = figures.threads;
  json["schedule"] = figures.schedule.empty() ? ordered_json() : ordered_json(figures.schedule);
  json["gflop"] = figures.operations * 1e-9;
  json["time_ms"] = figures.seconds * 1e3;
  json["gflop_per_s"] = figures.operations / figures.seconds * 1e-9;
  json["share_of_limit"] = figures.share_of_limit;
  json["steps_per_s"] = static_cast<double>(work.steps()) / figures.seconds;
  return json;
}

ordered_json bench_json(const Benchmark& benchmark) {
  ordered_json json;
  json["version"] = kVersion;
  json["processor"] = benchmark.processor;
  json["processors"] = benchmark.processors;
  json["kernels"] = benchmark.kernels;
  json["caches_known"] = benchmark.caches_known;
  json["rounds"] = benchmark.rounds;
  json["limits"] = ordered_json::array();
  for (std::size_t i = 0; i < benchmark.threads.size(); ++i)
    json["limits"].push_back(limits_json(benchmark.threads[i], benchmark.limits[i]));
  json["works"] = ordered_json::array();
  for (const BenchmarkFigures& figures : benchmark.works) json["works"].push_back(figures_json(figures));
  return json;
}

std::string threads_text(std::size_t threads) {
  return fmt::format("{} thread{}", grouped(threads), threads == 1 ? "" : "s");
}

/// A limit a row, a number of threads a column; "-" where so many threads have no such level.
TextTable limits_table(const Benchmark& benchmark) {
  TextTable table{{""}, {{{"multiply-adds, GFLOP/s"}}}};
  for (const MemoryLevel& level : benchmark.limits.front().levels)
    table.rows.push_back({{fmt::format("reading {}, GB/s", level.name)}});
  for (std::size_t i = 0; i < benchmark.threads.size(); ++i) {
    const MachineLimits& limits = benchmark.limits[i];
    table.header.push_back(threads_text(benchmark.threads[i]));
    table.rows[0].push_back({short_number(limits.operations_per_second * 1e-9)});
    for (std::size_t k = 1; k < table.rows.size(); ++k) {
      const std::string& name = benchmark.limits.front().levels[k - 1].name;
      const auto level = std::ranges::find(limits.levels, name, &MemoryLevel::name);
      table.rows[k].push_back(
          {level == limits.levels.end() ? "-" : short_number(level->bytes_per_second * 1e-9)});
    }
  }
  return table;
}

/// All that tells a row from the others, for on a narrow terminal the numbers stand in several blocks.
std::string work_name(const BenchmarkFigures& figures) {
  const BenchmarkWork& work = figures.work;
  if (work.kind == BenchmarkWork::Kind::step) return work.layers;
  return fmt::format("{}x{}x{}; {}; {}{}", work.B, work.T, work.F, work.layers, grouped(figures.threads),
                     figures.schedule.empty() ? "" : " " + figures.schedule);
}

TextTable works_table(const Benchmark& benchmark, BenchmarkWork::Kind kind) {
  const bool step = kind == BenchmarkWork::Kind::step;
  TextTable table{
      {step ? "" : "BxTxF; layers; threads", step ? "ns" : "ms", "GFLOP/s", "of limit", "steps/s"}, {}};
  for (const BenchmarkFigures& figures : benchmark.works) {
    if (figures.work.kind != kind) continue;
    table.rows.push_back({{work_name(figures)},
                          {short_number(figures.seconds * (step ? 1e9 : 1e3))},
                          {short_number(figures.operations / figures.seconds * 1e-9)},
                          {fmt::format("{:.0f} %", 100 * figures.share_of_limit)},
                          {short_number(static_cast<double>(figures.work.steps()) / figures.seconds)}});
  }
  return table;
}

std::string bench_text(const Benchmark& benchmark) {
  const Terminal terminal(1);
  const std::size_t width = terminal.columns();
  const auto part = [&](const char* heading, const TextTable& table) {
    return '\n' + styled(heading, Style::bold, terminal.colours()) + '\n' + to_text(table, width, false);
  };
  using Kind = BenchmarkWork::Kind;
  std::string out = fmt::format(
      "carousel {}, {} on {}, {}; medians of {} round{}", kVersion, benchmark.kernels,
      one_line(benchmark.processor),
      benchmark.processors == 1 ? "1 processor" : fmt::format("{} processors", benchmark.processors),
      grouped(benchmark.rounds), benchmark.rounds == 1 ? "" : "s");
  if (!benchmark.caches_known) out += "; the sizes of caches are assumed, for the system does not tell them";
  out = wrapped(out, 0, width) + '\n';
  out += part("Limits of this machine", limits_table(benchmark));
  out += part("Inference", works_table(benchmark, Kind::inference));
  out += part("Training: forward and backward", works_table(benchmark, Kind::training));
  return out + part("One step of a stream", works_table(benchmark, Kind::step));
}

int bench(double seconds, const Common& common) {
  const InterruptGuard guard("this measurement");
  const Benchmark benchmark = [&] {
    BenchView view(common.quiet, seconds);
    try {
      return run_benchmark({seconds, common.threads}, view);
    } catch (const std::bad_alloc&) {
      throw Error("not enough memory to measure so many threads; try fewer --threads");
    }
  }();
  if (benchmark.rounds > 0)
    write_result(common.json ? json_line(bench_json(benchmark)) : bench_text(benchmark));
  const int signal = InterruptGuard::signal();
  if (benchmark.rounds == 0) write_message("stopped before everything was measured once: no result\n");
  return signal == 0 ? kDone : 128 + signal;
}

}  // namespace

void add_bench(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  const auto seconds = std::make_shared<double>(60);
  CLI::App* parser =
      add_parser(program, "bench", "measures how near this machine's own limits networks run", *common);
  add_value(*parser, "--seconds", "N", "time to measure for; everything is measured at least once", "60",
            [seconds](const std::string& text) {
              *seconds = static_cast<double>(parse_count("--seconds", text, 1, kMaxSeconds));
            })
      ->group("Measuring");
  parser->get_option("--threads")
      ->description(
          "threads to measure, beside one; each reads 32 MiB of its own, or more where caches are large");
  parser->remove_option(parser->get_option("--seed"));  // nothing is random
  set_examples(*parser, {"carousel bench", "carousel bench --seconds 5 --threads 2 --json"});
  commands.push_back({parser, common, [seconds, common] { return bench(*seconds, *common); }});
}

}  // namespace carousel::cli
