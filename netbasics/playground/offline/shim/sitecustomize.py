"""What a Python started by `netbasics offline` runs before anything else.

The folder of this file is put into PYTHONPATH, and every Python that is not
told otherwise (-I, -E, -S) imports a module of this name when it starts. It
takes the offline internet in, or ends the process: a program that was to be
offline shall not find itself on the real internet.
"""

import os
import sys


def _begin() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]
    root = os.path.abspath(os.path.join(here, *[os.pardir] * 4))
    # This Python may belong to an environment without netbasics.
    sys.path.insert(0, root)
    try:
        from netbasics.playground.offline import child

        child.begin()
    except BaseException as error:
        sys.stderr.write(
            f"netbasics offline: {sys.executable} cannot be taken in, and so "
            f"is not started ({type(error).__name__}: {error})\n"
        )
        sys.stderr.flush()
        os._exit(1)
    finally:
        sys.path.remove(root)
    _run_theirs()


def _run_theirs() -> None:
    """Import the `sitecustomize` that this one has hidden, if there is one."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


# Its own name: whoever imports the file under another one only looks at it.
if __name__ == "sitecustomize" and "NETBASICS_OFFLINE" in os.environ:
    _begin()
