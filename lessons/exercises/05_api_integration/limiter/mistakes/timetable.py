import threading


class Limiter:
    def __init__(self, rate, clock):
        self.interval = 1 / rate
        self.clock = clock
        self.slot = None
        self.lock = threading.Lock()

    def acquire(self):
        with self.lock:
            now = self.clock.now()
            if self.slot is None or self.slot < now:
                self.slot = now
            mine = self.slot
            self.slot += self.interval
        if mine > now:
            self.clock.sleep(mine - now)
