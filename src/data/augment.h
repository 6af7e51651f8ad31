// Changed copies of training samples, so that a network sees none of them twice. What is changed is a
// function of (seed, epoch, index of the sample) alone: not of threads, batches or what was asked for before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tensor/view.h"

namespace carousel {

/// Whose turn it is.
struct Draw {
  std::uint64_t seed = 0, epoch = 0, index = 0;
};

/// Adds white noise, so that the power of the samples divided by that of the noise is 10^(snr_db / 10) on
/// average. Silence stays silent. Its numbers are sums of eight uniform ones (Irwin-Hall): normal but for an
/// excess kurtosis of -0.15, and made of whole numbers, which are the same everywhere. Throws Error for an
/// snr_db beyond -100 ... 100.
void add_noise(std::span<float> samples, double snr_db, const Draw& draw);

/// SpecAugment (Park et al. 2019): each of `count` masks is t = 0 ... width long, every length as likely,
/// begins where it finds room, every place as likely, and sets what it covers to 0: the mean, of features
/// that have been scaled to it.
struct Masks {
  std::size_t count = 2;
  std::size_t width = 0;
};
/// Masks of whole frames [T, F], none longer than T times `largest_share` (p in the paper), 0 to 1. Throws
/// Error for another one.
void mask_time(View<float> frames, const Masks& masks, double largest_share, const Draw& draw);
/// Masks of features throughout, none wider than there are bands. The F features are `groups` times the same
/// bands (as deltas are), which are masked alike. Throws Error where F is no multiple of them.
void mask_frequency(View<float> frames, const Masks& masks, std::size_t groups, const Draw& draw);

}  // namespace carousel
