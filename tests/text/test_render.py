"""Parameters go in as they are, and nothing else changes."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.text.render import MissingParameter, isolate, numbered, placeholders, render, without_gaps
from flows.text.segments import count

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True)


def test_names_are_filled_in() -> None:
    assert (
        render("From your plan: {item}. {words}", {"item": "A bag", "words": "at Ann's"})
        == "From your plan: A bag. at Ann's"
    )
    assert placeholders("{a} and {b_2}, {a}") == {"a", "b_2"}


@pytest.mark.parametrize("text", ["{}", "{0}", "{a.b}", "{a!r}", "{a:>9}", "{ a }", "{a", "a}", "%s $a {{", "{a-b}"])
def test_anything_but_a_plain_name_stays(text: str) -> None:
    assert render(text, {"a": "1", "b": "2"}) == text
    assert placeholders(text) == frozenset()


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(MissingParameter, match=r"\{words\} in 'Now \{words\}'"):
        render("Now {words}", {"word": "x"})


@given(st.dictionaries(NAMES, st.text(max_size=20), min_size=1, max_size=4), st.text(max_size=10))
def test_parameters_are_literal(params: dict[str, str], between: str) -> None:
    between = between.replace("{", "(").replace("}", ")")
    template = between.join(f"{{{name}}}" for name in params)
    assert render(template, params) == between.join(params.values())


@given(st.text(max_size=40))
def test_a_parameter_is_never_read_as_a_template(text: str) -> None:
    assert render("{a}", {"a": text, "b": "never"}) == text
    assert render("{a}{b}", {"a": "{b}", "b": text}) == "{b}" + text


def test_isolated_text_cannot_turn_its_surroundings_round() -> None:
    assert isolate("Ann\u202e\u2067") == "\u2068Ann\u2069"


@given(st.text(max_size=40))
def test_isolates_are_balanced(text: str) -> None:
    controls = [
        letter
        for letter in isolate(text)
        if unicodedata.bidirectional(letter) in ("FSI", "LRI", "RLI", "PDI", "RLO", "LRO")
    ]
    assert controls == ["\u2068", "\u2069"]


def test_a_question_by_sms() -> None:
    assert numbered("Are you safe right now?", ["Safe", "Not sure"]) == "Are you safe right now?\n1 Safe\n2 Not sure"


@pytest.mark.parametrize("labels", [["نعم أنا بأمان", "لا"], ["WhatsApp", "رسالة"], ["10 دقائق", "ساعة\nواحدة"]])
def test_right_to_left_options_need_no_controls(labels: list[str]) -> None:
    _, *lines = numbered("هل أنت بخير؟", labels).split("\n")
    assert len(lines) == len(labels), "one line each, even when a label had a line break"
    for number, line in enumerate(lines, start=1):
        token, space, label = line[0], line[1], line[2:]
        assert (token, space) == (str(number), " ")
        assert unicodedata.bidirectional(token) == "EN", "weak: the label alone decides the direction"
        assert label
    assert not any(unicodedata.category(letter) == "Cf" for line in lines for letter in line)


def test_an_english_question_stays_in_the_cheap_alphabet() -> None:
    assert count(numbered("How are things?", ["Good", "Not good"])).encoding == "GSM-7"


@pytest.mark.parametrize(
    ("template", "words", "shown"),
    [
        ("{item}: {words}", "", "Keys"),
        ("{item} : {words}", "", "Keys"),
        ("{item}: {words}", "With Ana", "Keys: With Ana"),
        ("From your own plan: {item}. {words}", "", "From your own plan: Keys."),
        ("آپ کے اپنے پلان سے: {item}۔ {words}", "", "آپ کے اپنے پلان سے: Keys۔"),
        ("{item}: {words}. Right?", "", "Keys. Right?"),
        ("{item}\n{words}", "", "Keys"),
        ("{words}{item}", "", "Keys"),
    ],
)
def test_an_empty_parameter_leaves_no_gap(template: str, words: str, shown: str) -> None:
    params = {"item": "Keys", "words": words}
    assert render(without_gaps(template, params), params) == shown
