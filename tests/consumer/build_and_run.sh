#!/usr/bin/env bash
# Installs the library from a build folder to a fresh place, and builds and runs a program against it twice: with
# find_package(carousel) and with pkg-config. Looks at what a static library would bring along.
#
#   build_and_run.sh BUILD_FOLDER COMPILER LIBRARY_FOLDER
set -euo pipefail

build=$1
compiler=$2
source=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/program
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix

cmake --install "$build" --prefix "$prefix" >/dev/null

echo "== find_package(carousel)"
cmake -G Ninja -S "$source" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler" >/dev/null
cmake --build "$work/cmake"
"$work/cmake/consumer" "$work/model.safetensors"

echo "== pkg-config carousel"
export PKG_CONFIG_PATH=$prefix/$3/pkgconfig
read -ra flags <<<"$(pkg-config --cflags --libs carousel)"
"$compiler" -std=c++20 "$source/consumer.cpp" -o "$work/consumer" "${flags[@]}"
LD_LIBRARY_PATH=$prefix/$3 "$work/consumer" "$work/model.safetensors"

archive=$prefix/$3/libcarousel.a
if [[ -f $archive ]]; then
  echo "== fmt inside goes by a name of its own, so that the program may link any other"
  nm --demangle --defined-only "$archive" 2>/dev/null >"$work/symbols"
  grep -q 'fmt::in_carousel::' "$work/symbols"
  if grep -P 'fmt::(?!in_carousel::)' "$work/symbols"; then exit 1; fi
fi
