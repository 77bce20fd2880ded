"""What a run came to: tables, JSON and bars."""

import json
import os
import platform
import statistics
import sys
import textwrap
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.measuring import AGAIN, Figure, Measured, Outcome
from benchmarks.ratios import Ratio
from netbasics import pictures

__all__ = [
    "as_json",
    "interval",
    "machine",
    "number",
    "save_bars",
    "table",
    "verdict",
    "wanted",
]

NOISE = " (A/A)"
PACKAGES = ["netbasics", "click", "rich", "pytest"]
PACKAGES += ["aiohttp", "requests", "urllib3", "uvicorn", "httpx", "tenacity"]
PACKAGES += ["stamina", "aiolimiter", "yarl"]


def machine() -> dict[str, str]:
    """Return what the figures were measured on."""
    found = {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "python": f"{sys.implementation.name} {platform.python_version()}",
        "date": datetime.now(UTC).date().isoformat(),
    }
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def table(measured: Measured) -> str:
    """Return a row's contenders as a table of text."""
    row = measured.row
    names = [*row.contenders, AGAIN]
    width = max(map(len, names)) + len(NOISE)
    lines = [
        f"{row.name}: {row.what}",
        "",
        f"  {'':{width}} {row.unit + '/s':>14} {'ratio':>5} {'95 %':>11} "
        f"{'CPU each':>10} {'ratio':>5}",
        *(_line(measured, name, width) for name in names),
        *(f"  {text}" for text in _extras(measured)),
        *(f"  {name}: left out, {why}" for name, why in row.missing.items()),
    ]
    for figure in row.figures:
        lines.append(f"  {verdict(measured, figure)}")
        reached = measured.outcome(figure) is Outcome.REACHED
        if figure.tried and not reached:
            lines += textwrap.wrap(
                figure.tried,
                76,
                initial_indent="    ",
                subsequent_indent="    ",
            )
    return "\n".join(lines)


def _line(measured: Measured, name: str, width: int) -> str:
    rate = measured.ratio(name, "rate")
    label = name + NOISE if name == AGAIN else name
    text = (
        f"  {label:{width}} {_middle(measured, name, 'rate'):14,.1f} "
        f"{rate.median:5.2f} {rate.low:5.2f}-{rate.high:5.2f}"
    )
    if all(sample.cpu is not None for sample in measured.samples[name]):
        cpu = measured.ratio(name, "cpu_each")
        each = _duration(_middle(measured, name, "cpu_each"))
        text += f" {each:>10} {cpu.median:5.2f}"
    return text


def _middle(measured: Measured, name: str, of: str) -> float:
    return statistics.median(measured.values(name, of))


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"


def _extras(measured: Measured) -> list[str]:
    """Return a line for whatever else was measured: each one's median."""
    names = {
        name
        for samples in measured.samples.values()
        for name in samples[0].extra
    }
    return [
        f"{name}: "
        + "; ".join(
            f"{who} {_middle(measured, who, name):,.4g}"
            for who in measured.row.contenders
            if name in measured.samples[who][0].extra
        )
        for name in sorted(names)
    ]


def verdict(measured: Measured, figure: Figure) -> str:
    """Return a line about a figure: reached, within its noise, or not."""
    ratio = measured.found(figure)
    outcome = measured.outcome(figure)
    missed = outcome is Outcome.MISSED
    word = outcome.value.upper() if missed else outcome.value
    came = f"{number(ratio.median)} ({interval(ratio)})"
    return f"{word}: {wanted(measured, figure)}; {came}"


def wanted(measured: Measured, figure: Figure) -> str:
    """Return in words what is to be reached."""
    against = f" of {figure.against or measured.row.baseline}"
    return (
        f"{figure.of} of {figure.who} {'always ' if figure.always else ''}"
        f"{figure.sense} {figure.reach:g}"
        f"{'' if figure.alone else against}"
    )


def interval(ratio: Ratio) -> str:
    """Return what holds the ratio with 95 %."""
    return f"{number(ratio.low)} to {number(ratio.high)}"


def number(value: float) -> str:
    """Return a ratio, or what else a figure came to, as short as it may be."""
    return f"{value:.3f}" if value >= 0.1 else f"{value:.2g}"


def as_json(measured: Iterable[Measured]) -> str:
    """Return all samples, for other programs."""
    rows = [_plain(each) for each in measured]
    return json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n"


def _plain(measured: Measured) -> dict[str, Any]:
    return {
        "name": measured.row.name,
        "what": measured.row.what,
        "unit": measured.row.unit,
        "baseline": measured.row.baseline,
        "missing": dict(measured.row.missing),
        "figures": [verdict(measured, each) for each in measured.row.figures],
        "samples": {
            name: [
                {
                    "amount": sample.amount,
                    "wall": sample.wall,
                    "cpu": sample.cpu,
                    **sample.extra,
                }
                for sample in samples
            ]
            for name, samples in measured.samples.items()
        },
    }


def save_bars(measured: Measured, folder: Path) -> Path:
    """Draw a row's rates as bars, and return the file."""
    values = {
        name: _middle(measured, name, "rate")
        for name in measured.row.contenders
    }
    chart = pictures.bars(
        values, unit=f"{measured.row.unit}/s", title=measured.row.what
    )
    path = folder / f"{measured.row.name}.svg"
    chart.save(str(path))
    return path
