"""What one sees of a record: its transcript, pictures of it, files."""

import sys
from pathlib import Path

from netbasics.servers.base import Server, log
from netbasics.wire.recording import Recorder
from netbasics.wire.targets import Target
from netbasics.wire.transcript import Transcript

__all__ = ["AnyTap", "Views"]


class Views:
    """Ways to look at a record.

    Attributes:
        record: What was written down.
    """

    record: Recorder

    @property
    def transcript(self) -> Transcript:
        """What passed up to now, as data."""
        return self.record.transcript()

    def diagram(self, *, width: int = 80, color: bool = False) -> str:
        """Return what passed as a picture of text.

        Args:
            width: How many columns it may have, 60 at least.
            color: Whether to use a terminal's colours.
        """
        from netbasics.wire.drawing import draw

        return draw(self.transcript, self._title(), width=width, color=color)

    def save(self, path: str | Path) -> Path:
        """Write what passed to a file; its suffix says in which form.

        Whatever passed is in it, passwords and keys included.

        Args:
            path: The file: `.txt` (the diagram), `.svg` (the same, for a
                browser), `.json` (the events), `.har` (HTTP, for a browser's
                developer tools), `.pcap` (packets, for Wireshark: a
                reconstruction, since a tap sees streams and not packets).

        Returns:
            The path.

        Raises:
            ValueError: There is no such form.
            OSError: The file cannot be written.
        """
        from netbasics.wire.saving import save

        return save(self.transcript, path, self._title())

    def __str__(self) -> str:
        from netbasics.wire.terminals import readable, wants_color

        text = self.diagram(color=wants_color(sys.stdout))
        return readable(text, getattr(sys.stdout, "encoding", None))

    def _repr_svg_(self) -> str:
        """Be the picture, where a notebook asks for one."""
        from netbasics.wire.svg import draw_svg

        return draw_svg(self.transcript, self._title())

    def _title(self) -> str:
        """Return what was looked at, for the head of a picture."""
        raise NotImplementedError


class AnyTap(Views, Server):
    """What the taps for TCP and UDP have in common: a target and a record.

    Attributes:
        target: Where it leads to.
    """

    target: Target

    def _title(self) -> str:
        return f"{self.target} through a tap at {self.host}:{self.port}"

    def __str__(self) -> str:
        return repr(self) if self._address is None else super().__str__()

    def _failed(self, error: BaseException, doing: str) -> None:
        # In a log a tap is its repr; as a str it is the whole diagram.
        if isinstance(error, ConnectionError | TimeoutError):
            log.info("%r, %s: %s", self, doing, error or type(error).__name__)
        else:
            log.error("%r, %s failed", self, doing, exc_info=error)
        self._keep(error)

    def _state(self) -> list[str]:
        connections, size = self.record.counts()
        return [
            f"to {self.target}",
            f"{connections} connections",
            f"{size} bytes",
        ]
