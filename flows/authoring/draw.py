"""Draw a flow by its name: for authors, and for pages of the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flows.authoring.content import read_content
from flows.authoring.findings import AuthorError
from flows.authoring.fit import did_you_mean
from flows.authoring.lint_routes import dangling
from flows.authoring.mermaid import mermaid
from flows.authoring.nodes import Place, fault
from flows.authoring.svg import svg


def draw(name: str, form: str, folders: Sequence[Path]) -> str:
    """`form` is 'mermaid' (text) or 'svg'. Raises AuthorError when there is no such flow or it cannot be read."""
    content = read_content(folders)
    flow = content.flows.get(name)
    if flow is None:
        where = str(folders[-1] / "library" / f"{name}.yaml")
        mine = [finding for finding in content.findings if Path(finding.file).stem == name]
        raise AuthorError(
            mine or [fault(where, Place(), f"there is no flow {name}", did_you_mean(name, content.flows))]
        )
    loose = list(dangling(flow))
    if loose:
        raise AuthorError(loose)
    return svg(flow.value) if form == "svg" else mermaid(flow.value)
