"""One at a time: wait under a lock, and look at the clock again."""

import threading


class Limiter:
    def __init__(self, rate, clock):
        self._interval = 1 / rate
        self._clock = clock
        self._last = None
        self._turn = threading.Lock()

    def acquire(self) -> None:
        with self._turn:
            if self._last is not None:
                wait = self._last + self._interval - self._clock.now()
                if wait > 0:
                    self._clock.sleep(wait)
            self._last = self._clock.now()
