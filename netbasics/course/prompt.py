"""A Python prompt inside a lesson, with what a step has open.

Python's own `code.interact` does nearly this. But there, `exit()` ends the
whole program (up to Python 3.12), `await` is a syntax error, and what is
assigned changes the names that it was given.
"""

import ast
import builtins
import codeop
import inspect
import linecache
import sys
import traceback
from collections.abc import Mapping
from types import CodeType, FunctionType
from typing import Any, TextIO

import netbasics
from netbasics.course.awaiting import Loop
from netbasics.course.tracebacks import from_file
from netbasics.course.typing_in import Typed, typed

__all__ = ["interact"]

SIGN, GOES_ON = "net> ", "...  "
FILE = "<prompt>"
# Lines that name one of these want a running loop, although they wait for
# nothing.
WANT_LOOP = {
    "ClientSession",
    "TCPConnector",
    "create_task",
    "ensure_future",
    "get_running_loop",
}


def interact(
    names: Mapping[str, object],
    *,
    banner: str = "",
    stdin: TextIO | None = None,
) -> None:
    r"""Let the learner type Python, with these names, until Ctrl-D or exit().

    The prompt has the public modules of netbasics besides the names, `await`
    (and `async with`, `async for`), `_` for the last value, Tab for completion
    where the terminal allows, and its own history. All lines share one event
    loop, which runs while a line waits.

    What the learner assigns is gone afterwards; `names` is not changed. (What
    is done *to* an object is done: a closed connection is closed.) No mistake
    ends the program: exceptions are shown, Ctrl-C abandons what is typed or
    running, and `exit()` and `sys.exit()` end only the prompt.

    Args:
        names: The names to begin with, and their values.
        banner: What to print first.
        stdin: Where to read lines from; None for the terminal, or whatever
            the program's input is. Output goes to `sys.stdout`.

    Call it from the main thread: elsewhere, Ctrl-C and Ctrl-Z do not come.

    Example:
        >>> import io
        >>> interact({"port": 80}, stdin=io.StringIO("port + 1\nexit()\n"))
        net> 81
        net>
    """
    if banner:
        print(banner)
    prompt = _Prompt(names)
    with typed(stdin, prompt.complete) as lines:
        try:
            prompt.run(lines)
        finally:
            prompt.close()


class _Modules(dict[str, Any]):
    """The builtin names, and behind them the modules of netbasics.

    A module is imported when its name is first used. So all of them are there
    and none costs anything. Names of the step come before these.
    """

    def __init__(self) -> None:
        super().__init__(vars(builtins))
        # Those of `site` close stdin, which the lesson still needs.
        self["exit"] = self["quit"] = _leave

    def __missing__(self, name: str) -> Any:
        if name not in netbasics.__all__:
            raise KeyError(name)
        return getattr(netbasics, name)


def _leave(code: object = None) -> None:
    """Leave the prompt and go back to the lesson."""
    raise SystemExit(code)


class _Prompt:
    """One prompt, from its first line to its last."""

    def __init__(self, names: Mapping[str, object]) -> None:
        self._given = {id(value) for value in names.values()}
        self._names = dict(names)
        # A name with an annotation would be noted in the step's own table.
        self._names.pop("__annotations__", None)
        self._names["__builtins__"] = _Modules()
        self._compile = codeop.CommandCompiler()
        self._compile.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._loop = Loop()
        # All that was typed is one file, so that a traceback finds its lines.
        self._file: list[str] = []

    def run(self, lines: Typed) -> None:
        """Read and run until the learner leaves."""
        before = sys.displayhook
        sys.displayhook = self._display
        begun: list[str] = []
        try:
            while True:
                try:
                    begun.append(lines.line(GOES_ON if begun else SIGN))
                    if self._is_exit(begun):
                        return
                    if not self._take("\n".join(begun)):
                        continue
                except EOFError:
                    print()
                    return
                except SystemExit as error:
                    if isinstance(error.code, str):
                        print(error.code)
                    return
                except KeyboardInterrupt:
                    self._complain("\nKeyboardInterrupt\n")
                begun = []
        finally:
            sys.displayhook = before

    def close(self) -> None:
        """End what was begun here, and forget the names."""
        mine = [v for v in self._names.values() if id(v) not in self._given]
        stuck = self._loop.close(mine)
        if stuck:
            print(f"Not ended in time: {', '.join(stuck)}.")
        linecache.cache.pop(FILE, None)
        self._names.clear()

    def complete(self, text: str, state: int) -> str | None:
        """Complete a name, as `readline` wants it done."""
        if not text.strip():
            # At the start of a line, Tab indents.
            return "    " if state == 0 else None
        import rlcompleter

        if state == 0:
            completer = rlcompleter.Completer(self._names)
            if "." in text:
                self._found = completer.attr_matches(text)
            else:
                modules = [m for m in netbasics.__all__ if m.startswith(text)]
                found = [*completer.global_matches(text), *modules]
                self._found = list(dict.fromkeys(found))
        return self._found[state] if state < len(self._found) else None

    def _is_exit(self, begun: list[str]) -> bool:
        word = begun[0].strip()
        return (
            len(begun) == 1
            and word in ("exit", "quit")
            and word not in self._names
        )

    def _take(self, source: str) -> bool:
        """Run a source that is complete; return whether it was."""
        start = len(self._file)
        try:
            # As many empty lines before it as were typed until now: so the
            # compiler numbers its lines as the file does.
            code = self._compile("\n" * start + source, FILE)
        except (SyntaxError, ValueError, OverflowError) as error:
            self._remember(source)
            self._show_error(error, with_frames=False)
            return True
        if code is None:
            return False
        self._remember(source)
        try:
            self._execute(code)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # CancelledError is no Exception
            self._show_error(error)
        return True

    def _execute(self, code: CodeType) -> None:
        if code.co_flags & inspect.CO_COROUTINE:
            self._loop.run(FunctionType(code, self._names)())
        elif WANT_LOOP.intersection(code.co_names):
            self._loop.call(lambda: exec(code, self._names))
        else:
            exec(code, self._names)

    def _remember(self, source: str) -> None:
        self._file += source.split("\n")
        lines = [line + "\n" for line in self._file]
        size = sum(map(len, lines))
        linecache.cache[FILE] = size, None, lines, FILE

    def _display(self, value: object) -> None:
        """Show a value as Python's prompt does."""
        if value is None:
            return
        text = repr(value)
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        print(text.encode(encoding, "backslashreplace").decode(encoding))
        self._names["_"] = value

    def _show_error(
        self, error: BaseException, *, with_frames: bool = True
    ) -> None:
        """Show a traceback from the learner's own lines on."""
        if with_frames:
            text = from_file(error, FILE)
        else:
            text = "".join(traceback.format_exception_only(error)).rstrip()
        self._complain(f"{text}\n")

    def _complain(self, text: str) -> None:
        sys.stdout.flush()
        sys.stderr.write(text)
        sys.stderr.flush()
