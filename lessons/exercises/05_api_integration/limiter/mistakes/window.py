import threading
from collections import deque


class Limiter:
    def __init__(self, rate, clock):
        self.rate = max(1, int(rate))
        self.clock = clock
        self.times = deque(maxlen=self.rate)
        self.lock = threading.Lock()

    def acquire(self):
        with self.lock:
            if len(self.times) == self.rate:
                wait = self.times[0] + 1 - self.clock.now()
                if wait > 0:
                    self.clock.sleep(wait)
            self.times.append(self.clock.now())
