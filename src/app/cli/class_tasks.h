// What classify and label have in common: their models tell classes, and are judged and shown alike.
#pragma once

#include "app/cli/sequence_task.h"

namespace carousel::cli {

class ClassTask : public SequenceTask {
 public:
  OptionNames evaluate_options() const override;
  Results evaluate(const EvaluateRequest& request, ThreadPool& pool, const TellWork& tell) const override;
  Results write_report(const RunFolder& folder, ThreadPool& pool, const TellWork& tell) const override;
  void predict(const PredictRequest& request, const WriteText& write, ThreadPool& pool) const override;

 protected:
  void add_own_options(CLI::App& parser, SequenceSettings& settings) const override;
};

}  // namespace carousel::cli
