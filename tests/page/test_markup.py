"""Every text is escaped."""

from hypothesis import given
from hypothesis import strategies as st

from albatross.page.markup import Markup, joined, named, safe, tag


@given(st.text())
def test_a_text_opens_no_element_and_closes_no_attribute(text: str) -> None:
    written = str(tag("p", text, title=text, more={"data-x": text}))
    assert (written.count("<"), written.count(">")) == (2, 2)
    assert written.count('"') == 4
    assert "'" not in written


def test_attributes() -> None:
    assert tag("a", "x", class_="b", aria_label="c", open=True, hidden=False, id=None, more={"hx-get": 1}) == (
        '<a class="b" aria-label="c" open hx-get="1">x</a>'
    )
    assert tag("input", type="search") == '<input type="search">'
    assert tag("meta", name="a") == '<meta name="a">'


def test_markup_stays_and_nothing_is_left_out() -> None:
    assert joined(tag("b", "&"), None, "", 1, between=" ") == "<b>&amp;</b> 1"
    assert safe(Markup("<br>")) == "<br>"


def test_an_id_depends_on_each_text() -> None:
    assert named("a", "b") == named("a", "b")
    assert len({named("a", "b"), named("ab"), named("b", "a")}) == 3
    assert named("a")[0].isalpha()
