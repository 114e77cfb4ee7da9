"""Conditions of flows and instruments: CEL, compiled when the content is loaded, weighed many times a turn.

Three promises that plain CEL does not give. A name that is unknown or skipped makes the whole condition false, also
inside `!` and `||`: not knowing is never evidence (a skipped question is not "no"). The names that a condition reads
are known before it runs, dotted ones too, so that a typing error can be refused. Only true or false comes out.

Turning Python values into CEL's is what costs: here a number 0.7 microseconds, a string 2.4, a nested map 4, where the
comparison itself takes 0.3. So only the names that are read are handed over, and `previous.fear` as one flat variable.
"""

from __future__ import annotations

import copyreg
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import NamedTuple, Protocol, cast

from flows.engine.model import Condition

# The library's package brings its own command line along (prompt_toolkit, rich: a third of a second at every start).
sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))
import cel  # noqa: E402

MOST_CHARACTERS = 500  # a longer condition cannot be reviewed; split it into steps or rules
# All that answers need: they are numbers and short words. No macros, no clock, no conversions from text to time.
OPERATORS = frozenset(
    {"_&&_", "_||_", "!_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "_+_", "_-_", "-_", "_*_", "_/_", "_%_"}
)
CALLS = frozenset({"size", "contains", "startsWith", "endsWith"})
PLAIN = "Compare names with numbers and words, by == != < <= > >= in && || !"
BRACES = frozenset("{}")  # CEL's own maps and messages
_TOKEN = re.compile(
    r"""(?P<text>[rRbB]{0,2}(?:\"\"\".*?\"\"\"|'''.*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))"""
    r"|(?P<comment>//.*)"
    r"|(?P<number>\d[\w.]*)"
    r"|(?P<chain>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)"
    r"|(?P<other>\S)",
    re.DOTALL,
)
_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
_CALLED = re.compile(r"\s*\(")
_KEYWORDS = frozenset({"true", "false", "null", "in"})
_PLACE = re.compile(r"<input>:(\d+):(\d+): (?:Syntax error: )?([^\n]*)")


class BadCondition(ValueError):
    """The condition cannot be used. Whose fault: the author's. `offset` counts characters from its start."""

    def __init__(self, problem: str, hint: str, offset: int = 0) -> None:
        super().__init__(problem)
        self.problem, self.hint, self.offset = problem, hint, offset


class ConditionFailed(Exception):
    """Computing failed although every name is known, as when a word is compared with a number. The author's fault.

    The weighing of rules turns this into an alert of its own (SAFETY 27).
    """


class Executable(Protocol):
    def execute(self, context: dict[str, object]) -> object: ...


class Program(NamedTuple):
    """What `Condition.program` holds: the compiled source over flat variables, and where to find each one's value."""

    compiled: Executable
    reads: tuple[tuple[str, tuple[str, ...]], ...]


def compile_condition(source: str) -> Condition:
    """Raises `BadCondition` when the source is no CEL or uses more of it than conditions may."""
    if len(source) > MOST_CHARACTERS:
        raise BadCondition(f"the condition is longer than {MOST_CHARACTERS} characters", "Split it into several")
    used = _parse(source)
    names = tuple(sorted({name for _, _, name in _reads(source)}))
    _refuse_functions(used)
    compiled = cel.compile(_flattened(source))
    reads = tuple((_flat(name), tuple(name.split("."))) for name in names)
    return Condition(source, frozenset(names), Program(compiled, reads))


def holds(condition: Condition, names: Mapping[str, object]) -> bool:
    """Whether the condition is true. `names` nests: `previous.fear` is `names["previous"]["fear"]`.

    False when any name that the condition reads is absent or None. Raises `ConditionFailed` when it cannot be computed.
    """
    program = cast(Program, condition.program)
    values: dict[str, object] = {}
    for variable, path in program.reads:
        value = names.get(path[0]) if len(path) == 1 else _inside(names, path)
        if value is None:
            return False
        values[variable] = value
    return _compute(condition.source, program.compiled, values)


def _inside(names: Mapping[str, object], path: tuple[str, ...]) -> object:
    value: object = names
    for part in path:
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def _compute(source: str, compiled: Executable, values: dict[str, object]) -> bool:
    try:
        result = compiled.execute(values)
    except (TypeError, ValueError, RuntimeError, ArithmeticError, LookupError) as error:
        raise ConditionFailed(f"{source}: {error}") from error
    if not isinstance(result, bool):
        raise ConditionFailed(f"{source}: gives {type(result).__name__}, not true or false")
    return result


def _kept(condition: Condition) -> tuple[Callable[[str], Condition], tuple[str]]:
    return compile_condition, (condition.source,)


copyreg.pickle(Condition, _kept)  # the compiled program cannot be written down; its source can (flows.authoring.kept)


# Reading the source


def _parse(source: str) -> frozenset[str]:
    """The functions that the source uses. Parsing the words as written gives the error its place."""
    try:
        return frozenset(cel.compile(source).functions())
    except ValueError as error:
        raise _bad_syntax(source, str(error)) from error


def _bad_syntax(source: str, message: str) -> BadCondition:
    hint = "Write it like: fear >= 8 && safe_now != 'yes'"
    found = _PLACE.search(message)
    if not found:
        return BadCondition("this is no condition", hint)
    before = source.split("\n")[: int(found[1]) - 1]
    offset = sum(len(line) + 1 for line in before) + int(found[2]) - 1
    what = re.sub(r"expecting \{.*", "here", found[3]).strip()
    what = "nested too deep" if "OtherError" in what else what
    return BadCondition(f"this is no condition: {what}", hint, min(offset, len(source)))


def _refuse_functions(used: frozenset[str]) -> None:
    for name in sorted(used - OPERATORS - CALLS):
        raise BadCondition(f"`{name.strip('_@!')}` cannot be used in a condition", PLAIN)


def _reads(source: str) -> Iterator[tuple[int, int, str]]:
    """Each name that is read: start, end and name, as `previous.fear`. Strings, calls and keywords are no names."""
    for token in _TOKEN.finditer(source):
        chain = token["chain"]
        if token[0] in BRACES:
            raise BadCondition("braces cannot be used in a condition", PLAIN, token.start())
        if chain is None or chain in _KEYWORDS:
            continue
        start, end = token.span()
        if _CALLED.match(source, end):
            chain, dot, called = chain.rpartition(".")
            _refuse_macro(called.strip(), start)
            if not dot:
                continue
            chain = chain.rstrip()
            end = start + len(chain)
        yield start, end, _checked(re.sub(r"\s+", "", chain), start)


def _refuse_macro(called: str, offset: int) -> None:
    if called not in CALLS:
        hint = "A name that is not known makes the condition false by itself" if called == "has" else PLAIN
        raise BadCondition(f"`{called}` cannot be used in a condition", hint, offset)


def _checked(name: str, offset: int) -> str:
    if not _NAME.fullmatch(name) or name.partition(".")[0] in _KEYWORDS:
        raise BadCondition(f"`{name}` is no name", "Names are in small letters, digits and _", offset)
    return name


def _flattened(source: str) -> str:
    parts, done = [], 0
    for start, end, name in _reads(source):
        parts += [source[done:start], _flat(name)]
        done = end
    return "".join([*parts, source[done:]])


def _flat(name: str) -> str:
    """Capitals keep it apart from every name that an author may write; the end keeps it apart from CEL's own words."""
    return name.replace(".", "_OF_") + "_V"
