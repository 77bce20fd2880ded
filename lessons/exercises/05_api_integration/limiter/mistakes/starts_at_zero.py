import threading


class Limiter:
    def __init__(self, rate, clock):
        self.interval = 1 / rate
        self.clock = clock
        self.last = 0
        self.lock = threading.Lock()

    def acquire(self):
        with self.lock:
            wait = self.last + self.interval - self.clock.now()
            if wait > 0:
                self.clock.sleep(wait)
            self.last = self.clock.now()
