"""What a run came to: tables, JSON, bars, and the page in the documentation."""

import json
import os
import platform
import statistics
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.measuring import AGAIN, Figure, Measured, Ratio
from netbasics import pictures

__all__ = ["as_json", "machine", "page", "save_bars", "table", "verdicts"]

PACKAGES = ["aiohttp", "requests", "urllib3", "uvicorn", "httpx", "tenacity"]
PACKAGES += ["stamina", "aiolimiter", "yarl"]


def machine() -> dict[str, str]:
    """Return what the figures were measured on."""
    found = {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "python": f"{sys.implementation.name} {platform.python_version()}",
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
    lines = [f"{row.name}: {row.what}", ""]
    lines.append(
        f"  {'':28} {row.unit + '/s':>18} {'ratio':>7}  {'95 %':13} "
        f"{'CPU each':>10} {'ratio':>7}"
    )
    for name in [*row.contenders, AGAIN]:
        lines.append(_line(measured, name))
    lines += [f"  {text}" for text in _extras(measured)]
    lines += [f"  {name}: left out, {why}" for name, why in row.missing.items()]
    lines += [f"  {text}" for text in verdicts(measured)]
    return "\n".join(lines)


def _line(measured: Measured, name: str) -> str:
    rate = measured.ratio(name, "rate")
    middle = sorted(measured.values(name, "rate"))
    label = f"{name} (A/A)" if name == AGAIN else name
    text = (
        f"  {label:28.28} {middle[len(middle) // 2]:18,.1f} "
        f"{rate.median:7.2f}  {rate.low:5.2f} - {rate.high:5.2f}"
    )
    if all(sample.cpu is not None for sample in measured.samples[name]):
        cpu = measured.ratio(name, "cpu_each")
        each = sorted(measured.values(name, "cpu_each"))[len(middle) // 2]
        text += f" {each * 1e6:7.2f} us {cpu.median:7.2f}"
    return text


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
            f"{who} {statistics.median(measured.values(who, name)):,.4g}"
            for who in measured.row.contenders
            if name in measured.samples[who][0].extra
        )
        for name in sorted(names)
    ]


def verdicts(measured: Measured) -> list[str]:
    """Return a line for each figure: reached, or not."""
    return [_verdict(measured, figure) for figure in measured.row.figures]


def _verdict(measured: Measured, figure: Figure) -> str:
    ratio = measured.found(figure)
    word = "reached" if ratio.reaches(figure) else "NOT REACHED"
    against = f" of {figure.against or measured.row.baseline}"
    return (
        f"{word}: {figure.of} of {figure.who} {figure.sense} {figure.reach:g}"
        f"{'' if figure.alone else against}; "
        f"{ratio.median:.3f} ({_interval(ratio)})"
    )


def _interval(ratio: Ratio) -> str:
    return f"{ratio.low:.3f} to {ratio.high:.3f}"


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
        "figures": verdicts(measured),
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
        name: sorted(measured.values(name, "rate"))[
            len(measured.samples[name]) // 2
        ]
        for name in measured.row.contenders
    }
    chart = pictures.bars(
        values, unit=f"{measured.row.unit}/s", title=measured.row.what
    )
    path = folder / f"{measured.row.name}.svg"
    chart.save(str(path))
    return path


def page(measured: Sequence[Measured], command: str) -> str:
    """Return the page of the documentation: tables and bars of a run."""
    lines = [
        "# Benchmarks",
        "",
        "What the helpers cost, beside what one would use instead. Contenders "
        "take turns;",
        "a ratio is the median over the rounds, with the interval that holds "
        "it with 95 %.",
        "The baseline takes part twice (A/A): that is the noise of the row.",
        f"This page was made by `{command}`.",
        "",
        "| | |",
        "|---|---|",
        *(f"| {key} | {value} |" for key, value in machine().items()),
        "",
    ]
    missed = [
        f"`{each.row.name}`: {text}"
        for each in measured
        for text in verdicts(each)
        if text.startswith("NOT")
    ]
    lines += ["## Not reached", "", *(f"- {text}" for text in missed), ""]
    for each in measured:
        lines += [f"## {each.row.what}", "", "```text", table(each), "```", ""]
        lines += [f"![{each.row.what}](benchmarks/{each.row.name}.svg)", ""]
    return "\n".join(lines)
