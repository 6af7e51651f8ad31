#!/usr/bin/env bash
# The shared library, stripped, stays under 3 MB, needs the compiler's own libraries and nothing else, and
# shows no symbol outside namespace carousel.
#
#   check_shared_library.sh LIBRARY
set -euo pipefail

library=$1
stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
strip -o "$stripped" "$library"

fail() {
  echo "$library: $*" >&2
  exit 1
}
size=$(stat --format=%s "$stripped")
((size < 3000000)) || fail "$size bytes when stripped; the limit is 3000000"

needed=$(objdump -p "$library" | sed -n 's/^ *NEEDED *//p')
others=$(grep -vE '^(libstdc\+\+|libm|libgcc_s|libc|ld-linux[-_a-z0-9]*)\.so' <<<"$needed" || true)
[[ -z $others ]] || fail "needs $others at run time; allowed are the compiler's own libraries"

# Typeinfo and vtables of the standard library are weak (V, W, u) and belong to every C++ library.
shown=$(nm -D --defined-only --demangle "$library" | awk '$2 ~ /[TDBR]/' | cut -d' ' -f3- |
  grep -vE '(^|[ (])(carousel::|_init|_fini)' || true)
[[ -z $shown ]] || fail "shows symbols that it does not promise: $shown"
echo "$size bytes stripped; needs" $needed
