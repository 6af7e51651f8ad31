// A network that another tool has written, in the words of this one: layer by layer, each with the weights
// that it has there.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "model/network.h"

namespace carousel {

struct ForeignNetwork {
  std::string spec;
  std::size_t inputs = 0;
  /// By the names that the parameters of Network(spec, inputs) have, each as it lies there.
  std::map<std::string, std::vector<double>> weights;
};

/// Packed for training, as a network that was made here. Throws ModelError, naming `source` and the
/// parameter, for a weight that is no finite number in T; SettingError like Network.
template <class T>
Network<T> network_of(const ForeignNetwork& foreign, const std::string& source);

/// Row by row.
struct ForeignMatrix {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;

  ForeignMatrix transposed() const;
  /// Rows by columns, as messages say it.
  std::string size() const;
};

/// What a ForeignNetwork is made of. Each call adds a layer behind the others; it throws ModelError, naming
/// `place`, where sizes do not fit each other or the outputs of the layer before.
class ForeignLayers {
 public:
  /// W [outputs, inputs], b [outputs]. activation: a word of the spec.
  void add_dense(const std::string& place, const ForeignMatrix& W, const std::vector<double>& b,
                 const std::string& activation);
  /// W [4H, F], R [4H, H], b [4H], the gates in the order i, f, g, o. start: empty, or h and then c before
  /// the first step.
  void add_lstm(const std::string& place, const ForeignMatrix& W, const ForeignMatrix& R,
                const std::vector<double>& b, const std::vector<double>& start = {});
  /// W [3H, F], R [3H, H], the biases of W x and R h [3H], the gates in the order z, r, n; reset after the
  /// product.
  void add_gru(const std::string& place, const ForeignMatrix& W, const ForeignMatrix& R,
               const std::vector<double>& b_W, const std::vector<double>& b_R);

  /// Throws ModelError naming source where no layer was added.
  ForeignNetwork network(const std::string& source) &&;

 private:
  void add(const std::string& place, const std::string& layer, std::size_t inputs, std::size_t outputs);
  void set(const std::string& parameter, std::vector<double> values);

  ForeignNetwork network_;
  std::size_t layers_ = 0, outputs_ = 0;
};

}  // namespace carousel
