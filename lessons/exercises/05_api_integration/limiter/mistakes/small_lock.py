import threading


class Limiter:
    def __init__(self, rate, clock):
        self.interval = 1 / rate
        self.clock = clock
        self.last = None
        self.lock = threading.Lock()

    def acquire(self):
        with self.lock:
            wait = 0
            if self.last is not None:
                wait = self.last + self.interval - self.clock.now()
        if wait > 0:
            self.clock.sleep(wait)
        with self.lock:
            self.last = self.clock.now()
