#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# All that is to be seen on a machine with a CUDA device, in two calls of less than ten minutes each. They need nvcc and
# CMake, and no network; what else is not there is left out, and said so.
#   benchmarks/cuda/run.sh [FOLDER]            numbers: our steps, those of PyTorch and Triton, and what a profiler says
#                                              of the kernels; then the tests and the examples
#   benchmarks/cuda/run.sh sanitize [FOLDER]   the tests again, under compute-sanitizer
# A call leaves at most eight files in FOLDER. The table of docs/speed.md is made of cuda.csv, once it lies in docs.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
what=numbers
if [ "${1:-}" = sanitize ]; then
  what=sanitize
  shift
fi
report=${1:-build/cuda-report}
deadline=${FOKKER_SECONDS:-570}  # of the whole call
built=${FOKKER_BUILD:-build/cuda}
failed=0
mkdir -p "$report"

# attempt SECONDS COMMAND...: in its time, or in what is left of the call.
attempt() {
  local seconds=$1 left=$((deadline - SECONDS)) status
  shift
  ((seconds < left)) || seconds=$left
  if ((seconds < 1)); then
    echo "left out, as the time is over: $*" >&2
    failed=1
    return 124
  fi
  timeout -k 5 "$seconds" "$@"
  status=$?
  ((status == 0)) || { echo "ended with $status after $SECONDS s of the call: $*" >&2; failed=1; }
  return "$status"
}
build() {
  attempt 400 cmake --build "$built" --parallel "$(nproc)" --target "$@" >> "$report/build.txt" 2>&1 ||
    { tail -n 30 "$report/build.txt"; return 1; }
}
# record FILE SECONDS COMMAND...: what it prints goes to that file, too.
record() {
  local file=$1
  shift
  attempt "$@" | tee -a "$report/$file" || failed=1
}
missing() { echo "skipped: $*"; }

nvidia-smi --query-gpu=name,driver_version,compute_cap --format=csv | tee "$report/device.csv"
architecture=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1 | tr -d .)
generator=()
if [ ! -f "$built/CMakeCache.txt" ] && command -v ninja > /dev/null; then generator=(-G Ninja); fi
attempt 120 cmake -S . -B "$built" "${generator[@]}" -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O2 \
  -DCMAKE_CUDA_FLAGS_RELEASE=-O2 -DFOKKER_CUDA=ON -DFOKKER_TESTS=OFF -DFOKKER_EXAMPLES=OFF \
  "-DCMAKE_CUDA_ARCHITECTURES=$architecture" > "$report/build.txt" 2>&1 || { tail -n 30 "$report/build.txt"; exit 1; }

# Of the memory, the multiprocessors and their warps, in percent of what they can.
metrics=gpu__time_duration.sum,launch__registers_per_thread
for of in dram__throughput.avg sm__throughput.avg; do metrics+=,$of.pct_of_peak_sustained_elapsed; done
metrics+=,sm__warps_active.avg.pct_of_peak_sustained_active

numbers() {
  if build bench_cuda; then
    record cuda.csv 120 "$built/benchmarks/cuda/bench_cuda"
    if python3 -c 'import torch, triton; assert torch.cuda.is_available()' 2> /dev/null; then
      record cuda.csv 180 python3 -B benchmarks/cuda/peers.py
    else
      missing 'the peers, as PyTorch for CUDA and Triton are not here'
    fi
    if command -v ncu > /dev/null; then
      record ncu.csv 90 ncu --profile-from-start off --clock-control none --csv --metrics "$metrics" \
        "$built/benchmarks/cuda/bench_cuda" once
    else
      missing 'the throughput of the kernels, as ncu is not here'
    fi
  fi
  if build test_cuda; then record tests.txt 240 "$built/tests/cuda/test_cuda"; fi
  if build examples_cuda; then
    record examples.txt 120 ctest --test-dir "$built" -R '^example\.cuda' --timeout 60 --output-on-failure
  fi
}

# One tool after the other over all these tests, each tool on its own.
sanitize_by() {
  local tool=$1 test
  shift
  for test in "$@"; do
    grep -qF "$test" "$built/tests/cuda/test_cuda" || continue  # one that needs cuBLAS
    echo "== $test"
    if attempt 200 compute-sanitizer --tool "$tool" --error-exitcode 1 "$built/tests/cuda/test_cuda" "$test"; then
      echo "clean: $tool, $test"
    fi
  done > "$report/$tool.txt" 2>&1
  ((failed == 0))
}
sanitize() {
  if ! command -v compute-sanitizer > /dev/null; then
    missing 'all, as compute-sanitizer is not here'
    return
  fi
  build test_cuda || return
  local tests=() tool pids=()
  while IFS= read -r test; do tests+=("$test"); done << 'END'
samples have seeds of their own
reductions have the bits of the host
measures have the bits of the host
so it does in other types
steps of its own choice are those of the host
thresholds are those of the host
a graph replays a run, with other seeds and another plan
a launch fills what an observer copied
a launch's NaN is found
a mixture is that of the host to rounding
networks are those of the host to rounding
distances of samples are those of the host to rounding
so are means and covariances
END
  # The tools beside each other; only the first is fast enough for all updates.
  sanitize_by memcheck "${tests[@]}" 'updates have the bits of the host' & pids+=($!)
  for tool in racecheck initcheck synccheck; do
    sanitize_by "$tool" "${tests[@]}" & pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  grep -h -e '^clean: ' -e '^ended with ' -e '^left out' "$report"/*check.txt
}

rm -f "$report"/{cuda,ncu}.csv "$report"/{tests,examples,*check}.txt  # of an earlier call
if [ "$what" = sanitize ]; then sanitize; else numbers; fi
echo "$what: $([ "$failed" = 0 ] && echo 'all is well' || echo 'something failed'), in $SECONDS s"
exit "$failed"
