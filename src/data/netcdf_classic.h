// The length of a NetCDF file of the classic formats.
#pragma once

namespace carousel {

/// The bytes that an open file must have at least: its header, and the numbers of all variables. 0 for a file
/// of the HDF5 based format, whose library looks to that itself. Not whole where it is beyond all sizes of
/// files.
double netcdf_classic_bytes(int file);

}  // namespace carousel
