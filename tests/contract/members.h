// Every member of the family and every composition that the contract's tests and the gradient checks run
// over: a new layer adds its spec here and is tested.
#pragma once

#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"

namespace carousel::testing {

struct Member {
  std::string name;  ///< letters and digits, for the test's name
  std::string spec;
  std::size_t inputs;
  std::size_t symbols = 0;  ///< where inputs are numbers of symbols: so many; elsewhere they are in [-1, 1)
  bool normalised =
      false;  ///< states hold normalisers, sums of exponentials, which are never near 0 or below
};

inline std::ostream& operator<<(std::ostream& out, const Member& member) { return out << member.spec; }

/// Choices of the LSTM cell's options.
inline std::vector<Member> lstm_members() {
  return {
      {"lstm", "lstm 7", 3},
      {"lstm_1997", "lstm_1997 6 cells_per_block=2", 3},
      {"lstm_1997_gates_biased", "lstm_1997 7 bias=gates", 3},
      {"peephole", "peephole 7", 3},
      {"peephole_previous", "peephole 7 output_peephole=previous clip_cell=0.7", 3},
      {"peephole_cell_feedback", "peephole_cell_feedback 7", 3},
      {"peephole_full", "lstm 7 peephole=full", 3},
      {"peephole_blocks", "peephole 6 cells_per_block=3 output_peephole=previous", 3},
      {"coupled", "coupled 7", 3},
      {"coupled_plain", "lstm 7 forget_gate=coupled", 3},
      {"no_input_gate", "no_input_gate 7", 3},
      {"no_forget_gate", "no_forget_gate 7", 3},
      {"no_output_gate", "no_output_gate 7", 3},
      {"no_input_activation", "no_input_activation 7", 3},
      {"no_output_activation", "no_output_activation 7", 3},
      {"full_gate_recurrence", "full_gate_recurrence 5", 3},
      {"projected", "projected 7 projection=4", 3},
      {"projected_clipped", "projected 7 projection=4 clip_projection=0.35 peephole=diagonal", 3},
      {"clip_gates", "peephole 7 clip_gates=0.9", 3},
      {"layer_norm_cell", "lstm 7 layer_norm=on", 3},
      {"layer_norm_peephole", "peephole 6 layer_norm=on projection=4 cells_per_block=2", 3},
      {"activations", "lstm 5 gate_activation=hard_sigmoid input_activation=elu output_activation=softsign",
       3},
      {"activations_too", "peephole 5 input_activation=softplus output_activation=scaled_tanh:1.7:0.6", 3},
      {"few_gates", "lstm 6 input_gate=off forget_gate=off output_gate=off bias=none", 3},
  };
}

/// What training does to states.
inline std::vector<Member> regularised_members() {
  return {
      {"zoneout", "lstm 7 zoneout_hidden=0.2 zoneout_cell=0.3", 3},
      {"zoneout_gates_fed_back", "full_gate_recurrence 5 zoneout_cell=0.3", 3},
      {"zoneout_gru", "gru 7 zoneout_hidden=0.3 learned_start=on", 3},
      {"variational_dropout", "lstm 7 variational_dropout=0.3, dropout 0.2 variational=on", 3},
      {"every_regularisation",
       "peephole 6 projection=4 variational_dropout=0.2 zoneout_hidden=0.1 zoneout_cell=0.2 drop_connect=0.3 "
       "weight_noise=0.1 learned_start=on",
       3},
      {"zoneout_rnn", "rnn 6 zoneout_hidden=0.2 variational_dropout=0.2 learned_start=on", 3},
      {"learned_start", "lstm 6 learned_start=on, lstm 4 learned_start=on recurrent_start=orthogonal", 3},
  };
}

/// Memory over space.
inline std::vector<Member> space_members() {
  return {
      {"conv_lstm", "conv_lstm 3 size=4x5 learned_start=on", 40},
      {"conv_lstm_peephole", "conv_lstm 2 size=5x3 kernel=2 stride=2 recurrent_dilation=2 peephole=diagonal",
       15},
      {"conv_lstm_line",
       "conv_lstm 2 size=6 kernel=3 dilation=2 recurrent_kernel=5 peephole=diagonal "
       "output_peephole=previous, "
       "dense 2",
       12},
      {"conv_lstm_volume", "conv_lstm 1 size=2x3x2 kernel=1x3x2 recurrent_kernel=3", 12},
      {"conv_lstm_both_ways",
       "bidirectional(conv_lstm 2 size=2x2 peephole=diagonal) merge=sum, residual(conv_lstm 2 size=2x2), "
       "conv_lstm 1 size=2x2",
       4},
      {"conv_lstm_reversed", "reversed(conv_lstm 2 size=3 learned_start=on), conv_lstm 1 size=3, dense 2", 3},
      {"md_lstm", "md_lstm 3 size=3x4", 12},
      {"md_lstm_last", "md_lstm 4 size=5x3 window=2x2 output=last peephole=diagonal, dense 2", 30},
      {"md_lstm_line", "md_lstm 3 size=5 merge=sum peephole=diagonal", 10},
      {"md_lstm_volume", "md_lstm 2 size=2x3x2 merge=sum output=last peephole=diagonal", 12},
      {"md_lstm_one", "md_lstm 2 size=2x2x3 directions=one, lstm 3", 12},
      {"md_lstm_levels",
       "md_lstm 2 size=4x3 window=2x2 merge=sum, md_lstm 2 size=2x2 window=2x1 peephole=diagonal, "
       "residual(md_lstm 2 size=1x2), md_lstm 2 size=1x2 output=last",
       12},
      {"md_lstm_both_ways", "bidirectional(md_lstm 1 size=2x2, lstm 2), reversed(md_lstm 1 size=2x2)", 4},
  };
}

/// Relatives of the LSTM.
inline std::vector<Member> relative_members() {
  return {
      {"min_lstm", "min_lstm 7", 3},
      {"min_lstm_positive", "min_lstm 5 candidate=positive, dense 2", 3},
      {"min_gru", "min_gru 7 learned_start=on", 3},
      {"min_gru_positive", "min_gru 6 candidate=positive, dense 2", 3},
      {"min_bidirectional", "bidirectional(min_lstm 5), min_gru 4, dense 2", 2},
      {"mlstm", "mlstm 6 heads=3 learned_start=on", 3},
      {"mlstm_one_head", "mlstm 5 forget_activation=exponential, dense 2", 3},
      {"mlstm_deep", "mlstm 6 heads=3, bidirectional(mlstm 9 heads=3), dense 2", 2},
      {"rnn", "rnn 7", 3},
      {"rnn_relu", "rnn 6 activation=relu, dense 2", 3},
      {"slstm", "slstm 6 heads=3", 3, 0, true},
      {"slstm_learned_start", "slstm 6 heads=3 learned_start=on, dense 2", 3, 0, true},
      {"slstm_exponential", "slstm 5 forget_activation=exponential, dense 2", 3, 0, true},
      {"relatives_bidirectional", "bidirectional(slstm 6 heads=3), rnn 4, dense 2", 2, 0, true},
  };
}

/// Compositions, and cells of their own.
inline std::vector<Member> composed_members() {
  return {
      {"lstm_dense", "lstm 6, dense 3 tanh", 2},
      {"deep", "lstm 6, lstm 5, lstm 4, dense 2 sigmoid", 3},
      {"dense_relu", "dense 6 relu, dense 2", 4},
      {"dropout", "lstm 6, dropout 0.3, lstm 4, dropout 0.2, dense 2", 3},
      {"residual", "dense 4, residual(lstm 4), residual(lstm 6, dense 4), dense 1", 2},
      {"reversed", "reversed(lstm 5), dense 2", 3},
      {"bidirectional", "bidirectional(lstm 5), dense 2", 3},
      {"bidirectional_sum", "bidirectional(lstm 4, dense 3) merge=sum", 3},
      {"bidirectional_deep", "bidirectional(lstm 4) merge=mean, bidirectional(lstm 3), lstm 4", 2},
      {"gru", "gru 7", 3},
      {"gru_before", "gru 7 reset=before", 3},
      {"gru_deep", "gru 6, gru 5 reset=before, gru 4, dense 2", 2},
      {"gru_bidirectional", "bidirectional(gru 5), bidirectional(gru 4 reset=before) merge=sum", 2},
      {"embedding", "embedding 5 4, lstm 3, dense 2", 1, 5},
      {"embedding_both_ways", "bidirectional(embedding 6 3, lstm 4), dense 1", 1, 6},
      {"parallel", "parallel(lstm 4, dense 3 tanh, stack(gru 3, dropout 0.2, dense 2)), dense 2", 3},
      {"parallel_both_ways", "parallel(reversed(lstm 3), parallel(lstm 2, bidirectional(gru 3)))", 2},
      {"embedding_parallel", "parallel(embedding 5 3, stack(embedding 6 2, lstm 4)), dense 2", 1, 5},
      {"layer_norm", "lstm 6, layer_norm eps=0.01, dense 3", 3},
      {"layer_norm_residual", "dense 5, residual(layer_norm eps=0.1, lstm 5), dense 2", 4},
      {"conv1d", "conv1d 5 kernel=3 dilation=2 activation=tanh, lstm 4, conv1d 2 kernel=2", 3},
      {"conv1d_same", "conv1d 4 kernel=3 padding=same, lstm 3, conv1d 2 kernel=2 stride=2 padding=same", 2},
      {"conv1d_none", "conv1d 4 kernel=2 padding=none activation=sigmoid, lstm 3", 3},
      {"conv1d_stride", "conv1d 4 kernel=3 stride=2, lstm 3", 3},
      {"conv1d_parallel", "dense 4, residual(parallel(conv1d 2 kernel=2, dense 3), dense 4), lstm 3", 3},
      {"pool_max", "lstm 4, pool max window=2, lstm 3, dense 1", 3},
      {"pool_mean", "lstm 4, pool mean window=3 stride=2, dense 2", 3},
      {"pool_whole", "bidirectional(lstm 4, pool last window=all), dense 3, pool mean window=all, dense 2",
       3},
      {"pool_last", "lstm 4, pool last window=3, lstm 3, pool max window=all", 3},
      {"pool_overlapping", "dense 4, residual(lstm 4, pool mean window=3 stride=1), dense 2", 3},
      {"pyramid", "bidirectional(lstm 3), pyramid, bidirectional(lstm 2, pyramid), dense 2", 2},
      {"pyramid_reversed", "reversed(pyramid factor=3, gru 4)", 2},
      {"softmax", "lstm 4, softmax 5", 3},
      {"softmax_log", "gru 4, softmax 5 log=on", 3},
      {"mixture", "lstm 4, mixture 3 outputs=2", 3},
  };
}

/// Networks of units, connections and gaters.
inline std::vector<Member> wired_members() {
  return {
      {"lstm_g", "lstm_g 4", 3},
      {"lstm_g_1997", "lstm_g 4 wiring=lstm_1997 cells_per_block=2", 3},
      {"lstm_g_peephole", "lstm_g 3 wiring=peephole learned_start=on, dense 2", 2},
      {"lstm_g_both_ways", "bidirectional(lstm_g 3 wiring=peephole), reversed(lstm_g 2), dense 2", 2},
      {"lstm_g_wired",
       "lstm_g(units a 3 sigmoid, units b 3 softsign, units c 3 tanh, connect x a, connect x b, "
       "connect c a each, connect b a all gater=c, connect a b each gater=b, connect c c self gater=a, "
       "connect b c each gater=a, connect x c all gater=b, connect c c, connect b b self gater=a start=0.5, "
       "outputs c a)",
       2},
  };
}

inline const std::vector<Member>& members() {
  static const std::vector<Member> list = [] {
    std::vector<Member> all;
    for (const auto& some : {lstm_members(), regularised_members(), space_members(), relative_members(),
                             composed_members(), wired_members()})
      all.insert(all.end(), some.begin(), some.end());
    return all;
  }();
  return list;
}

template <class T>
void fill_inputs(const Member& member, std::span<T> x, std::uint64_t seed) {
  const Random random(seed, 1);
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<T>(member.symbols > 0 ? static_cast<double>(random.below(i, member.symbols))
                                             : random.uniform(i, -1.0, 1.0));
}

template <class T>
void fill_states(const Member& member, std::span<T> state, const Random& random, double limit) {
  for (std::size_t i = 0; i < state.size(); ++i)
    state[i] = static_cast<T>(random.uniform(i, member.normalised ? limit / 2 : -limit, limit));
}

inline std::string member_name(const auto& info) { return info.param.name; }

}  // namespace carousel::testing
