"""SAFETY 5: nothing about a recipient can be reached from the primary aggressor's programme."""

from __future__ import annotations

from typing import get_args

import pytest

from escalation.console.api_doors import ApiDoor
from escalation.console.app import API, PAGES
from escalation.console.doors import Door
from escalation.console.openapi import describe
from escalation.ports import Role

# Who works with recipients of aggression, and nobody else: a new role has to be put on one side or the other here.
HER_SIDE = {"worker", "supervisor", "partner_support"}
WITHOUT_CASES = {"editor", "auditor", "administrator"}
OF_NOBODY = {"home", "sign_in", "sign_out", "language", "cues", "password"}
OF_STAFF = {
    *("staff", "duty", "account", "account_phone", "account_token", "account_sign_out", "account_deactivate"),
    *("rota", "rota_feed", "paged", "paged_add", "paged_code", "paged_prove", "paged_remove", "paged_test"),
    *("new_colleague", "account_role", "account_sign_in", "keys"),
    *("audit", "audit_check", "audit_export"),  # who did what when, by opaque reference: no word of hers, no way to her
}
DOORS = [pytest.param(door, id=f"{door.method} {door.path}") for door in (*PAGES, *API)]


def test_every_role_is_on_one_side() -> None:
    assert set(get_args(Role)) == HER_SIDE | WITHOUT_CASES


@pytest.mark.parametrize("door", DOORS)
def test_every_page_every_export_and_every_act_about_a_recipient_is_for_her_side_only(door: Door | ApiDoor) -> None:
    if door.name not in OF_NOBODY | OF_STAFF:
        assert door.roles is not None
        assert set(door.roles) <= HER_SIDE


def test_no_field_of_the_api_names_him_or_links_her_to_him() -> None:
    written = str(describe(API, "")).casefold()
    assert "recipient" in written
    for word in ("aggressor", "perpetrator", "husband", "partner_case", "attendance"):
        assert word not in written, word
