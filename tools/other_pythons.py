"""Find interpreters of the given versions that can build graddl.

Usage: python tools/other_pythons.py 3.12 3.13

Prints one path per line to stdout, and to stderr what was found for each version. A name on PATH
proves nothing (pyenv leaves shims that end in "command not found"), so every candidate is run.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROBE = """
import ensurepip, sysconfig, sys, venv
from pathlib import Path
print(*sys.version_info[:2], sep=".")
print(Path(sysconfig.get_path("include"), "Python.h").exists())
"""


def candidates(version: str) -> list[Path]:
    """Paths where an interpreter of a version may be: PATH first, then pyenv's folders."""
    name = f"python{version}"
    on_path = shutil.which(name)
    found = [Path(on_path)] if on_path else []
    for root in dict.fromkeys((os.environ.get("PYENV_ROOT", "~/.pyenv"), "~/.pyenv")):
        found += sorted(Path(root).expanduser().glob(f"versions/{version}.*/bin/{name}"))
    return found


def fault_of(python: Path, version: str) -> str | None:
    """Why an interpreter cannot be used, or None if it can."""
    try:
        done = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["does not run"])[0]
    found, has_headers = done.stdout.split()
    if found != version:
        return f"is Python {found}"
    return None if has_headers == "True" else "has no Python.h"


def main() -> None:
    for version in sys.argv[1:]:
        for python in candidates(version):
            fault = fault_of(python, version)
            print(f"Python {version}: {python} {fault or 'works'}", file=sys.stderr)
            if fault is None:
                print(python)
                break
        else:
            print(f"Python {version}: not found", file=sys.stderr)


if __name__ == "__main__":
    main()
