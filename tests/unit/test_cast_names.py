"""Names that can be given to the cast, and what is said of those that cannot."""

from __future__ import annotations

import pytest

from dailies.cast.naming import checked_name
from dailies.errors import RefusedError
from dailies.reason import ReasonCode


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("hero", "hero"),
        (" @Hero ", "Hero"),
        ("hero/winter", "hero/winter"),
        ("\uff20主角", "主角"),
        ("été", "été"),
        ("e\u0301te\u0301", "été"),
        ("Image-of-Ann", "Image-of-Ann"),
    ],
)
def test_a_name_is_kept_without_its_sign(typed: str, name: str) -> None:
    assert checked_name(typed) == name


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("everyone", ReasonCode.CAST_NAME_PINGS),
        ("@HERE", ReasonCode.CAST_NAME_PINGS),
        ("here/now", ReasonCode.CAST_NAME_PINGS),
        ("Image1", ReasonCode.CAST_NAME_OF_MODELS),
        ("image_2", ReasonCode.CAST_NAME_OF_MODELS),
        ("video", ReasonCode.CAST_NAME_OF_MODELS),
        ("", ReasonCode.CAST_NAME_WRONG),
        ("<@123>", ReasonCode.CAST_NAME_WRONG),
        ("1080p", ReasonCode.CAST_NAME_WRONG),
        ("{1}", ReasonCode.CAST_NAME_WRONG),
        ("a/b/c", ReasonCode.CAST_NAME_WRONG),
        ("a" * 33, ReasonCode.CAST_NAME_WRONG),
        ("\U00020000" * 32 + "/" + "\U00020000" * 32, ReasonCode.CAST_NAME_WRONG),
    ],
)
def test_a_name_that_something_else_takes_is_refused(typed: str, code: ReasonCode) -> None:
    with pytest.raises(RefusedError) as refused:
        checked_name(typed)
    assert refused.value.reason.code is code


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("my hero!", "my-hero"),
        ("The Fox / winter coat", "The-Fox/winter-coat"),
        ("2nd hero", "nd-hero"),
        ("!!!", None),
        ("Image 1", None),
    ],
)
def test_what_would_be_right_is_named(typed: str, instead: str | None) -> None:
    with pytest.raises(RefusedError) as refused:
        checked_name(typed)
    assert refused.value.reason.values["instead"] == instead
