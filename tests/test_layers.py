"""Imports point one way: each module may use the lines above its own."""

import ast
from pathlib import Path

import pytest

import netbasics

PACKAGE = Path(netbasics.__file__).parent

LAYERS = [
    ["errors", "deadlines", "places", "records", "continuing", "rawmode"],
    ["urls", "http1", "retries", "limits", "certs", "dns"],
    ["sockets", "guard"],
    ["servers", "clients", "aio"],
    ["apis", "wire", "lab", "playground"],
    ["pictures"],
    ["course", "practice"],
    ["cli", "__main__"],
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# Modules of one line that lean on a neighbour, each for a stated reason.
NEIGHBOURS = {
    ("rawmode", "continuing"),  # a stop lasts until the program goes on
    ("deadlines", "errors"),  # a deadline raises DeadlineExceeded
    ("__main__", "cli"),  # is the command
}


def imported(path: Path) -> set[str]:
    """The netbasics modules that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            if module == "netbasics":
                names.update(alias.name for alias in node.names)
            elif module.startswith("netbasics."):
                names.add(module.split(".")[1])
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("netbasics."):
                    names.add(alias.name.split(".")[1])
    return names


def modules() -> list[tuple[str, Path]]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] not in ("__init__", "lessons"):
            found.append((parts[0], path))
    return found


@pytest.mark.parametrize(("name", "path"), modules(), ids=str)
def test_imports_point_to_a_lower_line(name, path):
    assert name in LEVEL, f"{name} has no line in LAYERS"
    for used in imported(path) & LEVEL.keys():
        allowed = (
            used == name
            or LEVEL[used] < LEVEL[name]
            or (name, used) in NEIGHBOURS
        )
        assert allowed, f"{path.name} imports netbasics.{used}, a higher line"


def test_the_package_itself_imports_no_module():
    assert imported(PACKAGE / "__init__.py") == set()
