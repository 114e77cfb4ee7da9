"""The escalation ports without a database: plain Python that refuses what the real ones refuse, for tests.

One `Memory` holds everything; `MemoryDesk`, `MemoryClaims`, `MemoryChat`, `MemorySheets`, `MemoryContacts`,
`MemoryPeople`, `MemoryRotas`, `MemoryMethods`, `MemoryAccounts` and `MemoryTrying` are its doors. What the line would
do (a person joins, an alert is raised, her words come in, a claim runs out) are plain methods of `Memory`. The tests in
`tests/storage` that ask for a `world` hold it and both databases to one contract.
"""

from storage.memory.accounts import MemoryAccounts
from storage.memory.chat import MemoryChat
from storage.memory.claims import MemoryClaims
from storage.memory.contacts import MemoryContacts
from storage.memory.desk import MemoryDesk
from storage.memory.methods import MemoryMethods
from storage.memory.people import MemoryPeople
from storage.memory.rota import MemoryRotas
from storage.memory.sheets import MemorySheets
from storage.memory.trying import MemoryTrying
from storage.memory.world import Audited, Known, Memory

__all__ = [
    "Audited",
    "Known",
    "Memory",
    "MemoryAccounts",
    "MemoryChat",
    "MemoryClaims",
    "MemoryContacts",
    "MemoryDesk",
    "MemoryMethods",
    "MemoryPeople",
    "MemoryRotas",
    "MemorySheets",
    "MemoryTrying",
]
