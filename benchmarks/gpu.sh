#!/usr/bin/env bash
# All that needs a GPU, in one go and at most six minutes: tests, capture, training. Prints one table of what mattered.
#
#   benchmarks/gpu.sh            on a machine with a GPU, from the repository's root
#   benchmarks/gpu.sh --dry-run  the same on the CPU, in small: what it needs is there, and all of it runs
#   benchmarks/gpu.sh --carry    before that, where there is a network: put the pure wheels that it needs into .gpu/
#
# It needs no network. The machine has Python 3.12 with torch, numba, pandas and pytest; whatever else rnnviz and its
# tests import must be there too, or as a wheel in .gpu/, which git ignores. Each part has a time limit, so that a slow
# one cannot take the time of the others; its whole output is in $OUT (default: .gpu/out).
set -u
cd "$(dirname "$0")/.."
python=${PYTHON:-python3} carried=.gpu out=${OUT:-.gpu/out} dry=
[ "${1:-}" = --dry-run ] && dry=yes
mkdir -p "$out"

if [ "${1:-}" = --carry ]; then
  exec "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$carried" \
    torchtext==0.6.0 jaxtyping wadler-lindig beartype pydantic pydantic-core annotated-types typing-inspection safetensors \
    rich typer shellingham click markdown-it-py mdurl pygments filelock huggingface-hub httpx anyio httpcore h11 idna certifi \
    requests urllib3 charset-normalizer sentencepiece tqdm pyyaml packaging plotly narwhals hypothesis sortedcontainers six \
    --python-version 3.12 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 --implementation cp
fi

missing=$("$python" - <<'END'
from importlib.util import find_spec
needed = "torch numpy pandas pytest numba torchtext jaxtyping beartype pydantic safetensors rich typer plotly hypothesis huggingface_hub"
print(*(name for name in needed.split() if find_spec(name) is None))
END
)
if [ -n "$missing" ] && compgen -G "$carried/*.whl" > /dev/null; then
  "$python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --target "$carried/site" "$carried"/*.whl
fi
export PYTHONPATH=$PWD:$PWD/$carried/site PYTHONDONTWRITEBYTECODE=1 HF_HUB_OFFLINE=1

if [ -z "$dry" ] && ! "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then
  echo "There is no GPU here that PyTorch can use. Run benchmarks/gpu.sh --dry-run to see that all of it runs." >&2
  exit 2
fi

part() { # NAME SECONDS COMMAND...: run one part, and note how it ended
  local name=$1 limit=$2 start=$SECONDS
  shift 2
  timeout "$limit" "$@" > "$out/$name.txt" 2>&1
  echo "$name|$?|$((SECONDS - start))" >> "$out/parts.txt"
}

rm -f "$out"/*.txt
if [ -n "$dry" ]; then
  export RNNVIZ_GPU=cpu
  part tests 200 "$python" -m pytest -q -o addopts= -p no:cacheprovider -rs tests/engine/test_cuda.py
  part capture 200 "$python" benchmarks/capture.py --threads 1 --rounds 1 --tables padded packed
  part training 200 "$python" benchmarks/training.py --threads 1 --made 2000 --rounds 1 --seconds 0.5
else
  part tests 110 "$python" -m pytest -q -o addopts= -p no:cacheprovider -rs tests/engine/test_cuda.py
  part capture 110 "$python" benchmarks/capture.py --cuda --rounds 7
  part training 60 "$python" benchmarks/training.py --cuda --made 40000 --rounds 2 --seconds 3
  part training-tf32 40 "$python" benchmarks/training.py --cuda --tf32 --made 40000 --rounds 1 --seconds 3
  part training-bf16 40 "$python" benchmarks/training.py --cuda --bf16 --made 40000 --rounds 1 --seconds 3
fi
"$python" benchmarks/gpu_table.py "$out"
