"""`rowan person`: what the operator may do about one recipient, known by her case reference only."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.cli.opening import opened
from escalation.people import Authority
from escalation.ports import Refused
from storage import erasing

app = typer.Typer(help="One recipient, by her case reference.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """A group, though it has one command yet."""


@app.command()
def erase(
    ref: Annotated[str, typer.Argument(help="Her case reference.")],
    by: Annotated[Authority, typer.Option(help="How she asked, or that a rule or law asks.")],
    reason: Annotated[str, typer.Option(help="Why, for the audit log.")],
    confirm: Annotated[str, typer.Option(prompt="This cannot be undone. Type the reference again")],
) -> None:
    """Stop the service, then: destroy her key and all rows about her. Deleted from her phone when it runs again."""
    if confirm.strip().upper() != ref.upper():
        print("The two references differ: nothing was erased.", file=sys.stderr)
        raise typer.Exit(1)
    with opened() as (database, vault):
        try:
            receipt = database.write_now(erasing.erase, vault, ref, "", by, reason, datetime.now(UTC))
        except Refused as refused:
            print(refused.why, file=sys.stderr)
            raise typer.Exit(1) from None
        left = database.read_now(erasing.receipt_of, vault, receipt)
    print(f"Erased. Receipt {receipt}. {left.waiting} messages will be deleted from her phone, {left.stays} cannot be.")
    print("Texts (SMS) stay on her phone, and the provider keeps its own records as long as it says.")
