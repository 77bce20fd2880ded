"""Write a transcript to a file, in the form that its suffix says."""

import base64
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from netbasics import __version__
from netbasics.wire.transcript import Event, Transcript

__all__ = ["FORMS", "check_suffix", "save"]


def save(transcript: Transcript, path: str | Path, title: str) -> Path:
    """Write a file; see `Tap.save`."""
    target = Path(path)
    content = FORMS[check_suffix(target)](transcript, title)
    target.write_bytes(content)
    return target


def check_suffix(path: str | Path) -> str:
    """Return the path's suffix, if there is a form for it.

    Raises:
        ValueError: There is none.

    Example:
        >>> check_suffix("a.pdf")
        Traceback (most recent call last):
        ValueError: 'a.pdf' does not say what to write: end it in .har, .json,
        .pcap, .svg, .txt
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FORMS:
        raise ValueError(
            f"{str(path)!r} does not say what to write: end it in "
            f"{', '.join(sorted(FORMS))}"
        )
    return suffix


def _txt(transcript: Transcript, title: str) -> bytes:
    from netbasics.wire.drawing import draw

    return (draw(transcript, title) + "\n").encode()


def _svg(transcript: Transcript, title: str) -> bytes:
    from netbasics.wire.svg import draw_svg

    return draw_svg(transcript, title).encode()


def _pcap(transcript: Transcript, title: str) -> bytes:
    from netbasics.wire.pcap import pcap

    return pcap(transcript)


def _har(transcript: Transcript, title: str) -> bytes:
    from netbasics.wire.har import har

    return _dump(har(transcript, title))


def _json(transcript: Transcript, title: str) -> bytes:
    return _dump(
        {
            "creator": {"name": "netbasics", "version": __version__},
            "title": title,
            "started": transcript.started.isoformat(),
            "limit": transcript.limit,
            "missed": transcript.missed._asdict(),
            "connections": [asdict(flow) for flow in transcript.flows],
            "events": [_event(event) for event in transcript],
        }
    )


def _event(event: Event) -> dict[str, Any]:
    """Return an event with its bytes as text if they are UTF-8, else base64."""
    found: dict[str, Any] = {
        "connection": event.connection,
        "kind": event.kind,
        "direction": event.direction,
        "ms": round(event.ms, 3),
    }
    if event.kind in ("chunk", "datagram"):
        found |= {"size": event.size, "offset": event.offset}
        try:
            found["text"] = event.data.decode("utf-8")
        except UnicodeDecodeError:
            found["base64"] = base64.b64encode(event.data).decode("ascii")
    if event.note:
        found["note"] = event.note
    return found


def _dump(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=1, ensure_ascii=False).encode(
        "utf-8", "backslashreplace"
    )


FORMS: dict[str, Callable[[Transcript, str], bytes]] = {
    ".har": _har,
    ".json": _json,
    ".pcap": _pcap,
    ".svg": _svg,
    ".txt": _txt,
}
