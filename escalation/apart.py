"""What she answers to somebody independent, and what stands in its place for who may not read it. Pure.

Such an interview asks how the work is done, of the one it is for (MST-IPV, monthly adherence). She can only answer
freely when the worker of her case does not read it: `escalation.access` says who may (`hear_apart`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from escalation.ports import Assessment, Line

INSTEAD = "independent"  # what the note in its place is called
READ = "transcript.read_independent"  # in the audit, beside the reading of the conversation


def closed(lines: Iterable[Line]) -> list[Line]:
    """Each run of such lines is one note, at the time of its first."""
    kept: list[Line] = []
    inside = False
    for line in lines:
        if not line.apart:
            kept.append(line)
        elif not inside:
            kept.append(Line(line.at, "note", INSTEAD))
        inside = line.apart
    return kept


def without_answers(assessment: Assessment) -> Assessment:
    """When it was, what it came to and by which rules; not what she answered."""
    return replace(assessment, answers={}, score={}) if assessment.apart else assessment
