// The public Model and Stream (include/carousel/model.h) over Network and the model file.
#include <carousel/error.h>
#include <carousel/model.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/model_access.h"

namespace carousel {

Model::Model(std::shared_ptr<const Body> body) : body_(std::move(body)) {}

namespace {
std::optional<WeightFormat> parse_format(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return parse_weight_format("weights", text);
}
}  // namespace

Model Model::load(const std::string& path, const std::string& weights) {
  LoadedModel<float> loaded = load_model<float>(path, parse_format(weights));
  return Model(std::make_shared<const Body>(std::move(loaded.network), std::move(loaded.metadata)));
}

Model Model::create(const std::string& spec, std::size_t inputs, std::uint64_t seed) {
  return Model(std::make_shared<const Body>(Network<float>(spec, inputs, seed), Metadata{}));
}

void Model::save(const std::string& path) const { save_model(path, body_->network, body_->metadata); }

std::size_t Model::inputs() const noexcept { return body_->network.inputs(); }
std::size_t Model::outputs() const noexcept { return body_->network.outputs(); }
std::size_t Model::output_length(std::size_t steps) const noexcept {
  return body_->network.output_length(steps);
}
std::string Model::spec() const { return to_text(body_->network.spec()); }
const Metadata& Model::metadata() const noexcept { return body_->metadata; }
std::span<const float> Model::weights() const noexcept { return body_->network.weights(); }
const std::string& Model::weight_format() const noexcept { return name(body_->network.packing().weights); }

void Model::set_metadata(const std::string& key, const std::string& value) {
  Metadata metadata = body_->metadata;
  metadata[key] = value;
  body_ = std::make_shared<const Body>(body_->copy_network(body_->network.packing()), std::move(metadata));
}

void Model::set_weights(std::span<const float> weights) {
  const auto bad = std::ranges::find_if(weights, [](float w) { return !std::isfinite(w); });
  if (bad != weights.end())
    throw Error(fmt::format("[model.set_weights] element {}: a weight must be finite, found {}",
                            bad - weights.begin(), *bad));
  Network<float> network = body_->copy_network(body_->network.packing());
  network.set_weights(weights);
  body_ = std::make_shared<const Body>(std::move(network), body_->metadata);
}

std::vector<float> Model::predict(std::span<const float> sequence) const {
  return predict({std::vector<float>(sequence.begin(), sequence.end())}, 1).front();
}

std::vector<std::vector<float>> Model::predict(const std::vector<std::vector<float>>& sequences,
                                               std::size_t threads) const {
  const Network<float>& network = body_->network;
  std::vector<std::size_t> lengths;
  for (const auto& sequence : sequences) {
    if (sequence.size() % inputs() != 0)
      throw Error(fmt::format("[model.predict] expected a multiple of {} values (features of a step), got {}",
                              inputs(), sequence.size()));
    lengths.push_back(sequence.size() / inputs());
  }
  std::unique_ptr<Workbench> bench = body_->take(threads);
  Sequences<float>& x = bench->x;
  const bool same = x.layout().lengths() == lengths;
  x.reshape(same ? x.layout_pointer() : std::make_shared<SequenceLayout>(std::move(lengths)), inputs());
  for (std::size_t b = 0; b < sequences.size(); ++b)
    for (std::size_t t = 0; t < x.layout().length(b); ++t)
      std::copy_n(sequences[b].begin() + static_cast<std::ptrdiff_t>(t * inputs()), inputs(),
                  x.at(b, t).begin());
  bench->state.resize({sequences.size(), network.state_size()});
  network.start(bench->state.matrix());
  network.forward({.pool = &bench->pool}, x, bench->state.matrix(), bench->y, *bench->trace);

  const Sequences<float>& y = bench->y;
  std::vector<std::vector<float>> result(sequences.size());
  for (std::size_t b = 0; b < sequences.size(); ++b)
    for (std::size_t t = 0; t < y.layout().length(b); ++t)
      result[b].insert(result[b].end(), y.at(b, t).begin(), y.at(b, t).end());
  body_->give_back(std::move(bench));
  return result;
}

Stream Model::open_stream(std::size_t streams) const {
  if (!body_->network.causal())
    throw SettingError(
        fmt::format("open_stream: \"{}\" cannot run one step at a time, because {} needs the whole "
                    "sequence; use predict",
                    spec(), body_->network.first_not_causal()));
  return Stream(body_, streams);
}

Network<float> ModelAccess::copy_for_training(const Model& model) {
  if (model.body_->network.packing().weights != WeightFormat::float32)
    throw SettingError(
        fmt::format("train: the model keeps its weights as {}, too few bits to learn in; train the float32 "
                    "model that it was converted from",
                    model.weight_format()));
  return model.body_->copy_network({});
}

struct Stream::Body {
  std::shared_ptr<const Model::Body> model;
  std::size_t streams;
  Tensor<float> state;
  AlignedVector<float> scratch;
};

Stream::Stream(std::shared_ptr<const Model::Body> model, std::size_t streams) {
  const Network<float>& network = model->network;
  Tensor<float> state = network.start(streams);
  AlignedVector<float> scratch(checked_multiply(streams, network.step_scratch(1), "open_stream"));
  body_ = std::make_unique<Body>(Body{std::move(model), streams, std::move(state), std::move(scratch)});
}

std::size_t Stream::streams() const noexcept { return body_->streams; }

void Stream::step(const float* x, float* y) noexcept {
  const Network<float>& network = body_->model->network;
  network.step({x, body_->streams, network.inputs()}, body_->state.matrix(),
               {y, body_->streams, network.outputs()}, body_->scratch.data());
}

void Stream::reset(std::size_t stream) noexcept {
  body_->model->network.start(body_->state.matrix().rows(stream, 1));
}
void Stream::reset() noexcept { body_->model->network.start(body_->state.matrix()); }
std::span<float> Stream::state() noexcept { return body_->state.span(); }
std::span<const float> Stream::state() const noexcept { return std::as_const(body_->state).span(); }

Stream::Stream(const Stream& other) : body_(std::make_unique<Body>(*other.body_)) {}
Stream& Stream::operator=(const Stream& other) {
  if (this != &other) body_ = std::make_unique<Body>(*other.body_);
  return *this;
}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;
Stream::~Stream() = default;

}  // namespace carousel
