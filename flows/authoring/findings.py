"""What is wrong in a file that people write, said so that they can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault of an author: `problem` and `hint` are sentences, `line` and `column` count from 1.

    `str()` gives `file:line:column: what is wrong. How to mend it.`, which editors and terminals can jump to.
    """

    file: str
    line: int
    column: int
    problem: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.problem} {self.hint}".rstrip()


class AuthorError(Exception):
    """The files cannot be used as they are. The author must mend `findings`; trying again does not help."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(findings))
        super().__init__("\n".join(map(str, self.findings)))
