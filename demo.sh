#!/usr/bin/env bash
# Builds carousel and forecasts monthly airline passengers, after installing with apt what is missing for that.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export CCACHE_DEPEND=1  # as test.sh has it

tools/install_packages build
echo "== building build/release/carousel"
cmake --preset release -DCAROUSEL_WITH_TESTS=OFF -DCMAKE_MESSAGE_LOG_LEVEL=WARNING
cmake --build build/release -j "$(nproc)"

train=(build/release/carousel train forecast examples/data/passengers.csv --target passengers --horizon 12 --split 24
  --out runs/passengers --overwrite)
echo "== ${train[*]}"
"${train[@]}"
echo
echo "The report is runs/passengers/report.html: open it in a browser."
