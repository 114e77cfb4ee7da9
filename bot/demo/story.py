"""The weeks before the demo opened, scene by scene: who wrote what, and what the team did about it. All made up."""

from __future__ import annotations

from collections.abc import Sequence

from bot.demo.cast import RECIPIENTS
from bot.demo.past import (
    IsAssigned,
    IsAudited,
    IsFilledIn,
    IsHelped,
    IsRecorded,
    IsSeen,
    IsStaged,
    IsTaken,
    Joins,
    Scene,
    Talks,
    days,
    hours,
    minutes,
)

# safe, afraid, changed, new (and, from a fear of 6, for their life), wanted
STEADY = ("1", "4", "2", "1", "1")
CALM = ("1", "3", "2", "1", "1")
PLAN = ("1", "5", "2", "1", "3", "1", "My sister, at any hour", "2", "Both walk to school with the neighbour", "2")
WORSE = ("1", "6", "3", "1", "3", "2", "1")  # afraid 6, worse, not for their life, then: a worker
UNSURE = ("2", "4", "2", "1", "3", "1", "3")  # not sure whether safe, afraid 4, not for her life
# From the menu, once something of a plan stands; then her words and numbers.
LOOKING_AHEAD = ("menu", "2", "4", "9")
GOALS, REVIEW = (*LOOKING_AHEAD, "1", "1"), (*LOOKING_AHEAD, "2", "1")
NEWS_PLEASE = ("menu", "7", "1", "1", "1", "1", "6", "1", "1", "2")
YOU_KEEP_IT = ("menu", "2", "4", "8", "1", "2", "5")  # looks over the plan: the first item is for a worker to keep

SCENES: Sequence[Scene] = (
    *(Joins(one.joined, name) for name, one in RECIPIENTS.items()),
    Talks(41 * days, "english", PLAN),
    Talks(35 * days - 100 * minutes, "english", STEADY),
    IsHelped(
        28 * days - 100 * minutes,
        "english",
        WORSE,
        "ana",
        (
            ("This is the team. Can you write now?", "Yes he is out until six"),
            ("Thank you. What would help most today?", "He found the bag. I need another place for it"),
            ("Your sister could keep it. Shall we put that in the plan next time?", "Yes. Thank you"),
        ),
        "spoke_plan_acted",
        "Bag moved to the sister. Fear eased while we wrote. Look again at the next check-in.",
    ),
    Talks(21 * days - 100 * minutes, "english", STEADY),
    Talks(14 * days - 100 * minutes, "english", STEADY),
    Talks(7 * days - 100 * minutes, "english", CALM),
    IsFilledIn(
        40 * days,
        "english",
        "ana",
        "baseline",
        {"humiliated": ("yes", "her"), "afraid": ("unsure", "her"), "forced": None, "hurt": ("no", "her")},
    ),
    Talks(35 * days - 130 * minutes, "english", (*GOALS, "Sleep the night through", "2", "1", "My own account", "1")),
    IsStaged(33 * days, "english", "ana", "one", "contemplation"),
    IsStaged(33 * days, "english", "ana", "two", "precontemplation"),
    Talks(21 * days - 130 * minutes, "english", (*REVIEW, "2", "4", "2")),
    IsStaged(20 * days, "english", "ana", "one", "preparation"),
    IsStaged(20 * days, "english", "ana", "two", "contemplation"),
    Talks(14 * days - 130 * minutes, "english", NEWS_PLEASE),
    Talks(14 * days - 150 * minutes, "english", YOU_KEEP_IT),
    IsFilledIn(
        13 * days,
        "english",
        "ben",
        "baseline",
        {"humiliated": ("yes", "her"), "afraid": ("yes", "her"), "forced": None, "hurt": ("yes", "service")},
        "She tells more now. Her doctor saw the arm in spring. Talked over with Ana; the plan stands.",
    ),
    IsRecorded(8 * days, "english", "ana", "negotiated_exit", "agreed"),
    Talks(7 * days - 130 * minutes, "english", (*REVIEW, "1", "6", "3")),
    IsStaged(6 * days, "english", "ana", "one", "action"),
    IsRecorded(5 * days, "english", "ben", "programme_news", "started"),
    Talks(27 * days, "spanish", CALM),
    Talks(20 * days, "spanish", STEADY),
    Talks(13 * days, "spanish", CALM),
    Talks(6 * days, "spanish", STEADY),
    Talks(40 * days, "arabic", CALM),
    Talks(33 * days, "arabic", STEADY),
    Talks(33 * days - 60 * minutes, "arabic", ("menu", "2", "1", "أختي", *GOALS, "أن أنام مطمئنة", "3", "2")),
    IsFilledIn(
        32 * days,
        "arabic",
        "ana",
        "baseline",
        {"humiliated": ("yes", "her"), "afraid": ("no", "her"), "forced": None, "hurt": ("no", "her")},
    ),
    IsStaged(31 * days, "arabic", "ana", "one", "contemplation"),
    IsRecorded(30 * days, "arabic", "ana", "no_contact_order", "stands"),
    Talks(26 * days, "arabic", CALM),
    Talks(19 * days, "arabic", CALM),
    Talks(19 * days - 60 * minutes, "arabic", (*REVIEW, "2", "5")),
    IsStaged(18 * days, "arabic", "ana", "one", "preparation"),
    Talks(12 * days, "arabic", CALM),
    IsFilledIn(
        10 * days,
        "arabic",
        "ben",
        "baseline",
        {"humiliated": ("yes", "her"), "afraid": ("yes", "her"), "forced": None, "hurt": ("no", "her")},
        "Afraid since the letter of the court. She knows how to open the chat.",
    ),
    Talks(5 * days + 2 * hours, "arabic", STEADY),
    Talks(5 * days + hours, "arabic", (*REVIEW, "2", "4")),
    IsStaged(4 * days, "arabic", "ana", "one", "relapse"),
    Talks(52 * minutes, "arabic", ("1", "5", "3", "1", "2", "1", "3")),
    Talks(9 * days, "welsh", CALM),
    Talks(9 * days - 60 * minutes, "welsh", ("menu", "2", "1", "Fy chwaer", *GOALS, "Cysgu'n dawel", "3", "2")),
    IsStaged(8 * days, "welsh", "ben", "one", "contemplation"),
    IsRecorded(7 * days, "welsh", "ben", "negotiated_exit", "agreed"),
    Talks(2 * days + 4 * hours, "welsh", CALM),
    Talks(2 * days + 3 * hours, "welsh", (*REVIEW, "1", "6")),
    IsStaged(2 * days, "welsh", "ben", "one", "action"),
    IsFilledIn(
        2 * days - hours,
        "welsh",
        "ben",
        "baseline",
        {"humiliated": ("yes", "her"), "afraid": ("no", "her")},
        whole=False,
    ),
    Talks(31 * minutes, "welsh", UNSURE),
    IsTaken(19 * minutes, "welsh", "ben"),
    IsAssigned(26 * days, "english", "pia", "partner_support", "ruth", "Say hello, and what partner support is.", 3),
    IsSeen(24 * days, "english", "pia", "Said hello at the centre. She is glad of a face, and wants no calls."),
    IsAssigned(11 * days, "arabic", "pia", "partner_support", "ruth", "Ask how she is before the court's day.", 13),
    IsAudited(6 * days, "ann"),
)
