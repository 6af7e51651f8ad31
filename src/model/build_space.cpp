// Layers over space: images of up to three dimensions in a row of features.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/counted.h"
#include "layers/conv_lstm.h"
#include "layers/md_lstm.h"
#include "model/builders.h"

namespace carousel {

namespace {

constexpr std::size_t kMaxExtent = 1 << 16;

/// What is written as 64x48, z before y before x, of so many dimensions as it has.
struct Extents {
  Extent extent;
  std::size_t dimensions = 0;
};

Extents read_extents(LayerReader& read, std::string_view option, std::size_t most) {
  Extents result;
  const std::vector<std::string> parts = read.option_parts(option);
  if (parts.empty()) return result;
  std::vector<std::size_t> numbers;
  const auto refuse = [&] {
    read.refuse(
        option,
        fmt::format("expected up to three whole numbers from 1 to {} with an x between, such as 3x3", most));
  };
  if (parts.size() > 1) refuse();
  for (std::size_t begin = 0, end; begin <= parts[0].size(); begin = end + 1) {
    end = std::min(parts[0].find('x', begin), parts[0].size());
    std::size_t number = 0;
    const char *first = parts[0].data() + begin, *last = parts[0].data() + end;
    const auto found = std::from_chars(first, last, number);
    if (found.ec != std::errc() || found.ptr != last || number < 1 || number > most || numbers.size() == 3)
      refuse();
    numbers.push_back(number);
  }
  result.dimensions = numbers.size();
  std::copy_backward(numbers.begin(), numbers.end(), result.extent.n.end());
  return result;
}

/// An option that says something of each dimension of an image, or one number for all of them.
Extent of_image(LayerReader& read, std::string_view option, std::size_t standard, std::size_t dimensions) {
  Extents given = read_extents(read, option, kMaxExtent);
  const bool one_for_all = given.dimensions <= 1;
  const std::size_t number = given.dimensions == 0 ? standard : given.extent[2];
  if (one_for_all)
    for (std::size_t d = 3 - dimensions; d < 3; ++d) given.extent.n[d] = number;
  else if (given.dimensions != dimensions)
    read.refuse(option,
                fmt::format("has {} dimensions, but size has {}; write as many numbers as size has, or "
                            "one for all",
                            given.dimensions, dimensions));
  return given.extent;
}

std::string to_text(const Extent& extent, std::size_t dimensions) {
  return fmt::format(
      "{}", fmt::join(extent.n.end() - static_cast<std::ptrdiff_t>(dimensions), extent.n.end(), "x"));
}

/// The largest one that may be an extent.
std::size_t largest_divisor(std::size_t number) {
  std::size_t divisor = std::min(number, kMaxExtent);
  while (number % divisor != 0) --divisor;
  return divisor;
}

/// size=HxW: what a row of features is an image of; channels follow from the number of features.
Extents read_size(LayerReader& read, std::size_t inputs) {
  const Extents size = read_extents(read, "size", kMaxExtent);
  if (size.dimensions == 0)
    read.refuse(fmt::format("size is missing: what images the {} features are, such as size=28x28", inputs));
  const std::size_t volume =
      checked_multiply(checked_multiply(size.extent[0], size.extent[1], "size"), size.extent[2], "size");
  if (inputs % volume != 0)
    read.refuse("size",
                fmt::format("{} do not divide {}, which are positions times channels; use a size of so many "
                            "positions as divide {}, such as size={}",
                            counted(volume, "position", "positions"), counted(inputs, "feature", "features"),
                            inputs, largest_divisor(inputs)));
  return size;
}

/// Refuses places times what there is at each beyond what a row of features may hold.
void check_volume(const LayerReader& read, std::string_view option, const Extent& extent, std::size_t each) {
  constexpr std::size_t most = std::size_t{1} << 24;
  std::size_t product = each;
  for (const std::size_t n : extent.n) {
    if (n > most / product)
      read.refuse(option,
                  fmt::format("{} x {} x {} places of {} numbers each are more than {}; make it smaller",
                              extent[0], extent[1], extent[2], each, most));
    product *= n;
  }
}

}  // namespace

template <class T>
LayerPointer<T> build_conv_lstm(LayerReader& read, std::size_t inputs) {
  ConvLstmOptions o;
  o.hidden = read.integer("hidden", 1, kMaxWidth);
  const Extents size = read_size(read, inputs);
  o.image = size.extent;
  o.channels = inputs / size.extent.volume();
  const auto each = [&](const char* option, std::size_t standard) {
    return of_image(read, option, standard, size.dimensions);
  };
  o.kernel = each("kernel", 3);
  o.stride = each("stride", 1);
  o.dilation = each("dilation", 1);
  o.recurrent_kernel = each("recurrent_kernel", 3);
  o.recurrent_dilation = each("recurrent_dilation", 1);
  check_volume(read, "kernel", o.kernel, o.channels);
  check_volume(read, "recurrent_kernel", o.recurrent_kernel, o.hidden);
  check_volume(read, "size", o.image, 4 * o.hidden);
  o.peephole = read.option_word("peephole", {"none", "diagonal"}, "none") == "diagonal";
  o.output_peephole = named<OutputPeephole>(
      read.option_word("output_peephole", output_peephole_names(), "current"), output_peephole_names());
  o.forget_bias = read.option_number("forget_bias", -100.0, 100.0, 1.0);
  o.noise = read_weight_noise(read, true);
  o.learned_start = read.option_flag("learned_start", false);
  if (!o.peephole && o.output_peephole == OutputPeephole::previous)
    read.refuse("output_peephole", "says which c the output gate sees, so it needs peephole=diagonal");
  const auto text = [&](const Extent& extent) { return to_text(extent, size.dimensions); };
  o.text = fmt::format(
      "conv_lstm, hidden {} channels, image {} x {}, kernel {}, stride {}, dilation {}, recurrent_kernel {}, "
      "recurrent_dilation {}, peephole {}",
      o.hidden, text(o.image), o.channels, text(o.kernel), text(o.stride), text(o.dilation),
      text(o.recurrent_kernel), text(o.recurrent_dilation),
      !o.peephole ? "none"
                  : "diagonal, output gate sees " +
                        output_peephole_names()[static_cast<std::size_t>(o.output_peephole)]);
  return std::make_unique<ConvLstm<T>>(o);
}

template <class T>
LayerPointer<T> build_md_lstm(LayerReader& read, std::size_t inputs) {
  MdLstmOptions o;
  o.hidden = read.integer("hidden", 1, kMaxWidth);
  const Extents size = read_size(read, inputs);
  o.image = size.extent;
  o.channels = inputs / size.extent.volume();
  o.dimensions = size.dimensions;
  o.window = of_image(read, "window", 1, size.dimensions);
  check_volume(read, "window", o.window, o.channels);
  for (std::size_t d = 0; d < 3; ++d)
    if (o.window[d] > o.image[d])
      read.refuse("window", fmt::format("{} is larger than the image; use at most {}",
                                        to_text(o.window, o.dimensions), to_text(o.image, o.dimensions)));
  check_volume(read, "size", o.image, 8 * o.hidden);  // of as many directions
  o.all_directions = read.option_word("directions", {"all", "one"}, "all") == "all";
  o.concat = read.option_word("merge", {"concat", "sum"}, "concat") == "concat";
  o.last = read.option_word("output", {"all", "last"}, "all") == "last";
  o.peephole = read.option_word("peephole", {"none", "diagonal"}, "none") == "diagonal";
  // With forget gates near 1 for each of several dimensions, c would grow with every position.
  o.forget_bias = read.option_number("forget_bias", -100.0, 100.0, size.dimensions == 1 ? 1.0 : 0.0);
  o.noise = read_weight_noise(read, true);
  if (!o.all_directions && !o.concat)
    read.refuse("merge",
                "sum adds the outputs of several directions; use directions=all, or leave merge out");
  o.text = fmt::format(
      "md_lstm, hidden {}, image {} x {}, window {}, directions {}, merge {}, output {}, peephole {}",
      o.hidden, to_text(o.image, o.dimensions), o.channels, to_text(o.window, o.dimensions),
      o.all_directions ? "all" : "one", o.concat ? "concat" : "sum", o.last ? "last" : "all",
      o.peephole ? "diagonal" : "none");
  return std::make_unique<MdLstm<T>>(o);
}

template LayerPointer<float> build_md_lstm(LayerReader&, std::size_t);
template LayerPointer<double> build_md_lstm(LayerReader&, std::size_t);
template LayerPointer<float> build_conv_lstm(LayerReader&, std::size_t);
template LayerPointer<double> build_conv_lstm(LayerReader&, std::size_t);

}  // namespace carousel
