#!/usr/bin/env bash
# Measures Carousel beside PyTorch, oneDNN and ONNX Runtime and writes a page with a picture.
#
#   bench/peers/run.sh [--rounds N] [--only TEXT] [--without ENGINE]... [--publish]
#
# The page is build/peers/performance-peers.md; with --publish, docs/performance-peers.md too. That takes all works and at
# least 10 rounds; with --only TEXT just the works whose name holds TEXT are run.
# Installs what is missing, builds, and takes some ten minutes on a machine that should do nothing else meanwhile; much
# longer where PyTorch finds no fast library for the processor (--without pytorch).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case ${1-} in
  --help | -h) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" && exit 0 ;;
esac

tools/install_packages build peers
command -v npm >/dev/null || tools/install_packages npm
cmake --preset full -DCMAKE_MESSAGE_LOG_LEVEL=WARNING
cmake --build build/full --target carousel_worker onednn_worker

folder=$PWD/build/peers
mkdir -p "$folder"
# The package's own install script would fetch a GPU library; the CPU engine is in the package itself.
[[ -d $folder/node_modules/onnxruntime-node ]] ||
  npm install --silent --no-fund --no-audit --ignore-scripts --prefix "$folder" onnxruntime-node

here=$PWD/bench/peers
NODE_PATH=$folder/node_modules /usr/bin/python3 "$here/compare.py" \
  --worker carousel="$PWD/build/full/bench/carousel_worker" \
  --worker onednn="$PWD/build/full/bench/onednn_worker" \
  --worker onnxruntime="node $here/onnxruntime_worker.cjs" \
  --worker pytorch="/usr/bin/python3 $here/torch_worker.py" \
  --folder "$folder" "$@"
