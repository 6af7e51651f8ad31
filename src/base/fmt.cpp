// fmt's own functions, compiled here once. With FMT_HEADER_ONLY every file that formats would compile them
// again, which is most of the time that a sanitized build takes; with the distribution's shared library, the
// library that programs embed would need another one at run time.
#include <fmt/format-inl.h>

FMT_BEGIN_NAMESPACE
namespace detail {

// What fmt's headers declare as templates and leave to its library.
template thousands_sep_result<char> thousands_sep_impl(locale_ref);
template char decimal_point_impl(locale_ref);
template dragonbox::decimal_fp<float> dragonbox::to_decimal(float) noexcept;
template dragonbox::decimal_fp<double> dragonbox::to_decimal(double) noexcept;

}  // namespace detail
FMT_END_NAMESPACE
