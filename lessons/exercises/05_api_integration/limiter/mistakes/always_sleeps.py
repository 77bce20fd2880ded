import threading


class Limiter:
    def __init__(self, rate, clock):
        self.interval = 1 / rate
        self.clock = clock
        self.first = True
        self.lock = threading.Lock()

    def acquire(self):
        with self.lock:
            if not self.first:
                self.clock.sleep(self.interval)
            self.first = False
