#include <fmt/format.h>

#include "layers/recurrent.h"
#include "model/builders.h"

namespace carousel {

WeightNoise read_weight_noise(LayerReader& read, bool has_recurrent) {
  WeightNoise noise;
  if (has_recurrent) noise.drop_connect = read.option_number("drop_connect", 0.0, 0.99, 0.0);
  noise.weight_noise = read.option_number("weight_noise", 0.0, 10.0, 0.0);
  return noise;
}

template <class T>
LayerPointer<T> build_recurrent(LayerReader& read, std::unique_ptr<Cell<T>> cell) {
  RecurrentOptions o;
  // Where an option cannot be, it is not named among those that can, and has a refusal of its own.
  const auto rate = [&](const char* name, bool possible) {
    return possible || read.has_option(name) ? read.option_number(name, 0.0, 0.99, 0.0) : 0.0;
  };
  o.variational_dropout = rate("variational_dropout", cell->hidden_only_in_products());
  o.zoneout_hidden = rate("zoneout_hidden", true);
  o.zoneout_cell = rate("zoneout_cell", cell->zoneable() > 0);
  o.weights = read_weight_noise(read, true);
  o.learned_start = read.option_flag("learned_start", false);
  if (o.variational_dropout > 0 && !cell->hidden_only_in_products())
    read.refuse(
        "variational_dropout",
        fmt::format(
            "{} carries h_(t-1) on beside its products, which a mask would change; use zoneout_hidden, "
            "or a dropout layer with variational=on",
            read.kind()));
  if (o.zoneout_cell > 0 && cell->zoneable() == 0)
    read.refuse(
        "zoneout_cell",
        cell->memory() == 0
            ? fmt::format("{} has no cell whose units could stay each by itself; use zoneout_hidden",
                          read.kind())
            : fmt::format("a unit of {}'s cell cannot stay what it was while its normaliser goes on; use "
                          "zoneout_hidden",
                          read.kind()));
  return std::make_unique<Recurrent<T>>(std::move(cell), o);
}

template LayerPointer<float> build_recurrent(LayerReader&, std::unique_ptr<Cell<float>>);
template LayerPointer<double> build_recurrent(LayerReader&, std::unique_ptr<Cell<double>>);

}  // namespace carousel
