// carousel lab list, carousel lab run NAME...
#include <carousel/error.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/cli/arguments.h"
#include "app/cli/interrupt.h"
#include "app/cli/live_line.h"
#include "app/cli/option_group.h"
#include "app/cli/output.h"
#include "app/cli/text_table.h"
#include "base/file.h"
#include "lab/laboratory.h"
#include "lab/page.h"

namespace carousel::cli {

namespace {

using lab::Experiment;
using lab::Result;
using nlohmann::ordered_json;

struct LabOptions {
  std::vector<std::string> names;
  lab::RunPlan plan;
  bool again = false;
  std::string page = "docs/lab.md";

  /// Folder of results and pictures: the page's name without its ending.
  std::string folder() const { return std::filesystem::path(page).replace_extension().string(); }
};

/// What stands on standard error meanwhile; keeps each seed's result as soon as it is there.
class LabView : public lab::LabSink {
 public:
  LabView(const Experiment& experiment, const LabOptions& options, Result so_far, bool quiet)
      : experiment_(experiment),
        options_(options),
        so_far_(std::move(so_far)),
        guard_("this step"),
        quiet_(quiet) {
    if (!quiet_) write_message(fmt::format("{}: {}\n", experiment.name, experiment.what));
  }
  void on_progress(double done, double seconds) override {
    if (quiet_ || !line_.terminal().is_terminal()) return;
    ProgressRecord record;
    record.fraction = done;
    record.seconds = seconds;
    line_.draw(record, ProgressRecord::kNotMeasured);
  }
  void on_seed(const lab::SeedResult& seed) override {
    if (seed.complete) {
      so_far_.seeds.push_back(seed);
      std::ranges::sort(so_far_.seeds, {}, &lab::SeedResult::seed);
      save_result(so_far_, options_.folder());
    }
    if (quiet_ || line_.terminal().is_terminal()) return;
    write_message(fmt::format("seed {}: {} after {} sequences, {} {}, {:.3g} s\n", seed.seed,
                              seed.outcome.met ? "met" : "not met", seed.outcome.sequences,
                              experiment_.figure, short_number(seed.outcome.figure), seed.seconds));
  }
  bool should_stop() override { return InterruptGuard::signal() != 0; }

 private:
  const Experiment& experiment_;
  const LabOptions& options_;
  Result so_far_;
  InterruptGuard guard_;
  LiveLine line_;
  bool quiet_;
};

/// Seeds of an earlier call that need not be run again.
std::vector<lab::SeedResult> known_seeds(const LabOptions& options, const Result& now) {
  const auto before = lab::load_result(options.folder(), now.experiment);
  if (!before || options.again || before->version != now.version) return {};
  std::vector<lab::SeedResult> known = before->seeds;
  std::erase_if(known, [](const lab::SeedResult& seed) { return !seed.complete; });
  return known;
}

/// The page and its pictures, from all results that there are.
void write_page(const LabOptions& options) {
  const std::string folder = options.folder();
  std::vector<Result> results;
  for (const Experiment* experiment : lab::experiments()) {
    auto result = lab::load_result(folder, std::string(experiment->name));
    if (!result) continue;
    write_file(fmt::format("{}/{}.svg", folder, experiment->name), lab_picture(*experiment, *result));
    results.push_back(std::move(*result));
  }
  write_file(options.page, lab::lab_page(results, std::filesystem::path(folder).filename().string() + '/'));
}

std::string result_text(const Experiment& experiment, const Result& result) {
  const lab::Summary summary = summary_of(experiment, result);
  const std::string_view unit = experiment.by_sequences ? "sequences" : experiment.figure;
  return fmt::format("{}: published {} | ours {} {} (median, best {}, of {} seeds) | {}: {} met, gate: {}\n",
                     experiment.name, experiment.published, short_number(summary.median), unit,
                     short_number(summary.best), result.seeds.size(),
                     gate_held(experiment, result) ? "met" : "not met", result.met(), experiment.gate);
}

ordered_json result_json(const Experiment& experiment, const Result& result) {
  const lab::Summary summary = summary_of(experiment, result);
  return {{"experiment", experiment.name}, {"published", experiment.published},
          {"gate", experiment.gate},       {"held", gate_held(experiment, result)},
          {"seeds", result.seeds.size()},  {"met", result.met()},
          {"median", summary.median},      {"best", summary.best}};
}

int run(const CLI::App& parser, LabOptions options, const Common& common) {
  if (options.names.empty()) require_value(parser, "", "NAME, an experiment of `carousel lab list`,");
  for (const std::string& name : options.names) lab::experiment(name);  // all names before the first run
  if (common.seed) options.plan.first = *common.seed;
  ThreadPool pool(common.threads);
  for (const std::string& name : options.names) {
    const Experiment& experiment = lab::experiment(name);
    Result result = begin_result(experiment, pool);
    result.seeds = options.plan.known = known_seeds(options, result);
    int signal = 0;
    {
      LabView view(experiment, options, result, common.quiet);
      result = run_experiment(experiment, options.plan, pool, &view);
      signal = InterruptGuard::signal();
    }
    if (signal != 0) {
      write_message(fmt::format("stopped; seeds that were done are kept in {}, the same command goes on\n",
                                one_line(options.folder())));
      return 128 + signal;
    }
    save_result(result, options.folder());
    write_page(options);
    write_result(common.json ? json_line(result_json(experiment, result)) : result_text(experiment, result));
  }
  if (!common.quiet && !common.json) write_message(fmt::format("page: {}\n", one_line(options.page)));
  return kDone;
}

int list(const Common& common) {
  if (common.json) {
    for (const Experiment* experiment : lab::experiments())
      write_result(json_line({{"experiment", experiment->name},
                              {"what", experiment->what},
                              {"source", experiment->source},
                              {"published", experiment->published},
                              {"gate", experiment->gate},
                              {"data", experiment->data}}));
    return kDone;
  }
  const Terminal terminal(1);
  std::string text;
  for (const Experiment* experiment : lab::experiments()) {
    text += styled(std::string(experiment->name), Style::bold, terminal.colours()) + '\n';
    text += wrapped(fmt::format("    {}", experiment->what), 4, terminal.columns()) + '\n';
    text += wrapped(fmt::format("    {}. Published: {}. Gate: {}.", experiment->source, experiment->published,
                                experiment->gate),
                    4, terminal.columns()) +
            '\n';
    if (!experiment->data.empty())
      text += wrapped(fmt::format("    Needs --data, a folder with {}.", experiment->data), 4,
                      terminal.columns()) +
              '\n';
  }
  write_result(text);
  return kDone;
}

}  // namespace

void add_lab(CLI::App& program, Commands& commands) {
  const auto common = std::make_shared<Common>();
  CLI::App* lab = add_parser(program, "lab", "experiments of the literature, run again", *common);
  lab->require_subcommand(1, 1);

  const auto list_common = std::make_shared<Common>();
  CLI::App* lister = add_parser(*lab, "list", "tells what experiments there are", *list_common);
  set_examples(*lister, {"carousel lab list", "carousel lab list --json"});
  commands.push_back({lister, list_common, [list_common] { return list(*list_common); }});

  const auto run_common = std::make_shared<Common>();
  const auto options = std::make_shared<LabOptions>();
  CLI::App* runner =
      add_parser(*lab, "run", "runs some over seeds and writes them into the lab's page", *run_common);
  runner->add_option("names", options->names, "experiments, one after the other")->type_name("NAME...");
  OptionGroup group(*runner, "Experiment");
  group.text("--seeds", "N", "runs, each with a seed of its own", "as many as the gate speaks of",
             [options](const std::string& text) { options->plan.seeds = parse_count("--seeds", text, 1); });
  group.text("--budget", "TIME", "ends all seeds of an experiment after so long: 90s, 10m, 1h30m", "none",
             [options](const std::string& text) {
               options->plan.budget_seconds = parse_duration("--budget", text);
             });
  group.text("--data", "DIR", "folder of real data, where an experiment needs some", "none",
             [options](const std::string& text) { options->plan.data = text; });
  group.flag("--again", options->again, "seeds that are in the results already are run once more");
  add_value(*runner, "--page", "FILE", "page to write; results and pictures go into a folder beside it",
            options->page, [options](const std::string& text) { options->page = text; })
      ->group("Output");
  set_examples(*runner,
               {"carousel lab run adding", "carousel lab run reber_embedded adding --seeds 3 --budget 10m",
                "carousel lab run pen_digits --data ../data"});
  commands.push_back(
      {runner, run_common, [runner, options, run_common] { return run(*runner, *options, *run_common); }});
}

}  // namespace carousel::cli
