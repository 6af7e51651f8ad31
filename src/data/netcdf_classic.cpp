// The library reads zeros where a classic file has been cut off. The layout of header and numbers is that of
// the NetCDF User's Guide, appendix B: lists of dimensions, attributes and variables, everything padded to
// four bytes.
#include "data/netcdf_classic.h"

#include <netcdf.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace carousel {
namespace {

/// Sizes as doubles: what a hostile header asks for overflows nothing.
double padded(double bytes) { return 4 * std::ceil(bytes / 4); }

class Layout {
 public:
  Layout(int file, int format)
      : file_(file),
        count_bytes_(format == NC_FORMAT_CDF5 ? 8 : 4),
        offset_bytes_(format == NC_FORMAT_CLASSIC ? 4 : 8) {
    nc_inq_unlimdim(file, &record_dimension_);
    nc_inq(file, &dimensions_, &variables_, &attributes_, nullptr);
  }

  double bytes() {
    double header = 4 + count_bytes_ + list_bytes(), fixed = 0, record = 0;
    for (int i = 0; i < dimensions_; ++i) {
      nc_inq_dimname(file_, i, name_.data());
      header += name_bytes() + count_bytes_;
    }
    header += attribute_bytes(NC_GLOBAL, attributes_) + list_bytes();
    int record_variables = 0;
    double unpadded_record = 0;
    for (int i = 0; i < variables_; ++i) {
      nc_type type = NC_NAT;
      int rank = 0, attributes = 0;
      std::array<int, NC_MAX_VAR_DIMS> dimensions{};
      if (nc_inq_var(file_, i, name_.data(), &type, &rank, dimensions.data(), &attributes) != NC_NOERR)
        continue;
      header += name_bytes() + count_bytes_ + rank * count_bytes_ + attribute_bytes(i, attributes);
      header += 4 + count_bytes_ + offset_bytes_;
      const bool grows = rank > 0 && dimensions[0] == record_dimension_;
      double size = size_of(type);
      for (int axis = grows ? 1 : 0; axis < rank; ++axis)
        size *= length(dimensions[static_cast<std::size_t>(axis)]);
      (grows ? record : fixed) += padded(size);
      record_variables += grows ? 1 : 0;
      if (grows) unpadded_record = size;
    }
    // The records of a single variable are not padded, nor need the last bytes of the file be.
    if (record_variables == 1) record = unpadded_record;
    return header + fixed + record * (record_variables > 0 ? length(record_dimension_) : 0) - 3;
  }

 private:
  double list_bytes() const { return 4 + count_bytes_; }
  double name_bytes() const {
    return count_bytes_ + padded(static_cast<double>(std::string_view(name_.data()).size()));
  }
  double size_of(nc_type type) const {
    std::size_t size = 0;
    nc_inq_type(file_, type, nullptr, &size);
    return static_cast<double>(size);
  }
  double length(int dimension) const {
    std::size_t length = 0;
    nc_inq_dimlen(file_, dimension, &length);
    return static_cast<double>(length);
  }
  double attribute_bytes(int variable, int count) {
    double bytes = list_bytes();
    for (int i = 0; i < count; ++i) {
      nc_type type = NC_NAT;
      std::size_t values = 0;
      if (nc_inq_attname(file_, variable, i, name_.data()) != NC_NOERR ||
          nc_inq_att(file_, variable, name_.data(), &type, &values) != NC_NOERR) {
        continue;
      }
      bytes += name_bytes() + 4 + count_bytes_ + padded(size_of(type) * static_cast<double>(values));
    }
    return bytes;
  }

  int file_;
  double count_bytes_, offset_bytes_;
  int record_dimension_ = -1, dimensions_ = 0, variables_ = 0, attributes_ = 0;
  std::array<char, NC_MAX_NAME + 1> name_{};
};

}  // namespace

double netcdf_classic_bytes(int file) {
  int format = 0;
  if (nc_inq_format(file, &format) != NC_NOERR) return 0;
  const bool classic =
      format == NC_FORMAT_CLASSIC || format == NC_FORMAT_64BIT_OFFSET || format == NC_FORMAT_CDF5;
  return classic ? Layout(file, format).bytes() : 0;
}

}  // namespace carousel
