"""Check a built wheel: what it holds, its size, and that it works in a fresh environment.

Usage: python tools/check_wheel.py dist/graddl-*.whl
"""

import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAX_BYTES = 5_000_000
PROBE = """
import pathlib, sys
import graddl, graddl._core
for module in graddl, graddl._core:
    assert pathlib.Path(module.__file__).is_relative_to(sys.prefix), module.__file__
"""


def faults_of(wheel: Path) -> list[str]:
    """Differences between a wheel and the package's source tree.

    Parameters
    ----------
    wheel : Path
        The wheel file.

    Returns
    -------
    list of str
        One sentence per fault; empty if there is none.
    """
    package = ROOT / "graddl"
    sources = {
        path.relative_to(ROOT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and path.suffix not in {".so", ".pyc", ".c"}
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    built = {name.split(".")[0] for name in held if name.endswith(".so")}
    expected = {name.removesuffix(".pyx") for name in sources if name.endswith(".pyx")}

    faults = [f"{name} is missing" for name in sorted(sources - held)]
    faults += [f"{name} has no compiled module" for name in sorted(expected - built)]
    strays = {name for name in held - sources if not name.endswith(".so")}
    faults += [f"{name} does not belong there" for name in sorted(strays)]
    if "graddl/py.typed" not in held or "graddl/_core.pyi" not in held:
        faults.append("py.typed or _core.pyi is missing: type checkers would see nothing")
    if wheel.stat().st_size > MAX_BYTES:
        faults.append(f"{wheel.stat().st_size} bytes are more than {MAX_BYTES}")
    return faults


def try_out(wheel: Path) -> None:
    """Install a wheel into a fresh environment, import it and look for the console script.

    Raises
    ------
    subprocess.CalledProcessError
        If the installation or the import fails.
    FileNotFoundError
        If there is no console script.
    """
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder, "bin", "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", wheel.resolve()], check=True)
        subprocess.run([python, "-W", "error", "-c", PROBE], check=True, cwd=folder)
        if not Path(folder, "bin", "graddl").exists():
            raise FileNotFoundError("the wheel installs no console script `graddl`")


def main() -> int:
    (wheel,) = map(Path, sys.argv[1:])
    faults = faults_of(wheel)
    for fault in faults:
        print(f"{wheel.name}: {fault}", file=sys.stderr)
    if faults:
        return 1
    try_out(wheel)
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.2f} MB, installs and imports")
    return 0


if __name__ == "__main__":
    sys.exit(main())
