/* Writes tests/golden/netcdf/*.nc through Unidata's library, the oracle of src/data/netcdf_test.cpp.
 *
 *   apt-get install libnetcdf-dev && cc make_netcdf.c -lnetcdf -o make_netcdf && ./make_netcdf netcdf
 */
#include <netcdf.h>
#include <stdio.h>
#include <stdlib.h>

static void check(int status) {
  if (status == NC_NOERR) return;
  fprintf(stderr, "make_netcdf: %s\n", nc_strerror(status));
  exit(1);
}

/* A variable of every type, of fixed length and of records; records of one variable alone where `single`. */
static void write_types(const char* folder, const char* name, int format, int single) {
  char path[256];
  int file, records, rows, columns, id, axes[2], x, other = -1;
  snprintf(path, sizeof path, "%s/%s.nc", folder, name);
  check(nc_create(path, NC_CLOBBER | format, &file));
  check(nc_def_dim(file, "records", NC_UNLIMITED, &records));
  check(nc_def_dim(file, "rows", 2, &rows));
  check(nc_def_dim(file, "columns", 3, &columns));
  check(nc_put_att_text(file, NC_GLOBAL, "title", 5, "types"));
  axes[0] = rows;
  axes[1] = columns;
  const nc_type types[] = {NC_BYTE, NC_CHAR, NC_SHORT, NC_INT, NC_FLOAT, NC_DOUBLE, NC_UBYTE, NC_USHORT, NC_UINT, NC_INT64, NC_UINT64};
  const char* const names[] = {"byte", "char", "short", "int", "float", "double", "ubyte", "ushort", "uint", "int64", "uint64"};
  const int count = format == NC_64BIT_DATA ? 11 : 6;
  for (int i = 0; i < count; ++i) check(nc_def_var(file, names[i], types[i], 2, axes, &id));
  axes[0] = records;
  check(nc_def_var(file, "x", NC_SHORT, 2, axes, &x));
  check(nc_put_att_text(file, x, "units", 5, "hours"));
  if (!single) check(nc_def_var(file, "other", NC_BYTE, 1, axes, &other));
  check(nc_enddef(file));
  const short numbers[] = {1, 2, 3, 4, 5, 6};
  for (int i = 0; i < count; ++i) {
    if (types[i] == NC_CHAR) check(nc_put_var_text(file, i, "ab\0cde"));
    else check(nc_put_var_short(file, i, numbers));
  }
  const size_t begin[] = {0, 0}, extents[] = {2, 3};
  check(nc_put_vara_short(file, x, begin, extents, numbers));
  if (!single) check(nc_put_vara_short(file, other, begin, extents, numbers));
  check(nc_close(file));
}

int main(int argc, char** argv) {
  if (argc != 2) return fprintf(stderr, "usage: make_netcdf FOLDER\n"), 1;
  write_types(argv[1], "classic", 0, 0);
  write_types(argv[1], "classic_single", 0, 1);
  write_types(argv[1], "offset64", NC_64BIT_OFFSET, 0);
  write_types(argv[1], "data64", NC_64BIT_DATA, 1);
  return 0;
}
