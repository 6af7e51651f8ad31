#include "model/interop/nam.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <span>
#include <utility>

#include "model/interop/foreign_json.h"

namespace carousel {

namespace {

/// Numbers one behind the other.
class Weights {
 public:
  Weights(std::vector<double> values, std::string place)
      : values_(std::move(values)), place_(std::move(place)) {}

  std::vector<double> take(std::size_t n) {
    if (n > values_.size() - next_) refuse("fewer");
    const auto first = values_.begin() + static_cast<std::ptrdiff_t>(std::exchange(next_, next_ + n));
    return {first, first + static_cast<std::ptrdiff_t>(n)};
  }
  void finish() const {
    if (next_ != values_.size()) refuse("more");
  }

 private:
  [[noreturn]] void refuse(const char* how) const {
    throw ModelError(
        fmt::format("{}: found {} numbers, {} than the layers need", place_, values_.size(), how));
  }

  std::vector<double> values_;
  std::string place_;
  std::size_t next_ = 0;
};

void add_lstm(Weights& weights, std::size_t F, std::size_t H, const std::string& place,
              ForeignLayers& layers) {
  ForeignMatrix W{4 * H, F, {}}, R{4 * H, H, {}};
  for (std::size_t row = 0; row < 4 * H; ++row)  // [W, R], row by row
    for (ForeignMatrix* matrix : {&W, &R}) {
      const std::vector<double> part = weights.take(matrix->columns);
      matrix->values.insert(matrix->values.end(), part.begin(), part.end());
    }
  const std::vector<double> b = weights.take(4 * H);
  layers.add_lstm(place, W, R, b, weights.take(2 * H));
}

}  // namespace

ForeignNetwork parse_nam(std::string_view text, const std::string& source) {
  const ForeignJson json = parse_foreign_json(text, source);
  const std::string kind = text_in(entry_of(json, "architecture", source), source + ": architecture");
  if (kind != "LSTM")
    throw ModelError(fmt::format("{}: architecture: found \"{}\", expected \"LSTM\"", source, kind));
  const std::string place = source + ": config";
  const ForeignJson& config = entry_of(json, "config", source);
  const auto count = [&](const char* name) {
    return count_in(entry_of(config, name, place), place + '.' + name);
  };
  const std::size_t H = count("hidden_size"), depth = count("num_layers");
  std::size_t F = count("input_size");
  Weights weights(numbers_in(entry_of(json, "weights", source), source + ": weights"), source + ": weights");
  ForeignLayers layers;
  for (std::size_t layer = 0; layer < depth; ++layer, F = H)
    add_lstm(weights, F, H, fmt::format("{}: layer {}", source, layer), layers);
  const ForeignMatrix head{1, H, weights.take(H)};
  layers.add_dense(source + ": head", head, weights.take(1), "identity");
  weights.finish();
  return std::move(layers).network(source);
}

ForeignNetwork read_nam(const std::filesystem::path& path) {
  return parse_nam(read_foreign_file(path), path.string());
}

}  // namespace carousel
