"""A programme's own words for pages to workers (`pages.yaml`), checked as strictly as a cover: anybody may read a page.

page/alert: {en: "{tier} {ref}: reply A {code}", cy: "{tier} {ref}: atebwch A {code}"}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from flows.authoring.cover_words import Forbidden, forbidden
from flows.authoring.extract import own_sources
from flows.authoring.findings import AuthorError, Finding
from flows.authoring.nodes import Document, Scalar, Table, read_file
from flows.text.render import placeholders, render
from flows.text.segments import count

FILE = "pages.yaml"
FAMILY = "page/"
REPLIES = ("A {code}", "P {code}")
# The longest that each can be: a page that fits with these fits always.
WIDEST = {
    "tier": "P0",
    "ref": "K2A7HJ",
    "code": "KTWX",
    "count": "999",
    "codes": "P0 KTWX, P1 KTWX, P2 KTWX",
    "name": "A colleague's name",
    "reference": "HOUSING/2026-11/00012345",
}
PageTexts = Mapping[str, Mapping[str, str]]  # by message id and language


def read_page_texts(folders: Sequence[Path], names: Sequence[str], findings: list[Finding]) -> PageTexts:
    """Those of the last folder that has the file; what is wrong with them is added to `findings`."""
    path = next((folder / FILE for folder in reversed(folders) if (folder / FILE).exists()), None)
    if path is None:
        return {}
    try:
        document = read_file(path)
    except AuthorError as error:
        findings += error.findings
        return {}
    rules, shipped = forbidden(names), {s.id: s.english for s in own_sources() if s.id.startswith(FAMILY)}
    faults = [fault for key in document.plain() for fault in _entry(document, key, shipped, rules)]
    findings += faults
    return {} if faults else _texts(document)


def _texts(document: Document) -> PageTexts:
    return {message: dict(said) for message, said in document.plain().items() if isinstance(said, dict)}  # type: ignore[arg-type]


def _entry(
    document: Document, message: str, shipped: Mapping[str, str], rules: Mapping[str, Forbidden]
) -> Iterator[Finding]:
    here = document.key(message)
    if message not in shipped:
        yield document.finding(here, f"there is no page {message}", f"The pages are {', '.join(sorted(shipped))}")
        return
    said = document.node(message)
    if not isinstance(said, Table):
        yield document.finding(here, "the words of a page stand by language", 'Write `{en: "…", es: "…"}`')
        return
    for language in document.plain()[message]:
        place, node = document.at(message, str(language)), document.node(message, str(language))
        if not isinstance(node, Scalar):
            yield document.finding(place, "this is no text", "Write one sentence")
            continue
        for problem, hint in _wrong(node.text, str(language), shipped[message], rules):
            yield document.finding(place, problem, hint)


def _wrong(text: str, language: str, shipped: str, rules: Mapping[str, Forbidden]) -> Iterator[tuple[str, str]]:
    unknown, known = sorted(placeholders(text) - placeholders(shipped)), sorted(placeholders(shipped))
    if unknown:
        yield f"{{{unknown[0]}}} is not known here", f"Known are {', '.join(f'{{{name}}}' for name in known) or 'none'}"
        return
    missing = [reply for reply in REPLIES if reply in shipped and reply not in text]
    if missing:
        yield f"it does not say {missing[0]}", "Without it nobody knows how to answer: A takes it, P passes it on"
    if "{code}" in shipped and "{code}" not in text:
        yield "it does not say {code}", "Without the code nobody can answer"
    betrays = (rules.get(language, Forbidden()) | rules.get("en", Forbidden()) | rules[""]).found(text)
    if betrays:
        yield f"a page may not hold {betrays!r}", "Anybody may read it over a shoulder: say only that something waits"
    took = count(render(text, {name: WIDEST.get(name, "XXXXXX") for name in placeholders(text)})).segments
    if took != 1:
        yield f"it takes {took} SMS segments", "A page is one: make it shorter, or do without costly letters"
