// Using a trained model in a program: load it, run whole sequences, or feed a stream one step at a time.
#pragma once

#include <carousel/export.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace carousel {

class Stream;

/// A network and its weights. Copies share one network, which does not change while it runs: any number of
/// threads may predict and any number of streams may be open at once. The result has the same bits on any
/// number of threads, whatever sequences are run together, and whether a sequence is run whole or step by
/// step.
class CAROUSEL_API Model {
 public:
  /// Reads a model file (docs/formats.md). `weights` says how the matrices of dense and recurrent layers are
  /// kept for inference: "float32", "bf16" or "int8", which must be the file's own unless that is float32;
  /// empty: as in the file. docs/precision.md says what the shorter ones cost and bring. Throws FileError,
  /// ModelError; SettingError for another word.
  static Model load(const std::string& path, const std::string& weights = "");
  /// An untrained model for sequences of `inputs` features: "lstm 64, dense 1". Throws SettingError.
  static Model create(const std::string& spec, std::size_t inputs, std::uint64_t seed = 0);

  /// Writes the model file whole or not at all, the weights as they are kept. Throws FileError; Error for
  /// metadata that is not UTF-8.
  void save(const std::string& path) const;

  std::size_t inputs() const noexcept;   ///< values a time step takes
  std::size_t outputs() const noexcept;  ///< values a time step gives
  /// Steps that come out of a sequence of so many: as many, unless a layer such as pyramid makes it shorter.
  std::size_t output_length(std::size_t steps) const noexcept;
  std::string spec() const;  ///< the network as text
  /// Text stored beside the weights: scalers, task, provenance (docs/formats.md).
  const std::map<std::string, std::string>& metadata() const noexcept;
  /// Adds or replaces an entry; it is saved with the model.
  void set_metadata(const std::string& key, const std::string& value);

  /// How the matrices among the weights are kept: "float32", "bf16" or "int8".
  const std::string& weight_format() const noexcept;
  /// All weights as one vector, those that it computes with; docs/formats.md says what lies where.
  std::span<const float> weights() const noexcept;
  /// Replaces them, rounded where the model keeps fewer bits. Streams opened before, and copies of the model,
  /// keep the old ones. Throws Error for another size, or for NaN or Inf.
  void set_weights(std::span<const float> weights);

  /// One sequence: [T * inputs] values, step by step, to [output_length(T) * outputs]. Throws Error if the
  /// length is no multiple.
  std::vector<float> predict(std::span<const float> sequence) const;
  /// Several, of any lengths, on so many threads (0: one a processor). Threads and buffers wait for the next
  /// call of this kind until the last copy of the model is gone.
  std::vector<std::vector<float>> predict(const std::vector<std::vector<float>>& sequences,
                                          std::size_t threads = 0) const;

  /// `streams` independent streams, stepped together, all at the state before a first step. Throws
  /// SettingError where an output depends on the future (bidirectional, reversed, pool, pyramid, conv1d with
  /// a stride or a padding that is not causal), Error for more streams than memory could hold.
  Stream open_stream(std::size_t streams = 1) const;

 private:
  friend class Stream;
  friend struct ModelAccess;
  struct Body;
  explicit Model(std::shared_ptr<const Body> body);
  std::shared_ptr<const Body> body_;
};

/// What some streams remember, and the room their steps need. Copying one copies the memory.
class CAROUSEL_API Stream {
 public:
  /// How many are stepped together.
  std::size_t streams() const noexcept;

  /// One time step of every stream: x [streams * inputs], y [streams * outputs]. No allocation, no lock, no
  /// exception: fit for an audio callback. x and y must not overlap.
  void step(const float* x, float* y) noexcept;
  /// One stream, numbered from 0, back to the state before a first step.
  void reset(std::size_t stream) noexcept;
  /// All streams back to the state before a first step.
  void reset() noexcept;

  /// All that the streams remember, [streams * state size]: save it, change it, put it back. A min_lstm or
  /// min_gru that finds h changed goes on from it, whatever stands behind h.
  std::span<float> state() noexcept;
  /// The same, to read.
  std::span<const float> state() const noexcept;

  Stream(const Stream&);                 ///< remembers the same, goes on by itself
  Stream& operator=(const Stream&);      ///< likewise
  Stream(Stream&&) noexcept;             ///< the old one may only be assigned to or destroyed
  Stream& operator=(Stream&&) noexcept;  ///< likewise
  ~Stream();

 private:
  friend class Model;
  Stream(std::shared_ptr<const Model::Body> body, std::size_t streams);
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace carousel
