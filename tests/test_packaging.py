"""What is installed, and what must never be: a package called milter."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "milter" / "postclerk"


@pytest.mark.parametrize("folder", [pytest.param(ROOT, id="the-root"), pytest.param(Path("/"), id="elsewhere")])
def test_pymilters_own_modules_are_found(folder: Path) -> None:
    """The source root is called like pymilter's module and must not hide it."""
    says = "import milter, Milter; print(milter.__file__); print(Milter.__file__)"
    ran = subprocess.run([sys.executable, "-c", says], cwd=folder, capture_output=True, text=True, check=True)
    site = Path(str(importlib.metadata.distribution("pymilter").locate_file("")))
    extension, package = map(Path, ran.stdout.splitlines())
    assert (extension.parent, package) == (site, site / "Milter" / "__init__.py")


def test_the_source_root_is_no_package() -> None:
    """A file called __init__.py there would hide pymilter's `milter`, and so would modules of its names."""
    assert not (ROOT / "milter" / "__init__.py").exists()
    assert [path for path in PACKAGE.rglob("*.py") if path.stem in ("milter", "mime")] == []


def test_a_wheel_holds_the_package_alone(tmp_path: Path) -> None:
    """A wheel built from the sources installs `postclerk` with all of its files, and nothing beside it."""
    for name in ("setup.cfg", "pyproject.toml", "LICENSE", "README.md"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "README.md").touch()
    shutil.copytree(PACKAGE, tmp_path / "milter" / "postclerk", ignore=shutil.ignore_patterns("__pycache__"))
    builds = "from setuptools import build_meta; print(build_meta.build_wheel('.'))"
    ran = subprocess.run(
        [sys.executable, "-c", builds], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    with zipfile.ZipFile(tmp_path / ran.stdout.splitlines()[-1]) as wheel:
        names = wheel.namelist()
    built = {name for name in names if ".dist-info/" not in name}
    sources = {
        str(path.relative_to(ROOT / "milter"))
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert built == sources
    assert any(name.endswith(".dist-info/entry_points.txt") for name in names)


def test_the_command_is_the_package() -> None:
    """`postclerk` is found as an import, and its version is the one that is declared."""
    spec = importlib.util.find_spec("postclerk")
    assert spec is not None
    assert spec.origin == str(PACKAGE / "__init__.py")
    declared = next(line for line in (ROOT / "setup.cfg").read_text().splitlines() if line.startswith("version = "))
    ran = subprocess.run(
        [sys.executable, "-m", "postclerk.cli", "--version"], capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"postclerk {declared.removeprefix('version = ')}\n"
