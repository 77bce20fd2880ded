import threading


class Limiter:
    def __init__(self, rate, clock):
        self.interval = 1 / rate
        self.clock = clock
        self.next = clock.now()
        self.lock = threading.Lock()

    def acquire(self):
        with self.lock:
            wait = self.next - self.clock.now()
            if wait > 0:
                self.clock.sleep(wait)
            self.next += self.interval
