"""Telling the other replicas that something was committed: PostgreSQL's NOTIFY, on connections of its own.

Only a hint to look sooner. A notice that is lost, by a crash after the commit or a broken connection, costs a replica
the second until it looks by itself; after a broken connection everything is rung once. What is told are topics and
opaque ids, never a word of hers.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import psycopg
import sqlalchemy as sa
import structlog

from storage.ids import new_id

log = structlog.get_logger()
CHANNEL = "rowan"
LOOK = 0.5  # seconds after which a thread looks whether it should end
AFTER_FAILURE = 1.0  # seconds before a broken connection is made again
MOST = 200  # notices told in one statement; more of the same are one

Heard = Callable[[str, str], None]


class Notices:
    """Two threads: one listens, one tells. `heard(topic, word)` is called in the listening thread.

    `heard("", "")` means: anything may have changed while the connection was broken.
    """

    def __init__(self, url: str, heard: Heard) -> None:
        plain = sa.make_url(url).set(drivername="postgresql")
        self._conninfo = plain.render_as_string(hide_password=False)
        self._heard, self._own = heard, new_id(0)
        self._out: queue.Queue[tuple[str, str]] = queue.Queue()
        self._ended = threading.Event()
        self.listening = threading.Event()  # set while notices would be heard
        self._threads = [
            threading.Thread(target=self._for_ever, args=(work,), name=f"rowan-{work.__name__}", daemon=True)
            for work in (self._listen, self._tell)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def tell(self, topic: str, word: str = "") -> None:
        """Never blocks and never fails. Call it after the commit."""
        self._out.put((topic, word))

    def stop(self) -> None:
        """Ends within about a second."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _for_ever(self, work: Callable[[psycopg.Connection], None]) -> None:
        """One connection after the other: a broken one is made again, and what it missed is rung."""
        while not self._ended.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as conn:
                    work(conn)
            except psycopg.Error as error:
                log.warning("notices.broken", error_class=type(error).__name__)
                self._ended.wait(AFTER_FAILURE)
            finally:
                if work == self._listen:
                    self.listening.clear()

    def _listen(self, conn: psycopg.Connection) -> None:
        conn.execute(f"LISTEN {CHANNEL}")
        self.listening.set()
        self._heard("", "")
        while not self._ended.is_set():
            for notice in conn.notifies(timeout=LOOK):
                sender, topic, word = notice.payload.split(" ", 2)
                if sender != self._own:
                    self._heard(topic, word)

    def _tell(self, conn: psycopg.Connection) -> None:
        while not self._ended.is_set():
            told = self._waiting()
            if told:
                payloads = [f"{self._own} {topic} {word}" for topic, word in told]
                conn.execute("SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload", (CHANNEL, payloads))

    def _waiting(self) -> list[tuple[str, str]]:
        """What is to be told, each once, in order; empty when nothing came for a while."""
        try:
            found = [self._out.get(timeout=LOOK)]
        except queue.Empty:
            return []
        while len(found) < MOST and not self._out.empty():
            found.append(self._out.get_nowait())
        return list(dict.fromkeys(found))
