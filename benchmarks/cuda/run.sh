#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds, tests and measures all that runs on a CUDA device, on a machine that needs no more than nvcc and CMake; where
# PyTorch and Triton are, they run the same steps, and where the compiler finds nlohmann's JSON, trained networks are read.
# The report goes to standard output and to the folder named, if one is.
#   benchmarks/cuda/run.sh [FOLDER]
set -uo pipefail
cd "$(dirname "$0")/../.."
report=${1:-build/cuda-report}
mkdir -p "$report"
jobs=$(nproc)

nvidia-smi --query-gpu=name,driver_version,compute_cap --format=csv | tee "$report/device.csv"
architecture=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -1 | tr -d .)
cmake -S . -B build/cuda -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O2 -DCMAKE_CUDA_FLAGS_RELEASE=-O2 \
  -DFOKKER_CUDA=ON -DFOKKER_TESTS=OFF -DFOKKER_EXAMPLES=OFF "-DCMAKE_CUDA_ARCHITECTURES=$architecture" || exit 1
examples=$(cmake --build build/cuda --target help | grep -o 'example_cuda_[a-z]*$')
cmake --build build/cuda -j "$jobs" --target test_cuda $examples bench_cuda || exit 1

failed=0
build/cuda/tests/cuda/test_cuda | tee "$report/tests.txt" || failed=1
for example in $examples; do
  build/cuda/examples/"$example" || echo "$example: failed"
done | tee "$report/examples.txt"
for tool in memcheck racecheck initcheck; do
  for test in 'samples have seeds of their own' 'reductions have the bits of the host' \
      'so it does in other types' 'thresholds are those of the host' 'a mixture is that of the host to rounding' 'networks are those of the host to rounding' 'distances of samples are those of the host to rounding' 'so are means and covariances' 'a graph replays a run, with other seeds and another plan'; do
    compute-sanitizer --tool "$tool" --error-exitcode 1 build/cuda/tests/cuda/test_cuda "$test" \
      > "$report/$tool.txt" 2>&1 && echo "$tool, $test: clean" || { echo "$tool, $test: failed"; tail -20 "$report/$tool.txt"; failed=1; }
  done
done 2>&1 | tee "$report/sanitizers.txt"
grep -q failed "$report/examples.txt" "$report/sanitizers.txt" && failed=1

build/cuda/benchmarks/cuda/bench_cuda | tee "$report/steps.csv" || failed=1
if python3 -c 'import torch, triton' 2> /dev/null; then
  python3 benchmarks/cuda/peers.py "$report/steps.csv" | tee "$report/peers.csv" || failed=1
else
  echo 'skipped: PyTorch and Triton are not here'
fi
exit $failed
