"""Where walks begin: each kind of first contact, and each state of things that flows ask about."""

from __future__ import annotations

from typing import Any

from flows.authoring.transcripts import TranscriptFile
from flows.engine.conversation import Fact
from flows.engine.programme import Programme
from flows.safety.recorded import EXIT_ITEMS, VALUES
from tests.walk.acts import BY_CODE, EXITS, MENU, OPENS, Act
from tests.walk.ways import Opening

# A calm check-in to its end: safe, no fear, the same, nothing new, nothing wanted. What is due comes behind it.
CALM = (Act("choice", "1"), Act("number", "0"), Act("choice", "2"), Act("choice", "1"), Act("choice", "1"))
HELP = Act("said", "help")  # in English, for it raises an alert in each language: what follows is then the same
TALK = Act("listed", "words/talk")
# Half of the long questions, the rest for later; two days after that they are due again.
HALF = (*(Act("choice", "1"),) * 2, *(Act("skip"),) * 6, Act("choice", "2"))
LATER = (EXITS, Act("waits", "2d"), OPENS, *CALM, Act("choice", "1"))
# She has said that she will be back in an hour, and hidden the chat.
OUT = (OPENS, MENU, Act("choice", "9"), Act("choice", "1"), Act("skip"), EXITS)
TO_HER_WORDS = (Act("choice", "7"), Act("choice", "9"))  # from the menu
GOALS = {"one": "lemon tree", "two": "lemon tree", "three": "lemon tree"}
LADDER = {"may_know": "lemon tree", "to_try": "lemon tree"}  # in her words, when a check-in is missed
SHORT_PLAN = {"collect": "lemon tree", "go_to": "done", "bag": "unsafe"}

NEWS: Fact = "programme_news"
MAY_TELL = {NEWS: "yes"}
AGREED = {"negotiated_exit": "agreed"}
WRITTEN = dict.fromkeys(EXIT_ITEMS, "lemon tree")


def openings(programme: Programme) -> tuple[Opening, ...]:
    whole = dict.fromkeys((item.removeprefix("plan/") for item in programme.own if item.startswith("plan/")), "done")
    whole["bag"] = "lemon tree"
    scheduled = [name for name, flow in programme.flows.items() if flow.schedule is not None]
    scheduled.append(programme.rules.confirming)
    return (
        _opening("a joining code", (Act("joins", "code"),), new=True),
        _opening("a keyword, in Wales", (Act("joins", "self"),), new=True, place="GB-WLS"),
        _opening("a check-in", (OPENS,)),
        _opening("the menu", (OPENS, MENU)),
        _opening("help", (OPENS, HELP)),
        _opening("talk", (OPENS, TALK)),
        _opening("back in a word", (OPENS, Act("listed", "words/arrived"))),
        _opening("not now, in a word", (OPENS, Act("listed", "words/not_now"))),
        _opening("expected back", (*OUT, OPENS)),
        _opening("expected back, at the menu", (*OUT, OPENS, MENU)),
        _opening("expected back and late", (*OUT, Act("waits", "2h"), OPENS), contact={"hours": "worker"}),
        _opening("a code for new words", (Act("worker", "resets"), BY_CODE)),
        _opening("her words, a second time", (OPENS, MENU, *TO_HER_WORDS, OPENS, MENU, *TO_HER_WORDS)),
        _opening(
            "her words, not verified",
            (*OUT, Act("waits", "2h"), OPENS, MENU, *TO_HER_WORDS),
            contact={"hours": "worker"},
        ),
        _opening("the menu, in Wales", (OPENS, MENU), place="GB-WLS"),
        _opening("a check-in with a plan", (OPENS,), plan=SHORT_PLAN),
        _opening("the menu with a plan", (OPENS, MENU), plan=SHORT_PLAN, contact=LADDER),
        _opening("the menu with a whole plan", (OPENS, MENU), plan=whole),
        _opening("the menu, no number checked", (OPENS, MENU), checked=True),
        _opening("the second half", (OPENS, *CALM, *HALF, *LATER), due="danger_screen"),
        *(_opening(f"{name}, due, with goals", (OPENS, *CALM), due=name, goals=GOALS) for name in ("goals", "review")),
        _opening("the menu, an agreement on record", (OPENS, MENU), previous={"fear": "2"}, recorded=AGREED),
        _opening("the agreement written down", (OPENS, MENU), previous={"fear": "2"}, recorded=AGREED, plan=WRITTEN),
        *(_opening(f"news: {what}", (OPENS, *CALM), contact=MAY_TELL, recorded={NEWS: what}) for what in VALUES[NEWS]),
        _opening("the menu with news", (OPENS, MENU), contact=MAY_TELL, recorded={NEWS: "started"}),
        *(_opening(f"{name}, due", (OPENS, *CALM), due=name) for name in scheduled),
        *(_opening(f"{name}, due, with a plan", (OPENS, *CALM), due=name, plan=SHORT_PLAN) for name in scheduled),
    )


def _opening(
    name: str, acts: tuple[Act, ...], *, new: bool = False, place: str = "", checked: bool = False, **given: Any
) -> Opening:
    phone = {"new": "true"} if new else {}
    talk = [{"they": "x"}]
    file = TranscriptFile.model_validate({"transcript": name, "phone": phone, "given": given, "talk": talk})
    return Opening(name, file, acts, place, checked)
