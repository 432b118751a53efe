#!/usr/bin/env bash
# Run the core's tests under AddressSanitizer and UndefinedBehaviorSanitizer, then prove with a
# planted out-of-bounds write that these would have seen a fault.
#
# PYTHON           the interpreter, python3 by default
# SANITIZE_TESTS   the tests, relative to the repository
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD
venv=$root/.venv-sanitize
tests=${SANITIZE_TESTS:-tests/test_core*.py tests/test_tape.py tests/test_reference.py tests/test_autodiff.py tests/_kernels tests/ops}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ ! -e "$venv/.made" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --upgrade pip
    touch "$venv/.made"
fi
pip=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check)
if [ pyproject.toml -nt "$venv/.tools" ]; then
    "$venv/bin/python" tools/build_requires.py | xargs "${pip[@]}"
fi

# A copy is built, so that no sanitized module lands in the working tree.
mkdir "$work/tree"
cp -r graddl setup.py pyproject.toml README.md LICENSE "$work/tree"
find "$work/tree/graddl" -name '*.so' -delete
if [ pyproject.toml -nt "$venv/.tools" ]; then
    GRADDL_SANITIZE=1 "${pip[@]}" --no-build-isolation "$work/tree[all,dev]"
    touch "$venv/.tools"
fi
GRADDL_SANITIZE=1 "${pip[@]}" --no-build-isolation --no-deps --force-reinstall "$work/tree"

libraries=
for name in libasan.so libubsan.so; do
    path=$(gcc -print-file-name="$name")
    [ -e "$path" ] || { echo "gcc has no $name: install its sanitizer libraries" >&2; exit 1; }
    libraries+="$path "
done

# -P and the empty folder: `graddl` is the installed package, never the one in the working tree.
mkdir "$work/empty"
sanitized() {
    (cd "$work/empty" && env LD_PRELOAD="${libraries% }" PYTHONMALLOC=malloc \
        ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
        "$venv/bin/python" -uP "$@")
}

echo "tests under the sanitizers"
sanitized - "$venv" --config-file="$root/pyproject.toml" --rootdir="$root" -p no:cacheprovider \
    -q -m "not slow" $(for t in $tests; do echo "$root/$t"; done) <<'PYTHON'
import sys
import graddl._core
assert graddl._core.__file__.startswith(sys.argv[1]), graddl._core.__file__
import pytest
sys.exit(pytest.main(sys.argv[2:]))
PYTHON

echo "a planted fault"
GRADDL_SANITIZE=1 GRADDL_PLANT_BUG=1 "${pip[@]}" --no-build-isolation --no-deps \
    --target "$work/planted" "$work/tree"
if PYTHONPATH=$work/planted sanitized - "$work/planted" >"$work/report" 2>&1 <<'PYTHON'
import sys
import graddl as gd
from graddl import _core
assert _core.__file__.startswith(sys.argv[1]), _core.__file__
print("imported")
x = gd.tensor([1.0, 2.0, 3.0], requires_grad=True)
(x * x).sum().backward()
s = gd.Scalar(2.0)
(s * s).backward()
PYTHON
then
    echo "the planted fault was not reported" >&2
    exit 1
fi
if ! { grep -q '^imported$' "$work/report" && grep -E 'ERROR: AddressSanitizer|runtime error:' "$work/report"; }; then
    cat "$work/report" >&2
    echo "the run with the planted fault failed for another reason" >&2
    exit 1
fi
echo "the sanitizers are quiet on the tests and report the planted fault"
