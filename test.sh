#!/usr/bin/env bash
# Builds carousel and runs its tests, after installing with apt what is missing for that.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export CCACHE_DEPEND=1  # or a cold build preprocesses every file twice, a fifth of its time
# The folder of the generated version header: the stages release and minimal compile the same files with the same flags
# but for this one, and once is enough.
export CCACHE_IGNOREOPTIONS="-I$PWD/build/*"

usage() {
  cat <<'END'
usage: ./test.sh [--full] [--fuzz-seconds N] [--without STAGE]... [--only STAGE]...

Installs missing packages, builds build/release/carousel and runs all tests. With --full also:

  minimal   the library alone (shared, no program): its tests, its size, what it needs at run time
  asan      all tests under AddressSanitizer and UndefinedBehaviorSanitizer
  tsan      all tests under ThreadSanitizer
  tidy      clang-tidy
  aarch64   the kernel tests, cross-compiled, under qemu-user
  docs      the Doxygen page of the public headers, without a warning
  fuzz      each fuzz target, built with clang, for N seconds (60)

  --fuzz-seconds N   how long each fuzz target runs
  --without STAGE    leaves a stage out (repeatable); the closing list says so
  --only STAGE       runs this stage alone (repeatable); the two of every run are called format and release
  --jobs N           builds and tests this many at a time (default: one for each processor)
END
}

stages=(format release)
full_stages=(minimal asan tsan tidy aarch64 docs fuzz)
fuzz_seconds=60
jobs=$(nproc)
without=()
only=()

wrong() {
  echo "test.sh: $1; ./test.sh --help tells what there is" >&2
  exit 2
}
is_stage() {
  [[ " format release ${full_stages[*]} " == *" $1 "* ]]
}
while (($#)); do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --full) stages=(format release "${full_stages[@]}") ;;
    --fuzz-seconds | --without | --only | --jobs)
      (($# >= 2)) || wrong "$1 needs a value"
      case $1 in
        --fuzz-seconds) [[ $2 =~ ^[1-9][0-9]{0,5}$ ]] && fuzz_seconds=$2 || wrong "--fuzz-seconds $2 is not a number of seconds" ;;
        --jobs) [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] && jobs=$2 || wrong "--jobs $2 is not a number of jobs" ;;
        --without) is_stage "$2" && without+=("$2") || wrong "no stage is called '$2'" ;;
        --only) is_stage "$2" && only+=("$2") || wrong "no stage is called '$2'" ;;
      esac
      shift ;;
    *) wrong "unknown option '$1'" ;;
  esac
  shift
done
((${#only[@]} == 0)) || stages=("${only[@]}")

build() {  # PRESET [cmake --build option...]
  cmake --preset "$1" -DCMAKE_MESSAGE_LOG_LEVEL=WARNING && cmake --build "build/$1" -j "$jobs" "${@:2}"
}
run_tests() {  # PRESET [ctest option...]
  local preset=$1
  shift
  ctest --test-dir "build/$preset" -j "$jobs" --output-on-failure --no-tests=error "$@" 2>&1 |
    tee "build/$preset/ctest.log"
}

stage_format() {
  find . \( -path ./build -o -path ./.git \) -prune -o \( -name '*.h' -o -name '*.cpp' \) -print0 |
    xargs -0 clang-format --dry-run -Werror
}
stage_release() {
  build release && run_tests release
}
stage_minimal() {
  build minimal && run_tests minimal
}
stage_asan() {
  build asan && UBSAN_OPTIONS=print_stacktrace=1 run_tests asan
}
stage_tsan() {
  build tsan && run_tests tsan
}
stage_tidy() {
  build release && tools/run_clang_tidy build/release "$jobs"
}
stage_aarch64() {
  tools/test_aarch64
}
stage_docs() {
  cmake --preset release -DCMAKE_MESSAGE_LOG_LEVEL=WARNING >/dev/null  # makes carousel/version.h
  mkdir -p build/docs && doxygen Doxyfile && echo "docs: build/docs/html/index.html"
}
stage_fuzz() {
  build fuzz --target fuzz_targets && tools/run_fuzz build/fuzz "$fuzz_seconds" "$jobs"
}

if [[ " ${stages[*]} " =~ " "(tidy|aarch64|docs|fuzz)" " ]]; then
  tools/install_packages build test full
else
  tools/install_packages build test
fi

report=()
for stage in "${stages[@]}"; do
  if [[ " ${without[*]-} " == *" $stage "* ]]; then
    report+=("$(printf '%-9s  left out (--without)' "$stage")")
    continue
  fi
  echo "== $stage"
  begin=$SECONDS
  # A subshell of its own, so that set -e holds inside (it would not in a condition).
  set +e
  (set -e; "stage_$stage")
  status=$?
  set -e
  if ((status != 0)); then
    echo "test.sh: stage $stage failed after $((SECONDS - begin)) s; again alone: ./test.sh --only $stage" >&2
    exit 1
  fi
  echo "== $stage passed in $((SECONDS - begin)) s"
  report+=("$(printf '%-9s  passed  %5d s' "$stage" $((SECONDS - begin)))")
done

echo "== all stages"
printf '%s\n' "${report[@]}"
if [[ " ${stages[*]} " == *" release "* ]]; then
  echo
  sed -n '/% tests passed/,$p' build/release/ctest.log
fi
