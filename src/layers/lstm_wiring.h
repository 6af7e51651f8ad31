// An LSTM cell as a wiring of units, connections and gaters.
#pragma once

#include "cells/lstm_options.h"
#include "layers/wiring.h"

namespace carousel {

/// The units of an LSTM of `hidden` cells with these options, whose outputs are h. As activities they are the
/// quantities of cells/lstm_options.h under the same names, and these connections:
///
///     c <- c    self, weight 1, gated by f          z = z(c) <- c, weight 1 (left out if z is the identity)
///     h <- z    weight 1, gated by o
///
/// The paper's cell takes its inputs as connections gated by i, and does not squash them: so it is wired
/// where input_activation is the identity. Else the cell input g is a unit, and i * g must be wired so that
/// the traces of i and of g both run through c, which they do for what gates a connection into it:
///
///     c <- g    weight 1, gated by i                q <- g, weight 1, gated by i
///     c <- i    weight 1, gated by g                c <- q, weight -1
///
/// c gains i g + g i - q. What flows back from c through q is taken from what flows back through the two
/// gated connections, and leaves to each of i and g its trace alone.
///
/// Gates that are fed back come through units that hold them for a step. Throws SettingError for options that
/// no units and gaters can express: forget_gate=coupled, projection, clips, layer_norm, chrono.
Wiring lstm_wiring(std::size_t inputs, std::size_t hidden, const LstmOptions& options);

/// Names of lstm_presets() that can be wired.
const std::vector<std::string>& lstm_wiring_names();

}  // namespace carousel
