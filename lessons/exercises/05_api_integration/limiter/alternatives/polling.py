"""No lock is held while anyone waits: whoever is early comes back."""

import math
import threading


class Limiter:
    def __init__(self, rate, clock):
        self.pause = 1.0 / rate
        self.clock = clock
        self.next = -math.inf
        self.lock = threading.Lock()

    def acquire(self):
        while True:
            with self.lock:
                now = self.clock.now()
                early = self.next - now
                if early <= 0:
                    self.next = now + self.pause
                    return
            self.clock.sleep(early)
