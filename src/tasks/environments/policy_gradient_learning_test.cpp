// Networks that learn to act in worlds with something to remember.
#include <gtest/gtest.h>

#include "tasks/environments/environments.h"
#include "training/learning_run.h"
#include "training/policy_gradient/policy_gradient.h"

namespace carousel {
namespace {

TrainingResult learn(const std::string& world, const std::string& layers,
                     const PolicyGradientOptions& options, const LearningRunOptions& leading) {
  const MakeEnvironment make = [&] { return make_environment(world); };
  const auto example = make();
  ThreadPool pool(2);
  Network<float> network(layers + ", dense " + std::to_string(policy_outputs(*example, options.deviation)),
                         example->observations(), options.seed);
  PolicyGradient<float> learner({network, make, pool}, options);
  return LearningRun<float>(learner, leading).run();
}

TEST(PolicyGradientLearning, ReinforceWalksThroughATMaze) {
  PolicyGradientOptions options;
  options.algorithm = "reinforce";
  options.schedule.learning_rate = 1e-2;
  options.loss.entropy_weight = 0.1;
  options.evaluation_episodes = 50;
  const TrainingResult result = learn("t_maze 10", "lstm 16", options,
                                      {.epochs = 100, .target_loss = -4});  // 25 to 50 with three seeds
  EXPECT_EQ(result.best_validation_loss, -4);
}

TEST(PolicyGradientLearning, A2cCatchesBallsThatBlink) {
  PolicyGradientOptions options;
  options.algorithm = "a2c";
  options.steps = 16;
  options.schedule.learning_rate = 3e-3;
  options.evaluation_episodes = 100;
  const TrainingResult result =
      learn("catch 6 5 blink=0.3", "lstm 32", options, {.epochs = 150, .target_loss = -0.9});  // 54
  EXPECT_LE(result.best_validation_loss, -0.9);
}

}  // namespace
}  // namespace carousel
