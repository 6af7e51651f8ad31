// A trained model of a job on examples: the network, and what its numbers stand for.
#pragma once

#include <optional>
#include <string>

#include "model/model_file.h"
#include "tasks/sequence_data.h"

namespace carousel {

struct SequenceModel {
  SequenceCoding coding;
  Network<float> network;
  Metadata provenance;
};

/// The spec of the whole network: a step in, the logits of all targets out.
std::string sequence_spec(const SequenceCoding& coding);
/// Throws SettingError for layers that do not fit the job.
Network<float> build_sequence_network(const SequenceCoding& coding);

/// The same model gives the same bytes. Throws FileError.
void save_sequence_model(const std::string& path, const SequenceCoding& coding, const Network<float>& network,
                         const Metadata& provenance);
/// path: a model file, or a run folder. job: that it has to be of. weights: as load_model takes them. Throws
/// FileError, ModelError.
SequenceModel load_sequence_model(const std::string& path, SequenceJob job,
                                  std::optional<WeightFormat> weights = {});

}  // namespace carousel
