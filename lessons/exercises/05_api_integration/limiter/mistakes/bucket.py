import threading


class Limiter:
    def __init__(self, rate, clock):
        self.rate = rate
        self.clock = clock
        self.tokens = rate
        self.updated = clock.now()
        self.lock = threading.Lock()

    def acquire(self):
        with self.lock:
            now = self.clock.now()
            self.tokens += (now - self.updated) * self.rate
            self.tokens = min(self.tokens, self.rate)
            self.updated = now
            if self.tokens < 1:
                wait = (1 - self.tokens) / self.rate
                self.clock.sleep(wait)
                self.updated = self.clock.now()
                self.tokens = 1
            self.tokens -= 1
