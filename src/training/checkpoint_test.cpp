#include "training/checkpoint.h"

#include <carousel/error.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "model/safetensors.h"

namespace carousel {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class CheckpointFile : public testing::Test {
 protected:
  CheckpointFile() : folder_(testing::TempDir() + "carousel_checkpoint_" + std::to_string(::getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~CheckpointFile() override { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/checkpoint.safetensors"; }

  /// What can be loaded, with one thing changed.
  template <class Change>
  void save_changed(Change&& change) {
    Checkpoint<float> checkpoint;
    checkpoint.history.resize(1);
    save_checkpoint(checkpoint, path());
    Safetensors file = read_safetensors(path());
    change(file);
    write_safetensors(path(), file);
  }

 private:
  std::string folder_;
};

TEST_F(CheckpointFile, ComesBackExactly) {
  Checkpoint<double> saved;
  saved.method = "bptt adam";
  saved.seed = std::numeric_limits<std::uint64_t>::max();
  saved.epoch = 3, saved.batch = 14, saved.update = 1592;
  saved.vectors["weights"] = {0.1, -0.0, 1e-310, 1.0 / 3};
  saved.vectors["empty"] = {};
  saved.series["losses"] = {1.0 / 3, std::numeric_limits<double>::infinity(), -5e-324};
  saved.series["none"] = {};
  saved.numbers["third"] = 1.0 / 3;
  saved.numbers["tiny"] = 5e-324;
  saved.numbers["infinite"] = std::numeric_limits<double>::infinity();
  saved.numbers["nan"] = std::numeric_limits<double>::quiet_NaN();
  ProgressRecord record;
  record.epoch = 3, record.epochs = 9, record.batch = 7, record.batches = 8, record.update = 21;
  record.loss = 0.7, record.gradient_norm = 1e-9, record.learning_rate = 0.1;
  record.sequences_per_second = 12.5, record.fraction = 1.0 / 3, record.seconds = 4.25, record.best = true;
  saved.history = {record, ProgressRecord{}};
  save_checkpoint(saved, path());

  const Checkpoint<double> loaded = load_checkpoint<double>(path());
  EXPECT_EQ(loaded.method, saved.method);
  EXPECT_EQ(loaded.seed, saved.seed);
  EXPECT_EQ(loaded.epoch, 3u);
  EXPECT_EQ(loaded.batch, 14u);
  EXPECT_EQ(loaded.update, 1592u);
  EXPECT_EQ(loaded.vectors, saved.vectors);
  EXPECT_TRUE(std::signbit(loaded.vector("weights", 4)[1]));
  EXPECT_EQ(loaded.series, saved.series);
  EXPECT_EQ(loaded.number("third"), 1.0 / 3);
  EXPECT_EQ(loaded.number("tiny"), 5e-324);
  EXPECT_EQ(loaded.number("infinite"), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(loaded.number("nan")));
  ASSERT_EQ(loaded.history.size(), 2u);
  const ProgressRecord& back = loaded.history[0];
  EXPECT_EQ(back.epoch, 3u);
  EXPECT_EQ(back.epochs, 9u);
  EXPECT_EQ(back.batch, 7u);
  EXPECT_EQ(back.batches, 8u);
  EXPECT_EQ(back.update, 21u);
  EXPECT_EQ(back.loss, 0.7);
  EXPECT_TRUE(std::isnan(back.validation_loss));
  EXPECT_EQ(back.gradient_norm, 1e-9);
  EXPECT_EQ(back.learning_rate, 0.1);
  EXPECT_EQ(back.sequences_per_second, 12.5);
  EXPECT_EQ(back.fraction, 1.0 / 3);
  EXPECT_EQ(back.seconds, 4.25);
  EXPECT_TRUE(back.best);
  EXPECT_FALSE(loaded.history[1].best);
}

TEST_F(CheckpointFile, ASeriesIsOfDoublesWhateverTheWeightsAre) {
  Checkpoint<float> saved;
  saved.series["losses"] = {1.0 / 3, 1e-300};
  save_checkpoint(saved, path());
  EXPECT_EQ(load_checkpoint<float>(path()).doubles("losses", 2), saved.series["losses"]);
  EXPECT_THAT([&] { saved.doubles("losses", 3); },
              ThrowsMessage<ModelError>(HasSubstr("expected 'losses' with 3 values, got 2")));
  EXPECT_THAT([&] { saved.doubles("gains", 2); }, ThrowsMessage<ModelError>(HasSubstr("there is none")));
  save_changed([](Safetensors& f) {
    f.tensors.push_back(NamedTensor::of<float>("series.losses", {1}, std::vector<float>{1}));
  });
  EXPECT_THAT([&] { load_checkpoint<float>(path()); }, ThrowsMessage<ModelError>(HasSubstr("series.losses")));
}

TEST_F(CheckpointFile, WhatIsNotThereIsNamed) {
  Checkpoint<float> checkpoint;
  checkpoint.vectors["weights"] = {1, 2, 3};
  checkpoint.numbers["half"] = 0.5;
  checkpoint.numbers["minus"] = -1;
  EXPECT_EQ(checkpoint.vector("weights", 3)[2], 3);
  EXPECT_THAT([&] { checkpoint.vector("weights", 4); },
              ThrowsMessage<ModelError>(HasSubstr("'weights' with 4")));
  EXPECT_THAT([&] { checkpoint.vector("velocity", 3); }, ThrowsMessage<ModelError>(HasSubstr("'velocity'")));
  EXPECT_THAT([&] { checkpoint.number("rate"); }, ThrowsMessage<ModelError>(HasSubstr("'rate'")));
  EXPECT_THAT([&] { checkpoint.count("minus"); }, ThrowsMessage<ModelError>(HasSubstr("'minus'")));
}

TEST_F(CheckpointFile, AFileThatIsNoneIsRefused) {
  EXPECT_THROW(load_checkpoint<float>(path()), FileError);
  std::ofstream(path()) << "not a checkpoint at all";
  EXPECT_THROW(load_checkpoint<float>(path()), ModelError);

  const auto load = [&] { load_checkpoint<float>(path()); };
  save_changed([](Safetensors& f) { f.metadata["format"] = "pt"; });
  EXPECT_THAT(load, ThrowsMessage<ModelError>(HasSubstr("not a checkpoint")));
  for (const char* key : {"seed", "epoch", "batch", "update"}) {
    save_changed([&](Safetensors& f) { f.metadata[key] = "-3"; });
    EXPECT_THAT(load, ThrowsMessage<ModelError>(HasSubstr(key)));
    save_changed([&](Safetensors& f) { f.metadata.erase(key); });
    EXPECT_THAT(load, ThrowsMessage<ModelError>(HasSubstr(key)));
  }
  save_changed([](Safetensors& f) { f.metadata["number.rate"] = "1e-3x"; });
  EXPECT_THAT(load, ThrowsMessage<ModelError>(HasSubstr("number.rate")));
  save_changed([](Safetensors& f) {
    f.tensors[0] = NamedTensor::of<double>("history", {2, 1}, std::vector{1., 2.});
  });
  EXPECT_THAT(load, ThrowsMessage<ModelError>(HasSubstr("history")));
  save_changed([](Safetensors& f) {
    f.tensors[0] = NamedTensor::of<double>("history", {1, 13}, std::vector<double>(13, -1.0));
  });
  EXPECT_THAT(load, ThrowsMessage<ModelError>(HasSubstr("count")));
  save_changed(
      [](Safetensors& f) { f.tensors.push_back(NamedTensor::of<double>("weights", {1}, std::vector{1.0})); });
  EXPECT_THAT(load, ThrowsMessage<ModelError>(HasSubstr("weights")));
}

}  // namespace
}  // namespace carousel
