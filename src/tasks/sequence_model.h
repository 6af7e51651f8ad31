// A trained model of a job on examples: the network, and what its numbers stand for.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "model/ctc_beam_search.h"
#include "model/model_file.h"
#include "tasks/sequence_data.h"

namespace carousel {

/// Bound of a symbol bonus, either way.
inline constexpr double kMostSymbolBonus = CtcSearchOptions::kMaxWeight;

/// What is found for a model once it is trained, on examples whose texts are known.
struct SequenceTuning {
  std::optional<double> keyword_threshold;  ///< of keywords: see tasks/keyword_threshold.h
  double symbol_bonus = 0;                  ///< of a transducer: see tasks/symbol_bonus.h
};

struct SequenceModel {
  SequenceCoding coding;
  std::variant<Network<float>, Transducer<float>> net;
  Metadata provenance;
  SequenceTuning tuned;

  bool is_transducer() const noexcept { return net.index() == 1; }
  /// Of a model that is no transducer.
  const Network<float>& network() const { return std::get<Network<float>>(net); }
  const Transducer<float>& transducer() const { return std::get<Transducer<float>>(net); }
};

/// The spec of the whole network: a step in, the logits of all targets out; or of the transducer.
std::string sequence_spec(const SequenceCoding& coding);
/// Throw SettingError for layers that do not fit the job.
Network<float> build_sequence_network(const SequenceCoding& coding);
Transducer<float> build_sequence_transducer(const SequenceCoding& coding);

/// The same model gives the same bytes. Net: Network<float>, Transducer<float>. Throws FileError.
template <class Net>
void save_sequence_model(const std::string& path, const SequenceCoding& coding, const Net& network,
                         const Metadata& provenance, const SequenceTuning& tuned = {});
/// path: a model file, or a run folder. job: that it has to be of. weights: as load_model takes them. Throws
/// FileError, ModelError.
SequenceModel load_sequence_model(const std::string& path, SequenceJob job,
                                  std::optional<WeightFormat> weights = {});

}  // namespace carousel
