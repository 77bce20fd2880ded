import threading
import time


class Limiter:
    def __init__(self, rate, clock):
        self.interval = 1 / rate
        self.last = None
        self.lock = threading.Lock()

    def acquire(self):
        with self.lock:
            if self.last is not None:
                wait = self.last + self.interval - time.monotonic()
                if wait > 0:
                    time.sleep(wait)
            self.last = time.monotonic()
