"""Every door of the console and of the API, tried as one member of staff, and all that it answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import httpx
from starlette.applications import Starlette

from escalation.accounts import Accounts
from escalation.console.api_doors import ApiDoor
from escalation.console.app import API, PAGES
from escalation.console.doors import Door
from escalation.console.forgery import FIELD
from escalation.console.sessions import token_hash
from escalation.ports import Staff
from tests.console.conftest import SAME_ORIGIN, a_client
from tests.console.examples import NOW

# What each form of ours sends beside what all of them do; where nothing is named a door takes no more.
FORMS: Mapping[str, Mapping[str, str]] = {
    "note": {"note": "Evenings only"},
    "record": {"fact": "negotiated_exit", "value": "agreed"},
    "case_number": {"number": "N-1"},
    "look_up": {"ref": "K2A"},
    "say": {"text": "I am here", "nonce": "n", "confirmed": "1"},
    "join": {"confirmed": "1"},
    "resolve": {"outcome": "other", "closing": "Done"},
    "judge": {"tier": "P0", "why": "Her voice"},
    "offer": {"to": "s2"},
    "apart": {"staff": "s2"},
    "assign": {"staff": "s2", "as": "key_worker"},
    "new_colleague": {"username": "noor", "name": "Noor", "role": "worker"},
    "account_role": {"role": "partner_support"},
    "unassign": {"assignment": "a1"},
    "snooze": {"minutes": "60", "why": "She sleeps"},
    "give_back": {"word": "Ask again"},
    "sheet_answer": {"sheet": "s", "item": "m01", "answer": "skip", "before": "0"},
    "sheet_finish": {"sheet": "s"},
    "joining": {"language": "", "case": ""},
    "duty": {"duty": "off"},
    "talked": {"staff": "s1"},
    "account_phone": {"phone": "p1"},
    "account_token": {"token": "t1"},
    "language": {"language": "en"},
    "moving_make": {"sure": "in_person"},
    "export_make": {"how": "in_person", "on": NOW.date().isoformat()},
    "decide": {"facts": "A", "options": "B", "decision": "C", "basis": "consent", "shared_with": "D", "tier": "P3"},
    "referral_choose": {"receiver": "marac"},
    "referral_preview": {"receiver": "marac", "f.goal.one": "1", "f.plan.collect": "1"},
    "referral_give": {"receiver": "marac", "chosen": "goal.one", "to": "D", "basis": "consent", "handed": "post"},
    "receipt_of": {"number": "1", "word": "Here"},
    "sign_decision": {"number": "1", "agreed": "1"},
    "paged_add": {"method": "sms", "address": "+447700900209"},
    "paged_code": {"way": "p1"},
    "paged_prove": {"way": "p1", "code": "000000"},
    "paged_remove": {"way": "p1"},
    "task_make": {"kind": "contact", "task_words": "Ring her sister", "by": "2026-11-21T09:00"},
    "order": {"order_kind": "bail", "order_who": "He", "order_whom": "her"},
    "agency": {"agency_name": "Housing", "agency_consent": "not_asked"},
    "agency_tell": {"entry": "1", "alert": "K2A"},
    "own_item": {"item_words": "Ask the school"},
    "file_end": {"entry": "e1"},
    "task_done": {"task": "t1"},
    "my_task_done": {"task": "t1"},
    "calendar": {"name": "Nights", "duty": "on_call", "layer": "0", "text": "BEGIN:VCALENDAR\nEND:VCALENDAR"},
    "calendar_take": {"name": "Nights", "duty": "on_call", "layer": "0", "text": "BEGIN:VCALENDAR\nEND:VCALENDAR"},
    "calendar_without": {"name": "Nights"},
    "calendar_remove": {"name": "Nights"},
}
BODIES: Mapping[str, Mapping[str, object]] = {
    "resolve": {"outcome": "other", "note": "Done"},
    "record": {"fact": "negotiated_exit", "value": "agreed"},
    "answer_sheet": {"sheet": "s", "item": "m01", "value": None},
    "finish_sheet": {"sheet": "s"},
    "judge": {"tier": "P0"},
    "moving_code": {"sure": "in_person"},
    "offer": {"to": "s2"},
    "snooze": {"minutes": 60, "reason": "She sleeps"},
    "give_back": {"word": "Ask again"},
    "keep_apart": {"staff": "s2", "reason": "Her neighbour"},
    "let_back": {"staff": "s2"},
    "make_task": {"kind": "contact", "words": "Ring her sister", "due_at": "2026-11-21T09:00:00Z"},
    "order": {"kind": "bail", "who": "He", "whom": "her"},
    "agency": {"name": "Housing", "consent": "not_asked"},
    "own_item": {"words": "Ask the school"},
    "end_entry": {"entry": "e1"},
}


DOORS: tuple[Door | ApiDoor, ...] = (*PAGES, *API)


@dataclass(frozen=True)
class Stop:
    """One door, and everything that it answered: its words and its headers."""

    door: str
    status: int
    said: str

    def shows(self, words: Iterable[str]) -> list[str]:
        return [word for word in words if word in self.said]


@dataclass(frozen=True)
class Caller:
    """A member of staff. `refs`: what stands for the names in a path. `number`: the case number that is looked for."""

    app: Starlette
    accounts: Accounts
    staff: Staff
    refs: Mapping[str, str]
    reason: str = ""
    number: str = ""

    async def page(self, door: Door) -> Stop:
        """In a browser that has just signed in."""
        token = f"session of {self.staff.id} at {door.method} {door.path}"
        await self.accounts.begin(self.staff.id, token_hash(token), "csrf", NOW)
        path = "/console" + door.path.format_map(self.refs)
        if door.name == "live":  # an endless stream of refs: this passes every check but the last
            path += "?case=no!such"
        async with a_client(self.app, cookies={"__Host-rowan": token}) as browser:
            if door.method == "GET":
                answer = await browser.get(path)
            else:
                form = self._common | FORMS.get(door.name, {})
                answer = await browser.post(path, data={FIELD: "csrf", **form}, headers=SAME_ORIGIN)
        return _stop(f"{door.method} /console{door.path}", answer)

    async def call(self, door: ApiDoor) -> Stop:
        token = await self.accounts.new_token(self.staff.id, "round", NOW)
        headers = {"Authorization": f"Bearer {token}"} | ({"Rowan-Reason": self.reason} if self.reason else {})
        whose = self.refs["person" if door.path.startswith("/recipients") else "ref"]
        path = "/api/v1" + door.path.format_map({**self.refs, "ref": whose})
        body = None if door.takes is None else BODIES.get(door.name, {})
        async with a_client(self.app, headers=headers) as caller:
            answer = await caller.request(door.method, path, json=body)
        return _stop(f"{door.method} /api/v1{door.path}", answer)

    async def tries(self, door: Door | ApiDoor) -> Stop:
        return await (self.call(door) if isinstance(door, ApiDoor) else self.page(door))

    @property
    def _common(self) -> dict[str, str]:
        return {"reason": self.reason, "talk": "1", "alert": self.refs["ref"], "claim": "1", "number": self.number}


def _stop(door: str, answer: httpx.Response) -> Stop:
    return Stop(door, answer.status_code, f"{answer.headers} {answer.text}")
