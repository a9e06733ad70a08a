"""The order and the use of a draft's pictures, as a person writes and chooses them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies.errors import RefusedError
from dailies.openrouter.payload import Fitting, Role
from dailies.references.arrange import Use, arranged, only_frames, read_order, use_of, used
from dailies.references.reference import Source
from tests.support.reasons import raises


def pictures(number: int, prefix: str = "") -> list[Source]:
    return [Source(f"https://a/{prefix}{n}", f"{prefix}{n}", attached=True) for n in range(1, number + 1)]


def names(sources: tuple[Source, ...]) -> list[str]:
    return [one.name for one in sources]


@pytest.mark.parametrize("order", ["1, 3, 2", "1 3 2", "1,3,2,", " 1;3\n2 ", "1\uff0c3\u30012", "1, 3, 2, 3"])
def test_an_order_is_read_however_it_is_separated(order: str) -> None:
    assert names(arranged(pictures(3), [], order, Use.REFERENCES)) == ["1", "3", "2"]


def test_a_number_that_is_left_out_removes_that_picture() -> None:
    assert names(arranged(pictures(3), [], "3, 1", Use.REFERENCES)) == ["3", "1"]
    assert arranged(pictures(3), [], "", Use.REFERENCES) == ()


def test_new_pictures_come_last_unless_the_order_names_them() -> None:
    new = pictures(2, "new")
    assert names(arranged(pictures(2), new, "2, 1", Use.REFERENCES)) == ["2", "1", "new1", "new2"]
    assert names(arranged(pictures(2), new, "4, 1", Use.REFERENCES)) == ["new2", "1", "new1"]
    assert names(arranged(pictures(2), new, "", Use.REFERENCES)) == ["new1", "new2"]


@pytest.mark.parametrize(("order", "words"), [("1 and 2", "and isn't the"), ("0", "no picture 0"), ("4", "have 3")])
def test_an_order_that_cannot_be_read_changes_nothing_and_says_why(order: str, words: str) -> None:
    with raises(RefusedError, match=words):
        arranged(pictures(3), [], order, Use.REFERENCES)


@pytest.mark.slow
@given(st.text(max_size=30), st.integers(0, 12))
def test_any_text_is_an_order_or_is_refused(order: str, count: int) -> None:
    try:
        places = read_order(order, count)
    except RefusedError:
        return
    assert len(set(places)) == len(places)
    assert set(places) <= set(range(count))


@given(st.permutations(range(1, 11)), st.integers(0, 10))
def test_every_order_of_any_pictures_is_taken_as_written(order: list[int], kept: int) -> None:
    text = ", ".join(map(str, order[:kept]))
    assert names(arranged(pictures(10), [], text, Use.REFERENCES)) == [str(n) for n in order[:kept]]


@given(st.lists(st.sampled_from(pictures(4)), max_size=6), st.lists(st.sampled_from(list(Use)), min_size=1, max_size=4))
def test_no_use_loses_a_picture_and_frames_are_never_twice(sources: list[Source], uses: list[Use]) -> None:
    now = tuple(sources)
    for use in uses:
        now = used(now, use)
        assert {one.url for one in now} == {one.url for one in sources}
        roles = [one.role for one in now if one.role is not Role.REFERENCE]
        assert len(set(roles)) == len(roles)
        assert used(now, use) == now


@pytest.mark.parametrize(
    ("use", "roles"),
    [
        (Use.REFERENCES, [Role.REFERENCE] * 2),
        (Use.START, [Role.FIRST, Role.REFERENCE]),
        (Use.START_AND_END, [Role.FIRST, Role.LAST]),
        (Use.LOOP, [Role.FIRST, Role.LAST, Role.REFERENCE]),
        (Use.END, [Role.LAST, Role.REFERENCE]),
    ],
)
def test_a_use_gives_roles_in_the_order_of_the_pictures(use: Use, roles: list[Role]) -> None:
    now = used(pictures(2), use)
    assert [one.role for one in now] == roles
    assert use_of(now) is use


def test_a_loop_begins_and_ends_with_the_same_picture() -> None:
    first, last = used(pictures(1), Use.LOOP)
    assert first.url == last.url
    assert use_of((first, last)) is Use.LOOP
    assert len(used((first, last), Use.REFERENCES)) == 1


def test_one_picture_cannot_be_the_first_and_another_last_frame() -> None:
    assert [one.role for one in used(pictures(1), Use.START_AND_END)] == [Role.FIRST]


def test_a_frame_keeps_how_it_is_made_to_fit_as_long_as_it_is_one() -> None:
    (first,) = used(pictures(1), Use.START)
    chosen = (replace(first, fitting=Fitting.PAD),)
    assert used(chosen, Use.LOOP)[0].fitting is Fitting.PAD
    assert used(chosen, Use.LOOP)[1].fitting is None
    assert used(used(chosen, Use.REFERENCES), Use.START)[0].fitting is None


def test_only_the_frames_can_be_kept() -> None:
    now = used(pictures(3), Use.START)
    assert names(only_frames(now)) == ["1"]


def test_no_draft_grows_without_end() -> None:
    assert len(arranged(pictures(29), pictures(1, "new"), ", ".join(map(str, range(1, 30))), Use.REFERENCES)) == 30
    with raises(RefusedError, match="more than 30"):
        arranged(pictures(30), pictures(1, "new"), ", ".join(map(str, range(1, 31))), Use.REFERENCES)
