"""Load a learner's file, and see whether it has what is to be written."""

import ast
import inspect
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from netbasics.practice.catalogue import definition
from netbasics.practice.check import raised
from netbasics.practice.findings import Finding, Line
from netbasics.practice.stacks import own_lines

__all__ = ["Unusable", "load"]


class Unusable(Exception):
    """What was loaded cannot be checked; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.headline)
        self.finding = finding


def load(source: Path, stub: Path, name: str, function: str) -> ModuleType:
    """Import a learner's file under a name.

    Args:
        source: The learner's file.
        stub: The file that says which arguments there must be.
        name: Under which the check imports it.
        function: The function or class that it must define.

    Raises:
        Unusable: It is no Python, fails, or lacks the function.
        SystemExit: It ends the program.
    """
    module = ModuleType(name)
    module.__file__ = str(source)
    sys.modules[name] = module
    code = _compiled(source)
    try:
        exec(code, vars(module))
    except SystemExit:
        raise
    except BaseException as error:
        lines = own_lines(source, traceback.extract_tb(error.__traceback__))
        headline = f"importing the file fails: {raised(error)}"
        raise Unusable(Finding("failed", headline, lines=lines)) from error
    _look(getattr(module, function, None), stub, function)
    return module


def _compiled(source: Path) -> Any:
    # Of bytes, Python itself sees to BOM, line ends and encoding.
    text = source.read_bytes()
    try:
        return compile(text, str(source), "exec", dont_inherit=True)
    except SyntaxError as error:
        text_of_line = (error.text or "").rstrip()
        lines = [Line(error.lineno, text_of_line)] if error.lineno else []
        reason = error.msg
    except (ValueError, RecursionError, MemoryError) as error:
        lines, reason = [], str(error) or type(error).__name__
    headline = f"this is no Python: {reason}"
    raise Unusable(Finding("no syntax", headline, lines=lines))


def _look(given: Any, stub: Path, function: str) -> None:
    """Refuse what is not there or cannot be called as it must be."""
    if not callable(given):
        what = "is not there" if given is None else "cannot be called"
        headline = f"{function} {what}: the file must define it"
        raise Unusable(Finding("not there", headline))
    wanted = _from_stub(stub, function)
    node = definition(stub.read_text("utf-8"), function)
    if isinstance(wanted, type) and isinstance(given, type):
        for name in vars(wanted):
            if not name.startswith("_") and not hasattr(given, name):
                headline = f"{function} has no {name}: the class must define it"
                raise Unusable(Finding("not there", headline))
    asynchronous = isinstance(node, ast.AsyncFunctionDef)
    if _fits(wanted, given) and asynchronous == _is_coroutine(given):
        return
    sign = {
        True: "async def ",
        False: "" if isinstance(wanted, type) else "def ",
    }
    raise Unusable(
        Finding(
            "signature",
            f"{function} is defined in another way than in the stub",
            expected=f"{sign[asynchronous]}{function}{inspect.signature(wanted)}",
            got=f"{sign[_is_coroutine(given)]}{function}{_signature(given)}",
        )
    )


def _from_stub(stub: Path, function: str) -> Callable[..., Any]:
    module = ModuleType("stub")
    exec(compile(stub.read_text("utf-8"), str(stub), "exec"), vars(module))
    wanted: Callable[..., Any] = getattr(module, function)
    return wanted


def _is_coroutine(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(inspect.unwrap(function))


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (ValueError, TypeError):  # one that is written in C may have none
        return None


def _fits(wanted: Callable[..., Any], given: Callable[..., Any]) -> bool:
    """Whether `given` can be called as a check calls `wanted`."""
    signature = _signature(given)
    if signature is None:
        return True
    places: list[str] = []
    named: dict[str, str] = {}
    for name, parameter in inspect.signature(wanted).parameters.items():
        match parameter.kind:
            case parameter.VAR_POSITIONAL:
                places += ["one", "two"]
            case parameter.VAR_KEYWORD:
                named["any_name"] = "any"
            case parameter.KEYWORD_ONLY:
                named[name] = name
            case _:
                places.append(name)
    try:
        signature.bind(*places, **named)
    except TypeError:
        return False
    return True
