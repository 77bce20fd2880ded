"""Threads that are used again.

To start a thread costs about as much as to answer a small HTTP request. A
thread that is done with one connection therefore waits a moment for another.
(`concurrent.futures` has a pool as well, but the program cannot end before all
of its threads have, not even at Ctrl-C.)
"""

import queue
import threading
import time
from collections.abc import Callable

__all__ = ["Workers"]

# How long a thread without work stays, in seconds.
KEPT = 2.0

Job = Callable[[], None]


class Workers:
    """Run jobs, each in a thread of its own while it lasts.

    There are as many threads as jobs at the same time. They are daemons: a
    program that ends does not wait for them.

    Args:
        name: What the threads are called, with a number after it.

    Example:
        >>> workers = Workers("example")
        >>> done = threading.Event()
        >>> workers.run(done.set)
        >>> done.wait(5)
        True
        >>> workers.close()
        >>> workers.join(5)
        []
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0
        self._started = 0
        self._threads: set[threading.Thread] = set()
        self._closed = False

    def run(self, job: Job) -> None:
        """Run the job soon, in an idle thread or in a new one.

        Raises:
            RuntimeError: The system has no thread left.
        """
        with self._lock:
            if self._idle:
                self._idle -= 1
                self._jobs.put(job)
                return
            self._started += 1
            thread = threading.Thread(
                target=self._work,
                args=(job,),
                name=f"{self._name}-{self._started}",
                daemon=True,
            )
            self._threads.add(thread)
        try:
            thread.start()
        except RuntimeError:
            self._threads.discard(thread)
            raise

    def close(self) -> None:
        """Let each thread end as soon as it has no work."""
        with self._lock:
            self._closed = True
            for _ in range(self._idle):
                self._jobs.put(None)
            self._idle = 0

    def join(self, seconds: float) -> list[threading.Thread]:
        """Wait for the threads to end, after `close()`.

        Returns:
            Those that did not end in time; never the calling thread.
        """
        end = time.monotonic() + seconds
        with self._lock:
            threads = self._threads - {threading.current_thread()}
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        return [thread for thread in threads if thread.is_alive()]

    def _work(self, first: Job) -> None:
        job: Job | None = first
        while job is not None:
            job()
            # Not to be kept alive while this thread is idle.
            del job
            job = self._next()
        with self._lock:
            self._threads.discard(threading.current_thread())

    def _next(self) -> Job | None:
        """Wait a moment for another job."""
        with self._lock:
            if self._closed:
                return None
            self._idle += 1
        try:
            return self._jobs.get(timeout=KEPT)
        except queue.Empty:
            with self._lock:
                if self._jobs.empty():
                    self._idle -= 1
                    return None
                # It was put there for us between the two lines above.
                return self._jobs.get_nowait()
