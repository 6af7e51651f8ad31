// How rare a value of the standard normal distribution is.
#pragma once

namespace carousel {

/// -log10 of the probability that the standard normal distribution is above z: 0.301 at 0, 6.54 at 5, 24.1 at
/// 10; 0 at and below -8. Relative error below 1e-7 where it is above 0.3. Not finite only where z is not, or
/// where z * z overflows. The same bits on every machine.
double normal_tail_score(double z) noexcept;

}  // namespace carousel
