"""6.1 A message for everybody."""

import socket


def broadcast(clients: set[socket.socket], message: bytes) -> None:
    """Send a message to all clients, and drop those that do not take it.

    The whole call takes at most 1 second, however many clients there are and
    whatever they do. In that time every client that reads has the message,
    also while others do not read. A client that reads slowly, but has not
    taken the whole message when the second is over, is one that does not.

    After the call each client is one of two:

    - It has the whole message: each byte was handed to its socket. It stays
      in `clients`, open, with the timeout that it had before (None, 0, or
      seconds).
    - It lacks some of it when the second is over; or it is dead: sending to
      it fails, or its socket is closed already. It is closed, and removed
      from `clients`.

    Args:
        clients: Connected TCP sockets, blocking or not. This very set is
            changed. It may be empty.
        message: What to send. It may be larger than what the system holds for
            a client, so that a single `send` takes a part of it.

    Nothing is raised, whatever the clients do. The call may return before the
    second is over.
    """
    raise NotImplementedError("not written yet")
