#include "layers/attention_decoder.h"

#include <carousel/error.h>
#include <fmt/format.h>

#include <algorithm>

#include "kernels/reductions.h"
#include "layers/slots.h"
#include "layers/work_split.h"

namespace carousel {

namespace {

/// The number u in [0, 1) as a draw from the softmax of the logits, n of them; `work` holds as many.
template <class T>
std::size_t draw(const T* logits, std::size_t n, double u, T* work) {
  kernels::softmax(logits, work, 1, n, n);
  double below = 0;
  for (std::size_t k = 0; k + 1 < n; ++k) {
    below += static_cast<double>(work[k]);
    if (u < below) return k;
  }
  return n - 1;
}

}  // namespace

template <class T>
AttentionDecoder<T>::AttentionDecoder(std::size_t symbols, std::size_t embedding, std::size_t features,
                                      LayerPointer<T> layers, Attention<T> attention)
    : symbols_(symbols),
      embedding_width_(embedding),
      features_(features),
      embedding_(symbols + 1, embedding),
      layers_(std::move(layers)),
      attention_(std::move(attention)),
      output_(layers_->outputs() + features, symbols + 1) {}

template <class T>
void AttentionDecoder<T>::declare(ParameterTable& table) {
  embedding_.declare(table, "embedding");
  const std::size_t before = table.size();
  layers_->declare(table, "decoder");
  layer_weights_ = table.size() - before;
  attention_.declare(table, "attention");
  output_.declare(table, "output");
  stream_ = table.next_stream();
}

template <class T>
void AttentionDecoder<T>::initialise(std::span<T> weights, std::uint64_t seed) const {
  embedding_.initialise(weights, seed);
  layers_->initialise(weights, seed);
  attention_.initialise(weights, seed);
  output_.initialise(weights, seed);
}

template <class T>
void AttentionDecoder<T>::pack(std::span<const T> weights, const Packing& packing) {
  embedding_.pack(weights, packing);
  layers_->pack(weights, packing);
  attention_.pack(weights, packing);
  output_.pack(weights, packing);
}

template <class T>
void AttentionDecoder<T>::prepare(const Pass& pass, const Sequences<T>& memory, const Sequences<T>& targets,
                                  View<const T> state, Tr& trace) const {
  const std::size_t B = memory.layout().batch();
  if (memory.features() != features_ || targets.features() != 1 || targets.layout().batch() != B ||
      state.rows() != B || state.columns() != state_size())
    throw Error(fmt::format(
        "[decoder.forward] expected memory [S, B, {}], targets [U, B, 1] and state [B, {}], got [{}, {}, "
        "{}], "
        "[{}, {}, {}] and [{}, {}]",
        features_, state_size(), memory.layout().time(), B, memory.features(), targets.layout().time(),
        targets.layout().batch(), targets.features(), state.rows(), state.columns()));
  const auto with_end = [](std::size_t length) { return length + 1; };
  const std::vector<std::size_t>& before = targets.layout().lengths();
  if (trace.layout == nullptr || !std::ranges::equal(before, trace.layout->lengths(), {}, with_end)) {
    std::vector<std::size_t> lengths(B);
    std::ranges::transform(before, lengths.begin(), with_end);
    trace.layout = std::make_shared<SequenceLayout>(std::move(lengths));
  }
  const SequenceLayout& layout = *trace.layout;
  attention_.remember(*pass.pool, memory, trace.memory);
  trace.kept = pass.keeps_trace();
  trace.fed.reshape(trace.layout, 1);
  trace.joined.resize({layout.rows(), joined()});
  trace.weights_begin.resize(B);
  std::size_t weights = 0;
  for (std::size_t b = 0; b < B; ++b) {
    trace.weights_begin[b] = weights;
    weights = checked_add(weights, checked_multiply(layout.length(b), trace.memory.steps(b), "attention"),
                          "attention");
  }
  trace.weights.resize({weights});
  trace.gazes.resize(B);
  for (std::size_t count = trace.running.size(); count <= B; ++count)
    trace.running.push_back(std::make_shared<SequenceLayout>(std::vector<std::size_t>(count, 1)));
  trace.steps.resize(std::max(trace.steps.size(), trace.kept ? layout.time() : std::size_t{1}));
  for (auto& step : trace.steps)
    if (step.layers == nullptr) step.layers = layers_->make_trace();
  trace.state.resize({B, state_size()});
  to_slots(layout, state, trace.state.matrix());
  const std::size_t looking = attention_.query_scratch() + trace.memory.layout->time();
  trace.scratch.resize(std::max(trace.scratch.size(), B * std::max(looking, symbols_ + 1)));
}

template <class T>
void AttentionDecoder<T>::aim(std::size_t t, Tr& trace) const {
  const SequenceLayout& layout = *trace.layout;
  for (std::size_t slot = 0; slot < layout.active(t); ++slot) {
    const std::size_t b = layout.sequence(slot);
    trace.gazes[slot] = {b, trace.weights.data() + trace.weights_begin[b] + t * trace.memory.steps(b)};
  }
}

template <class T>
void AttentionDecoder<T>::feed(const Pass& pass, const Sequences<T>& targets, double sampling, std::size_t t,
                               const Sequences<T>& logits, Tr& trace) const {
  const Random random(pass.seed, (stream_ << 40) | pass.update);
  const View<T> fed = trace.fed.step(t);
  for (std::size_t slot = 0; slot < fed.rows(); ++slot) {
    const std::size_t b = trace.layout->sequence(slot);
    fed(slot, 0) = t == 0 ? static_cast<T>(symbols_) : targets.at(b, t - 1)[0];
    if (t == 0 || sampling == 0) continue;
    const auto bits = random.block((static_cast<std::uint64_t>(b) << 32) + t);
    if (bits[0] * 0x1p-32 >= sampling) continue;
    fed(slot, 0) = static_cast<T>(
        draw(logits.step(t - 1).row(slot), symbols_ + 1, bits[1] * 0x1p-32, trace.scratch.data()));
  }
}

template <class T>
void AttentionDecoder<T>::look(const Pass& pass, std::size_t t, Tr& trace) const {
  const std::size_t count = trace.layout->active(t), H = layers_->outputs();
  aim(t, trace);
  const View<T> joined = trace.joined.matrix().rows(trace.layout->first_row(t), count);
  const std::size_t work = count * attention_.multiply_adds(trace.memory.layout->time());
  split_work(*pass.pool, count, work, [&](std::size_t begin, std::size_t end) {
    const View<T> rows = joined.rows(begin, end - begin);
    attention_.attend(trace.memory, rows.columns(0, H), std::span(trace.gazes).subspan(begin, end - begin),
                      rows.columns(H, features_), trace.scratch.data() + begin * attention_.query_scratch());
  });
}

template <class T>
void AttentionDecoder<T>::put_out(const Pass& pass, View<const T> joined_rows, View<T> logits) const {
  const std::size_t rows = logits.rows();
  split_work(*pass.pool, rows, rows * joined() * (symbols_ + 1), [&](std::size_t begin, std::size_t end) {
    output_.map(joined_rows.rows(begin, end - begin), logits.rows(begin, end - begin));
  });
}

template <class T>
void AttentionDecoder<T>::forward(const Pass& pass, const Sequences<T>& memory, const Sequences<T>& targets,
                                  double sampling, View<const T> state, Sequences<T>& logits,
                                  Tr& trace) const {
  prepare(pass, memory, targets, state, trace);
  logits.reshape(trace.layout, symbols_ + 1);
  const std::size_t E = embedding_width_, H = layers_->outputs();
  Pass step_pass = pass;
  for (std::size_t t = 0; t < trace.layout->time(); ++t) {
    const std::size_t count = trace.layout->active(t), row = trace.layout->first_row(t);
    auto& [x, y, layers] = trace.steps[trace.kept ? t : 0];
    feed(pass, targets, sampling, t, logits, trace);
    x.reshape(trace.running[count], E + features_);
    embedding_.step(trace.fed.step(t), {}, x.matrix().columns(0, E), nullptr);
    for (std::size_t slot = 0; slot < count; ++slot) {
      T* const context = x.matrix().row(slot) + E;
      if (t == 0)
        std::fill_n(context, features_, T(0));
      else
        std::copy_n(trace.joined.matrix().row(trace.layout->first_row(t - 1) + slot) + H, features_, context);
    }
    step_pass.first_step = t;
    layers_->forward(step_pass, x, trace.state.matrix().rows(0, count), y, *layers);
    const View<T> joined = trace.joined.matrix().rows(row, count);
    for (std::size_t slot = 0; slot < count; ++slot)
      std::ranges::copy(y.matrix().row_span(slot), joined.row(slot));
    look(pass, t, trace);
    if (sampling > 0) put_out(pass, joined, logits.step(t));
  }
  // Otherwise no step needs what another has put out: one product for all.
  if (sampling == 0) put_out(pass, std::as_const(trace.joined).matrix(), logits.matrix());
}

template <class T>
void AttentionDecoder<T>::backward_step(const Pass& pass, std::size_t t, std::span<T> gradient,
                                        Tr& trace) const {
  const SequenceLayout& layout = *trace.layout;
  const std::size_t count = layout.active(t), row = layout.first_row(t);
  const std::size_t E = embedding_width_, H = layers_->outputs();
  const View<T> djoined = trace.djoined.matrix().rows(row, count), dcontext = djoined.columns(H, features_);
  if (t + 1 < layout.time())  // the context was fed to the step behind
    for (std::size_t slot = 0; slot < layout.active(t + 1); ++slot)
      for (std::size_t j = 0; j < features_; ++j) dcontext(slot, j) += trace.dx.matrix()(slot, E + j);
  aim(t, trace);
  const View<T> dquery = trace.dquery.matrix().rows(0, count);
  attention_.attend_backward(*pass.pool, trace.memory, trace.joined.matrix().rows(row, count).columns(0, H),
                             std::span(trace.gazes).first(count), dcontext,
                             trace.projected.matrix().rows(row, count), dquery, trace.attention,
                             trace.scratch.data());
  auto& [x, y, layers] = trace.steps[t];
  trace.dy.reshape(trace.running[count], H);
  for (std::size_t slot = 0; slot < count; ++slot)
    for (std::size_t j = 0; j < H; ++j) trace.dy.matrix()(slot, j) = djoined(slot, j) + dquery(slot, j);
  Pass step_pass = pass;
  step_pass.first_step = t;
  layers_->backward(step_pass, x, y, trace.dy, trace.dstate.matrix().rows(0, count), &trace.dx, gradient,
                    *layers);
  for (std::size_t slot = 0; slot < count; ++slot)
    std::copy_n(trace.dx.matrix().row(slot), E, trace.dfed.matrix().row(row + slot));
}

template <class T>
void AttentionDecoder<T>::backward(const Pass& pass, const Sequences<T>& dlogits, View<T> dstate,
                                   Sequences<T>& dmemory, std::span<T> gradient, Tr& trace) const {
  if (!trace.kept)
    throw Error("[decoder.backward] the forward pass before it was not made with Pass::training");
  if (dlogits.layout() != *trace.layout || dlogits.features() != symbols_ + 1)
    throw Error(
        fmt::format("[decoder.backward] expected dlogits [{}, {}, {}], got [{}, {}, {}] or other lengths",
                    trace.layout->time(), trace.layout->batch(), symbols_ + 1, dlogits.layout().time(),
                    dlogits.layout().batch(), dlogits.features()));
  const SequenceLayout& layout = *trace.layout;
  const std::size_t B = layout.batch(), H = layers_->outputs();
  trace.djoined.resize(trace.joined.shape());
  trace.projected.resize({layout.rows(), attention_.projected()});
  trace.dquery.resize({B, H});
  trace.dfed.reshape(trace.layout, embedding_width_);
  trace.dstate.resize({B, state_size()});
  trace.dstate.fill(T(0));
  const View<const T> joined = std::as_const(trace.joined).matrix();
  output_.add_gradients(*pass.pool, dlogits.matrix(), joined, gradient, trace.packed);
  output_.input_gradient(*pass.pool, dlogits.matrix(), trace.djoined.matrix());
  attention_.begin_backward(trace.memory, B, trace.attention);
  for (std::size_t t = layout.time(); t-- > 0;) backward_step(pass, t, gradient, trace);
  attention_.finish_backward(*pass.pool, trace.memory, joined.columns(0, H),
                             std::as_const(trace.projected).matrix(), trace.attention, dmemory, gradient);
  embedding_.backward(pass, trace.fed, trace.dfed, trace.dfed, {}, nullptr, gradient, trace.embedding);
  from_slots(layout, View<const T>(trace.dstate.matrix()), dstate);
}

template <class T>
std::size_t AttentionDecoder<T>::step_scratch() const noexcept {
  const std::size_t x = embedding_width_ + features_, y = layers_->outputs();
  return std::max(x + y + layers_->step_scratch(1), attention_.query_scratch());
}

template <class T>
std::size_t AttentionDecoder<T>::multiply_adds(std::size_t steps) const noexcept {
  return layer_weights_ + attention_.multiply_adds(steps) + joined() * (symbols_ + 1);
}

template <class T>
void AttentionDecoder<T>::step(const AttentionMemory<T>& memory, const DecoderStep<T>& step) const noexcept {
  const std::size_t rows = step.symbols.rows(), E = embedding_width_, H = layers_->outputs();
  const View<T> x(step.scratch, rows, E + features_), y(x.row(rows), rows, H);
  embedding_.step(step.symbols, {}, x.columns(0, E), nullptr);
  for (std::size_t r = 0; r < rows; ++r) std::copy_n(step.joined.row(r) + H, features_, x.row(r) + E);
  layers_->step(x, step.state, y, y.row(rows));
  for (std::size_t r = 0; r < rows; ++r) std::copy_n(y.row(r), H, step.joined.row(r));
  attention_.attend(memory, step.joined.columns(0, H), step.gazes, step.joined.columns(H, features_),
                    step.scratch);
  output_.map(step.joined, step.logits);
}

template class AttentionDecoder<float>;
template class AttentionDecoder<double>;

}  // namespace carousel
