"""All commands in one list. Exit codes: 0 good, 1 found problems, 2 wrong use."""

from __future__ import annotations

import typer

from bot.cli import bench, chat, content, database, directory, ladder, locales, operate, person, rota, signals, staff

app = typer.Typer(
    help="Rowan: a discreet chat line for recipients of intimate-partner aggression, and the on-call desk behind it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("demo")(operate.demo)
app.command("serve")(operate.serve)
app.command("chat")(chat.chat)
app.command("check")(content.check)
app.command("graph")(content.graph)
app.command("signals")(signals.signals)
app.command("init")(operate.init)
app.command("bench")(bench.bench)
app.command("doctor")(operate.doctor)
app.add_typer(database.app, name="db")
app.add_typer(directory.app, name="directory")
app.add_typer(ladder.app, name="ladder")
app.add_typer(locales.app, name="locales")
app.add_typer(person.app, name="person")
app.add_typer(rota.app, name="rota")
app.add_typer(staff.app, name="staff")
app.add_typer(operate.audit_app, name="audit")
app.add_typer(operate.telegram_app, name="telegram")
