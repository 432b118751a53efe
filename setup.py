"""The extension modules. Everything else about the package stands in pyproject.toml.

Three environment variables, each set to 1, ask for a build that is not for daily use:
GRADDL_CYTHON_DEBUG   every check that Cython can make, also where a file switches it off
GRADDL_SANITIZE       AddressSanitizer and UndefinedBehaviorSanitizer
GRADDL_PLANT_BUG      an out-of-bounds write in the core, to prove that the sanitizer would see one
"""

import os
from pathlib import Path

import numpy
from Cython.Build import cythonize
from Cython.Compiler import Options
from setuptools import Extension, setup

flags = [
    name
    for name in ("CYTHON_DEBUG", "SANITIZE", "PLANT_BUG")
    if os.environ.get(f"GRADDL_{name}") == "1"
]
# Objects of different flags never share a folder. Generated C stays out of the source tree, and
# apart by NumPy's version, which brings its own declarations for Cython.
build_base = "/".join(["build", *flags])

# No FMA: contraction would let the clones of one loop differ in the last bit.
# CPython's own -g would make the wheel five times as large.
# Nobody reads floating-point exceptions; without them loops with conditions vectorise on AVX2.
compile_args = ["-O3", "-g0", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"]
link_args = []
if "SANITIZE" in flags:
    # CPython builds with -fwrapv, which hides signed overflow from the sanitizer.
    sanitize = "-fsanitize=address,undefined"
    compile_args += ["-O1", "-g", "-fno-wrapv", "-fno-omit-frame-pointer", sanitize]
    link_args += [sanitize]

macros = [("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION")]
if "SANITIZE" in flags:
    macros += [("GRADDL_NO_POOL", "1")]  # so that the sanitizer sees each object
if "PLANT_BUG" in flags:
    macros += [("GRADDL_PLANT_BUG", "1")]

directives = {"language_level": 3}
if "CYTHON_DEBUG" in flags:
    checks = dict.fromkeys(("boundscheck", "wraparound", "initializedcheck", "nonecheck"), True)
    directives |= checks
    # A directive in a file's header beats `directives`, so the header is read with the checks on.
    parse = Options.parse_directive_list
    Options.parse_directive_list = lambda *args, **kwargs: parse(*args, **kwargs) | checks

headers = sorted(map(str, Path("graddl").rglob("*.h")))
extensions = [
    Extension(
        ".".join(path.with_suffix("").parts),
        [str(path)],
        include_dirs=["graddl", numpy.get_include()],
        define_macros=macros,
        extra_compile_args=compile_args,
        extra_link_args=link_args,
        libraries=["m"],
        depends=[*headers, "setup.py"],
    )
    for path in sorted(Path("graddl").rglob("*.pyx"))
]

setup(
    ext_modules=cythonize(
        extensions,
        build_dir=f"{build_base}/cython-numpy-{numpy.__version__}",
        compiler_directives=directives,
    ),
    options={"build": {"build_base": build_base}, "build_ext": {"force": bool(flags)}},
)
