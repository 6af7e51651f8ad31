// oneDNN's LSTM and GRU (linear before reset) primitives, with the weights in the layout it chooses.
#include <omp.h>

#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "worker.h"

namespace {

using dnnl::memory;
using Arguments = std::unordered_map<int, memory>;
using Tag = memory::format_tag;

memory::desc shape(const memory::dims& dims, Tag tag) { return {dims, memory::data_type::f32, tag}; }

/// What is the same for LSTM and GRU: shapes, weights in plain layout, passes.
class OneDnn final : public peers::Engine {
 public:
  explicit OneDnn(const peers::Work& work)
      : work_(work), training_(work.direction == "training"), stream_(engine_) {
    omp_set_num_threads(static_cast<int>(work_.threads));
    if (work_.direction != "inference" && !training_)
      throw std::runtime_error("knows inference and training, not " + work_.direction);
    set_shapes();
    make_forward();
    fill_weights();
    if (training_) make_backward();
  }

  void run() override {
    forward_.execute(stream_, forward_arguments_);
    if (training_) {
      for (const int argument :
           {DNNL_ARG_DIFF_WEIGHTS_LAYER, DNNL_ARG_DIFF_WEIGHTS_ITER, DNNL_ARG_DIFF_BIAS}) {
        memory& gradient = backward_arguments_.at(argument);
        std::fill_n(static_cast<char*>(gradient.get_data_handle()), gradient.get_desc().get_size(), char{0});
      }
      backward_.execute(stream_, backward_arguments_);
    }
    stream_.wait();
  }

  std::vector<float> result() const override {
    if (!training_) return values(forward_arguments_.at(DNNL_ARG_DST_LAYER));
    std::vector<float> all = values(backward_arguments_.at(DNNL_ARG_DIFF_SRC_LAYER));
    append_gradient(all);
    return all;
  }

 private:
  void set_shapes() {
    L_ = static_cast<memory::dim>(work_.layers), D_ = static_cast<memory::dim>(work_.directions);
    T_ = static_cast<memory::dim>(work_.T), B_ = static_cast<memory::dim>(work_.B);
    F_ = static_cast<memory::dim>(work_.F), H_ = static_cast<memory::dim>(work_.H);
    G_ = static_cast<memory::dim>(work_.gates());
    if (L_ > 1 && (F_ != H_ || D_ != 1)) throw std::runtime_error("takes several layers of one width only");
    x_ = shape({T_, B_, F_}, Tag::tnc);
    state_ = shape({L_, D_, B_, H_}, Tag::ldnc);
    W_ = shape({L_, D_, F_, G_, H_}, Tag::any);
    R_ = shape({L_, D_, H_, G_, H_}, Tag::any);
    b_ = shape({L_, D_, kBiases, H_}, Tag::ldgo);
    y_ = shape({T_, B_, D_ * H_}, Tag::tnc);
  }
  dnnl::rnn_direction direction() const {
    return D_ == 2 ? dnnl::rnn_direction::bidirectional_concat
                   : dnnl::rnn_direction::unidirectional_left2right;
  }
  memory zeros(const memory::desc& desc) {
    memory m(desc, engine_);
    std::fill_n(static_cast<char*>(m.get_data_handle()), desc.get_size(), char{0});
    return m;
  }
  memory copy_of(const memory::desc& desc, const std::vector<float>& values) {
    memory m(desc, engine_);
    std::copy(values.begin(), values.end(), static_cast<float*>(m.get_data_handle()));
    return m;
  }

  void make_forward() {
    const auto kind = training_ ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
    if (work_.cell == "gru") {
      gru_ = dnnl::lbr_gru_forward::primitive_desc({kind, direction(), x_, state_, W_, R_, b_, y_, state_},
                                                   engine_);
      forward_ = dnnl::lbr_gru_forward(gru_);
      keep_forward(gru_);
    } else {
      lstm_ = dnnl::lstm_forward::primitive_desc(
          {kind, direction(), x_, state_, state_, W_, R_, b_, y_, state_, state_}, engine_);
      forward_ = dnnl::lstm_forward(lstm_);
      keep_forward(lstm_);
      forward_arguments_.insert({DNNL_ARG_SRC_ITER_C, zeros(state_)});
      forward_arguments_.insert({DNNL_ARG_DST_ITER_C, zeros(state_)});
    }
  }
  template <class Description>
  void keep_forward(const Description& pd) {
    forward_arguments_ = {{DNNL_ARG_SRC_LAYER, copy_of(x_, work_.x)},
                          {DNNL_ARG_SRC_ITER, zeros(state_)},
                          {DNNL_ARG_WEIGHTS_LAYER, memory(pd.weights_layer_desc(), engine_)},
                          {DNNL_ARG_WEIGHTS_ITER, memory(pd.weights_iter_desc(), engine_)},
                          {DNNL_ARG_BIAS, zeros(b_)},
                          {DNNL_ARG_DST_LAYER, zeros(y_)},
                          {DNNL_ARG_DST_ITER, zeros(state_)}};
    if (training_) forward_arguments_.insert({DNNL_ARG_WORKSPACE, memory(pd.workspace_desc(), engine_)});
  }

  /// From W [G H, F] and R [G H, H] of every layer and direction to [L, D, F, G, H] and on to the layout
  /// chosen.
  void fill_weights() {
    const std::size_t G = work_.gates(), H = work_.H, slices = work_.layers * work_.directions;
    std::vector<float> W, R;
    auto* b = static_cast<float*>(forward_arguments_.at(DNNL_ARG_BIAS).get_data_handle());
    const float* from = work_.weights.data();
    for (std::size_t slice = 0; slice < slices; ++slice) {
      append_transposed(from, G * H, work_.F, W);
      from += G * H * work_.F;
      append_transposed(from, G * H, H, R);
      from += G * H * H;
      std::copy_n(from, work_.biases(), b + slice * work_.biases());
      from += work_.biases();
    }
    W_plain_ = copy_of(shape({L_, D_, F_, G_, H_}, Tag::ldigo), W);
    R_plain_ = copy_of(shape({L_, D_, H_, G_, H_}, Tag::ldigo), R);
    reorder(W_plain_, forward_arguments_.at(DNNL_ARG_WEIGHTS_LAYER));
    reorder(R_plain_, forward_arguments_.at(DNNL_ARG_WEIGHTS_ITER));
  }
  static void append_transposed(const float* from, std::size_t rows, std::size_t columns,
                                std::vector<float>& to) {
    for (std::size_t c = 0; c < columns; ++c)
      for (std::size_t r = 0; r < rows; ++r) to.push_back(from[r * columns + c]);
  }
  void reorder(memory& from, memory& to) {
    dnnl::reorder(from, to).execute(stream_, from, to);
    stream_.wait();
  }

  void make_backward() {
    const auto any = [](const memory::desc& d) { return shape(d.dims(), Tag::any); };
    const memory::desc dW = any(W_), dR = any(R_);
    const auto kind = dnnl::prop_kind::backward;
    backward_arguments_ = forward_arguments_;
    if (work_.cell == "gru") {
      const dnnl::lbr_gru_backward::primitive_desc pd(
          {kind, direction(), x_, state_, W_, R_, b_, y_, state_, x_, state_, dW, dR, b_, y_, state_},
          engine_, gru_);
      backward_ = dnnl::lbr_gru_backward(pd);
      keep_backward(pd);
    } else {
      const dnnl::lstm_backward::primitive_desc pd(
          {kind,   direction(), x_,     state_, state_, W_, R_, b_, y_,     state_,
           state_, x_,          state_, state_, dW,     dR, b_, y_, state_, state_},
          engine_, lstm_);
      backward_ = dnnl::lstm_backward(pd);
      keep_backward(pd);
      backward_arguments_.insert({DNNL_ARG_DIFF_SRC_ITER_C, zeros(state_)});
      backward_arguments_.insert({DNNL_ARG_DIFF_DST_ITER_C, zeros(state_)});
    }
  }
  template <class Description>
  void keep_backward(const Description& pd) {
    memory W(pd.weights_layer_desc(), engine_), R(pd.weights_iter_desc(), engine_);
    reorder(W_plain_, W);
    reorder(R_plain_, R);
    backward_arguments_.at(DNNL_ARG_WEIGHTS_LAYER) = W;
    backward_arguments_.at(DNNL_ARG_WEIGHTS_ITER) = R;
    backward_arguments_.insert({{DNNL_ARG_DIFF_SRC_LAYER, zeros(x_)},
                                {DNNL_ARG_DIFF_SRC_ITER, zeros(state_)},
                                {DNNL_ARG_DIFF_WEIGHTS_LAYER, zeros(pd.diff_weights_layer_desc())},
                                {DNNL_ARG_DIFF_WEIGHTS_ITER, zeros(pd.diff_weights_iter_desc())},
                                {DNNL_ARG_DIFF_BIAS, zeros(b_)},
                                {DNNL_ARG_DIFF_DST_LAYER, copy_of(y_, work_.dy)},
                                {DNNL_ARG_DIFF_DST_ITER, zeros(state_)}});
  }

  static std::vector<float> values(const memory& m) {
    const auto* begin = static_cast<const float*>(m.get_data_handle());
    return {begin, begin + m.get_desc().get_size() / sizeof(float)};
  }
  /// Gradient of W or R of every layer and direction, each [G H, inputs].
  std::vector<float> plain_gradient(int argument, memory::dim inputs) const {
    memory chosen = backward_arguments_.at(argument);
    memory plain(shape({L_, D_, inputs, G_, H_}, Tag::ldgoi), engine_);
    dnnl::stream stream(engine_);
    dnnl::reorder(chosen, plain).execute(stream, chosen, plain);
    stream.wait();
    return values(plain);
  }
  /// Layer by layer and direction by direction. oneDNN's gates, i, f, c~, o and u, r, o, are in the order of
  /// the files' i, f, g, o and z, r, n.
  void append_gradient(std::vector<float>& to) const {
    const std::vector<std::vector<float>> parts{plain_gradient(DNNL_ARG_DIFF_WEIGHTS_LAYER, F_),
                                                plain_gradient(DNNL_ARG_DIFF_WEIGHTS_ITER, H_),
                                                values(backward_arguments_.at(DNNL_ARG_DIFF_BIAS))};
    const std::size_t slices = work_.layers * work_.directions;
    for (std::size_t slice = 0; slice < slices; ++slice)
      for (const std::vector<float>& part : parts) {
        const std::size_t size = part.size() / slices;
        to.insert(to.end(), part.data() + slice * size, part.data() + (slice + 1) * size);
      }
  }

  peers::Work work_;
  bool training_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_;
  memory::dim L_ = 0, D_ = 0, T_ = 0, B_ = 0, F_ = 0, H_ = 0, G_ = 0;
  // A GRU that resets after the product has a second bias for the candidate.
  static constexpr memory::dim kBiases = 4;
  memory::desc x_, state_, W_, R_, b_, y_;
  memory W_plain_, R_plain_;
  dnnl::lstm_forward::primitive_desc lstm_;
  dnnl::lbr_gru_forward::primitive_desc gru_;
  dnnl::primitive forward_, backward_;
  Arguments forward_arguments_, backward_arguments_;
};

}  // namespace

int main() {
  return peers::serve([](const peers::Work& work) { return std::make_unique<OneDnn>(work); });
}
