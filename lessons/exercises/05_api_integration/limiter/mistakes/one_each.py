import threading


class Limiter(threading.local):
    def __init__(self, rate, clock):
        self.interval = 1 / rate
        self.clock = clock
        self.last = None

    def acquire(self):
        if self.last is not None:
            wait = self.last + self.interval - self.clock.now()
            if wait > 0:
                self.clock.sleep(wait)
        self.last = self.clock.now()
