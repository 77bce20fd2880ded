import threading


class Limiter:
    def __init__(self, rate, clock):
        self.interval = 1 / rate
        self.clock = clock
        self.last = None
        self.lock = threading.Lock()

    def acquire(self):
        with self.lock:
            if self.last is not None:
                while self.clock.now() < self.last + self.interval:
                    pass
            self.last = self.clock.now()
