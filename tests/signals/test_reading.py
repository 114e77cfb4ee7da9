"""What people write, and what the shift must hear in it."""

from __future__ import annotations

import pytest

from flows.safety.danger import Match, Reader, worst


def entries(reader: Reader, text: str, language: str = "en") -> dict[str, str]:
    return {match.entry: match.tier for match in reader.read(text, language)}


@pytest.mark.parametrize(
    ("text", "language", "entry", "tier"),
    [
        ("he said he will kill me", "en", "threat.kill", "P1"),
        ('"I\'ll kill you" thats what he texted', "en", "threat.kill", "P1"),
        ("hes got a knife", "en", "weapon.now", "P0"),
        ("he strangled me", "en", "choking.done", "P1"),
        ("cant talk hes here", "en", "speak.cannot", "P0"),
        ("he wont let me out", "en", "leave.cannot", "P0"),
        ("i want to kill myself", "en", "selfharm.wish", "P1"),
        ("he hit my son", "en", "child.hurt", "P1"),
        ("he is parked outside my house", "en", "watched.outside", "P1"),
        ("im bleeding", "en", "medical.bleeding", "P0"),
        ("me dijo que me va a matar", "es", "threat.kill", "P1"),
        ("tiene un cuchillo", "es", "weapon.now", "P0"),
        ("no me deja salir", "es", "leave.cannot", "P0"),
        ("قال انه رح يقتلني", "ar", "threat.kill", "P1"),
        ("معه سكين", "ar", "weapon.now", "P0"),
        ("2al ra7 yi2tilni", "ar", "threat.kill", "P1"),
        ("ma3o sikkin", "ar", "weapon.now", "P0"),
        ("mae ganddo gyllell", "cy", "weapon.now", "P0"),
        ("mae o'n dweud neith o fy lladd i", "cy", "threat.kill", "P1"),
        ("🆘", "en", "danger.sos", "P0"),
        ("look what he sent 🔪", "en", "weapon.sign", "P1"),
        ("he beat me in front of the kids", "en", "violence.hit", "P1"),
        ("ele pode me ouvir", "pt", "speak.cannot", "P0"),
        ("mae'n dod adre", "cy", "danger.here", "P1"),
    ],
)
def test_a_danger_is_named_with_its_entry_and_tier(
    reader: Reader, text: str, language: str, entry: str, tier: str
) -> None:
    assert entries(reader, text, language).get(entry) == tier


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the man at the door had a pizza", "en"),
        ("he beat me at scrabble", "en"),
        ("mi marido anda afilando los cuchillos para el asado", "es"),
        ("mi abuela me apuntó al bingo", "es"),
        ("mon mari ronfle comme un tracteur", "fr"),
        ("il a fermé la porte", "fr"),
        ("que papéis levo além do passaporte", "pt"),
        ("ty strasznie chrapiesz, jestem po nocce", "pl"),
        ("gaari ki battery khatam, dhakka lagana hai", "ur"),
        ("mae fo'n dod draw i drwsio'r boiler", "cy"),
        ("maw3idi f l consulat nhar lkhmis", "ar"),
    ],
)
def test_no_phrase_pages_for_a_person_and_an_act_alone(reader: Reader, text: str, language: str) -> None:
    said = [match for match in reader.read(text, language) if match.entry != "hint"]
    assert worst(said) not in ("P0", "P1")


def test_a_match_carries_what_a_worker_needs(reader: Reader) -> None:
    (match,) = [m for m in reader.read("Last thing: he has a KNIFE!", "en") if m.entry == "weapon.now"]
    assert match == Match("weapon.now", "P0", "weapon", "en", "he has a knife", "A weapon, now")


def test_the_most_urgent_comes_first_and_is_the_worst(reader: Reader) -> None:
    matches = reader.read("im scared. he checks my phone. he has a knife")
    assert worst(matches) == "P0" == matches[0].tier
    assert matches[-1].tier == "P2"


def test_nothing_seen_is_no_tier(reader: Reader) -> None:
    assert reader.read("good morning, all fine here") == ()
    assert worst(()) is None


@pytest.mark.parametrize("text", ["no tiene un knife, tiene un gun", "he said me va a matar", "ayuda he has a knife"])
@pytest.mark.parametrize("first", ["en", "es", "cy", "tlh"])
def test_people_mix_languages_and_every_one_is_read(reader: Reader, text: str, first: str) -> None:
    assert worst(reader.read(text, first)) in ("P0", "P1")


def test_her_own_language_speaks_for_a_danger_that_two_languages_name(reader: Reader) -> None:
    both = "he will kill me, me va a matar"
    for first in ("en", "es"):
        assert [m.language for m in reader.read(both, first) if m.entry == "threat.kill"] == [first]


@pytest.mark.parametrize(
    "text",
    [
        "he has a kinfe",  # two letters changed places
        "he has a knifee",  # one too many
        "he strangld me",  # one too few
        "he stranglad me",  # another one
        "heeeelp meeee",
        "HELP ME",
        "hélp mé",
        "h\u200be\u200blp m\u200be",
        "h e l p",
        "ｈｅｌｐ ｍｅ",
        "hel\u00adp me",
        "he\u0301lp\u202e me",
        "he has a\nknife",
        "he's fucking got a bloody knife",
        "he has a 🔪",
    ],
)
def test_hands_that_shake_are_read(reader: Reader, text: str) -> None:
    assert worst(reader.read(text)) in ("P0", "P1")


@pytest.mark.parametrize(
    "text", ["he is shouting at the match", "she is sharing a cake with me", "we talked", "payday"]
)
def test_a_right_word_is_not_taken_for_a_danger_one_letter_away(reader: Reader, text: str) -> None:
    assert worst(reader.read(text)) not in ("P0", "P1")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("he does not have a knife", "en"),
        ("no knife", "en"),
        ("not going to kill myself", "en"),
        ("he hasn't hit me this week", "en"),
        ("no tiene ningún arma", "es"),
        ("no quiero morir", "es"),
        ("ما معه سكين", "ar"),
        ("مو خايفة", "ar"),
        ("does ganddo fo ddim cyllell", "cy"),
        ("dydi o ddim wedi taro fi", "cy"),
    ],
)
def test_what_is_clearly_denied_does_not_count(reader: Reader, text: str, language: str) -> None:
    assert reader.read(text, language) == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("no, he has a knife", "en"),
        ("No. He is hitting me", "en"),
        ("if he doesn't kill me first", "en"),
        ("he says he won't kill me but i dont believe him", "en"),
        ("he doesn't stop hitting me", "en"),
        ("not only did he hit me he hit my son", "en"),
        ("i dont know what to do hes got a knife", "en"),
        ("i can't breathe", "en"),
        ("he wont let me leave", "en"),
        ("no, tiene un cuchillo", "es"),
        ("no puedo hablar", "es"),
        ("no deja de pegarme", "es"),
        ("لا، معه سكين", "ar"),
        ("ما فيني احكي", "ar"),
        ("na, mae ganddo gyllell", "cy"),
        ("alla i ddim anadlu", "cy"),
    ],
)
def test_what_is_not_clearly_denied_counts(reader: Reader, text: str, language: str) -> None:
    assert worst(reader.read(text, language)) in ("P0", "P1")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("last year he had a knife", "en"),
        ("he used to hit me", "en"),
        ("in my dream he had a knife", "en"),
        ("imagine if he had a gun", "en"),
        ("el año pasado tenía un cuchillo", "es"),
        ("من سنتين خنقني", "ar"),
        ("llynedd roedd ganddo gyllell", "cy"),
    ],
)
def test_the_past_and_the_imagined_are_lowered_but_not_silent(reader: Reader, text: str, language: str) -> None:
    assert worst(reader.read(text, language)) == "P2"


def test_the_present_beside_the_past_is_not_lowered(reader: Reader) -> None:
    assert worst(reader.read("last year he had a knife and now he has it again, he has a knife")) == "P0"
    assert worst(reader.read("Last year was fine. He has a knife.")) == "P0"


@pytest.mark.parametrize(
    "text", ["this traffic is killing me", "dying to see you", "shoot me a text", "can you help me with the form"]
)
def test_an_idiom_is_no_danger(reader: Reader, text: str) -> None:
    assert reader.read(text) == ()


def test_an_idiom_covers_its_own_words_only(reader: Reader) -> None:
    assert worst(reader.read("this traffic is killing me and he will kill me")) == "P1"
    assert worst(reader.read("dying to see you but he has a knife")) == "P0"


@pytest.mark.parametrize(
    ("text", "language", "tier"),
    [
        ("afraid 9", "en", "P1"),
        ("afraid: 8", "en", "P1"),
        ("scared 10/10", "en", "P1"),
        ("9 out of 10 scared", "en", "P1"),
        ("miedo 9", "es", "P1"),
        ("خوف ٩", "ar", "P1"),
        ("ofn 8", "cy", "P1"),
        ("afraid 7", "en", "P2"),
        ("scared 6/10", "en", "P2"),
        ("afraid 2", "en", None),
        ("scared 3 out of 10", "en", None),
        ("3/10 scared", "en", None),
    ],
)
def test_fear_in_figures(reader: Reader, text: str, language: str, tier: str | None) -> None:
    assert worst(reader.read(text, language)) == tier


def test_a_reader_of_nothing_sees_nothing() -> None:
    assert Reader().read("he has a knife") == ()
    assert Reader().languages == ()


def test_it_reads_all_the_languages_that_ship(reader: Reader) -> None:
    assert set(reader.languages) >= {"any", "ar", "cy", "en", "es"}
