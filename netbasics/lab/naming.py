"""What the name servers of the lab have in common: right answers.

Each listens on one port for UDP and for TCP, as name servers do: what does not
fit into a datagram is asked for again over TCP (RFC 7766).
"""

import contextlib
import socket
from collections.abc import Callable, Iterable

from netbasics import dns
from netbasics.errors import ProtocolError
from netbasics.lab.mailing import Office
from netbasics.lab.peers import TCPPeer
from netbasics.lab.visits import Visit

__all__ = ["NAME", "NameServer", "Records"]

NAME = "www.example.com"

# More CNAMEs than this in a row are a circle.
MOST_ALIASES = 8
PORTS_TO_TRY = 20

Records = Iterable[dns.Record]
Distort = Callable[[bytes], bytes]


class NameServer(TCPPeer):
    """A name server that knows some records, on UDP and TCP.

    Args:
        name: The fault's name.
        records: What it knows.
        distort: What becomes of each answer before it is sent.
        rcode: Not 0: it refuses each question with this code.

    Attributes:
        records: What it knows.
        question: What to ask it: the first record's name and type.

    `attempts` counts datagrams and connections; `content` is what a client
    would have if all went well, the data of the records as lines of text.
    """

    def __init__(
        self,
        name: str,
        records: Records,
        *,
        distort: Distort = bytes,
        rcode: int = 0,
    ) -> None:
        super().__init__(name, self._converse, scheme="dns")
        self.records = tuple(records)
        self._distort = distort
        self._rcode = rcode
        first = self.records[0] if self.records else dns.Question(NAME)
        self.question = dns.Question(first.name, first.type)
        answers = self.answer(dns.Message(questions=(self.question,))).answers
        found = (str(r.data) for r in answers if r.type == first.type)
        self.content = "\n".join(found).encode()

    def _open(self) -> tuple[str, int]:
        # The port must be free for both. With TCP it is so nearly always.
        for left in reversed(range(PORTS_TO_TRY)):
            address = super()._open()
            try:
                self._office = Office(self._deliver, port=address[1]).start()
            except OSError:
                super()._close()
                if not left:
                    raise
            else:
                break
        return address

    def _close(self) -> None:
        super()._close()
        self._office.stop(drain=0)

    def answer(self, question: dns.Message) -> dns.Message:
        """Return the true answer to a question."""
        if len(question.questions) != 1:
            # Without the questions: many would not fit into a datagram.
            return question.reply(rcode=1, questions=())
        asked = question.questions[0]
        found: list[dns.Record] = []
        name, known = asked.name, False
        for _ in range(MOST_ALIASES):
            here = [r for r in self.records if dns.same_name(r.name, name)]
            known = known or bool(here)
            fitting = [r for r in here if asked.type in (r.type, "ANY")]
            aliases = [r for r in here if r.type == "CNAME"]
            found += fitting or aliases[:1]
            if fitting or not aliases:
                break
            name = str(aliases[0].data)
        rcode = 0 if known else 3
        return question.reply(*found, rcode=rcode, authoritative=True)

    def _respond(self, data: bytes, limit: int) -> bytes | None:
        """Return what is sent for a question; None for nothing."""
        try:
            question = dns.parse(data)
        except ProtocolError:
            # Enough to say that it is wrong, if there is an id to say it to.
            number = int.from_bytes(data[:2], "big")
            refusal = dns.Message(id=number, response=True, rcode=1)
            return refusal.encode() if len(data) >= 2 else None
        if question.response:
            return None  # two servers that answer answers would never end
        answer = self.answer(question)
        if self._rcode and answer.questions:
            answer = question.reply(rcode=self._rcode)
        return self._distort(answer.encode(limit=limit))

    def _deliver(
        self, sock: socket.socket, data: bytes, sender: tuple[str, int]
    ) -> None:
        self._record.attempt(data)
        reply = self._respond(data, dns.MAX_UDP)
        if reply is not None:
            with contextlib.suppress(OSError):
                sock.sendto(reply, sender)

    def _converse(self, visit: Visit) -> None:
        """Answer on a connection: each message has its length in front."""
        data = b""
        while piece := visit.receive():
            data += piece
            while len(data) >= 2:
                end = 2 + int.from_bytes(data[:2], "big")
                if len(data) < end:
                    break
                reply = self._respond(data[2:end], dns.MAX_MESSAGE)
                data = data[end:]
                if reply is not None:
                    visit.send(len(reply).to_bytes(2, "big") + reply)
