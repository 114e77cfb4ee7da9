"""The escalation ports without a database: plain Python that refuses what the real ones refuse, for tests.

One `Memory` holds everything, the others are its doors. What the line would do (a person joins, an alert is raised, her
words come in, a claim runs out) are plain methods of `Memory`. The tests in `tests/storage` that ask for a `world` hold
it and both databases to one contract.
"""

from storage.memory.access import MemoryAccess
from storage.memory.accounts import MemoryAccounts
from storage.memory.auditing import MemoryAuditing
from storage.memory.casefile import MemoryCasefile
from storage.memory.chat import MemoryChat
from storage.memory.claims import MemoryClaims
from storage.memory.contacts import MemoryContacts
from storage.memory.decisions import MemoryDecisions
from storage.memory.desk import MemoryDesk
from storage.memory.keeping import MemoryKeeping
from storage.memory.meeting import MemoryMeetings
from storage.memory.methods import MemoryMethods
from storage.memory.people import MemoryPeople
from storage.memory.rota import MemoryRotas
from storage.memory.samples import MemorySamples
from storage.memory.sheets import MemorySheets
from storage.memory.shifts import MemoryShifts
from storage.memory.supervision import MemorySupervision
from storage.memory.tasks import MemoryTasks
from storage.memory.trying import MemoryTrying
from storage.memory.world import Audited, Known, Memory

__all__ = [
    "Audited",
    "Known",
    "Memory",
    "MemoryAccess",
    "MemoryAccounts",
    "MemoryAuditing",
    "MemoryCasefile",
    "MemoryChat",
    "MemoryClaims",
    "MemoryContacts",
    "MemoryDecisions",
    "MemoryDesk",
    "MemoryKeeping",
    "MemoryMeetings",
    "MemoryMethods",
    "MemoryPeople",
    "MemoryRotas",
    "MemorySamples",
    "MemorySheets",
    "MemoryShifts",
    "MemorySupervision",
    "MemoryTasks",
    "MemoryTrying",
]
