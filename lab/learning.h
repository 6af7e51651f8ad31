// A learning run as part of an experiment.
#pragma once

#include "carousel/progress.h"
#include "lab/experiment.h"

namespace carousel::lab {

/// Tells the context how a LearningRun goes, and stops it.
class ContextSink final : public ProgressSink {
 public:
  explicit ContextSink(const Context& context) : context_(context) {}
  void on_batch(const ProgressRecord& record) override { stop_ = !context_.go_on(record.fraction); }
  bool should_stop() override { return stop_; }

 private:
  const Context& context_;
  bool stop_ = false;
};

}  // namespace carousel::lab
