"""Stories as files: read strictly, and refused with the place and what would be right."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.botprocess import ROOT
from sandbox.clock import Clock
from sandbox.discord.permissions import Permission
from sandbox.play.expectations import Actions, Charged, Count, Expectation, NobodySees, Says
from sandbox.play.places import Place
from sandbox.play.steps import Click, Expect, Wait
from sandbox.play.story import Story, read_story
from sandbox.play.strict import StoryError


def read(folder: Path, text: str) -> Story:
    story = folder / "a.toml"
    story.write_text(text)
    return read_story(story)


STEP = "[[step]]\nwait = 1\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("step = ", "a.toml is not TOML: "),
        ("", "a.toml: a story needs steps: a [[step]] for each."),
        (f'titel = "A"\n{STEP}', 'a.toml: "titel" is unknown here (did you mean "title"?). Known: answer_seconds, '),
        (f"clock = 0\n{STEP}", 'a.toml: "clock" has to be a number from 1 to 1000, not 0.'),
        (
            f"[settings]\nCONFIRM_ABOVE = 1\n{STEP}",
            '[settings]: "CONFIRM_ABOVE" is unknown here (did you mean "CONFIRM_',
        ),
        (f'[settings]\nDISCORD_TOKEN = "x"\n{STEP}', '[settings]: "DISCORD_TOKEN" is unknown here'),
        (
            f'[[people]]\nname = "Cleo"\nlocal = "de"\n{STEP}',
            'person 1: "local" is unknown here (did you mean "locale"',
        ),
        (f'[[people]]\nname = "Cleo"\nlocale = "xx"\n{STEP}', 'person 1: Discord has no locale "xx". It has: bg, '),
        (f'[guild]\nlocale = "xx"\n{STEP}', '[guild]: Discord has no locale "xx". It has: bg, '),
        (f'[[people]]\nname = "Cleo"\npermissions = ["fly"]\n{STEP}', 'there is no permission "fly". There are: add_'),
        (f'[[people]]\nname = "A"\n[[people]]\nname = "A"\n{STEP}', 'person 2: "A" is somebody else already'),
        (f'begins = "noon"\n{STEP}', '"begins" has to be a time with its zone, as in 2027-12-31T23:55:00Z'),
        (f"begins = 2027-01-01T10:00:00\n{STEP}", '"begins" has to be a time with its zone'),
        (f"clock = 1\nbegins = 2027-01-01T10:00:00Z\n{STEP}", '"begins" needs a "clock" that runs faster'),
        (f'{STEP}[[step]]\nclik = "A"', "step 2 (line 3): a step has one of app, choose, click, command, delete,"),
        ("[[step]]\nkill = true\nstart = true", "step 1 (line 1): kill and start are two steps"),
        ('[[step]]\nclick = "A"', '"who" is missing: one of Ann.'),
        ('[[step]]\nwho = "Bob"\nclick = "A"', "there is no person 'Bob'. There are: Ann; [[people]] adds more."),
        ('[[step]]\nwho = "Ann"\nclick = "A"\ntime = 2', '"time" is unknown here (did you mean "times"?)'),
        ('[[step]]\nwho = "Ann"\nclick = "A"\ntimes = 0', '"times" has to be a whole number from 1 to 50, not 0.'),
        ('[[step]]\nwho = "Ann"\nclick = "A"\nunder = "film 1"', '"under" has to be "panel", "last", "status 1", '),
        ('[[step]]\nwho = "Ann"\nclick = 1', '"click" has to be text, not 1.'),
        ('[[step]]\nwho = "Ann"\ncommand = "/video"\noptions = "x"', '"options" has to be a table'),
        ('[[step]]\nwho = "Ann"\nfill = { A = [1] }', 'the field "A" takes text, true or false, or a list of texts'),
        ("[[step]]\nkill = false", '"kill" has to be true, not False.'),
        ('[[step]]\nwait = "video one"', '"wait" has to be "panel", '),
        ("[[step]]\nwait = 2401", "waiting 2401 s takes longer than the limit, which is 2400 s at this clock"),
        ('[[step]]\nopenrouter = "complete"', None),
        ('[[step]]\nopenrouter = "compleets"', 'no answer "compleets" (did you mean "completes"?)'),
        ('[[step]]\nexpect = "two videos"', '"expect" has to be "2 videos", "3 submits"'),
        ('[[step]]\nexpect = "0.5 submits"', '"expect" has to be '),
        ('step = [{ wait = 1 }, { wait = "x" }]', "a.toml, step 2: "),
    ],
)
def test_what_is_wrong_in_a_story_is_named_with_its_place_and_what_would_be_right(
    tmp_path: Path, text: str, words: str | None
) -> None:
    if words is None:
        read(tmp_path, text)
        return
    with pytest.raises(StoryError) as caught:
        read(tmp_path, text)
    assert words in str(caught.value)


def test_the_example_of_the_documentation_is_a_story(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "stories.md").read_text()
    example = text.partition("```toml\n")[2].partition("```")[0]
    read(tmp_path, example)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoryError, match=r"none\.toml cannot be read: No such file"):
        read_story(tmp_path / "none.toml")


def test_a_story_may_begin_at_another_time(tmp_path: Path) -> None:
    begins = read(tmp_path, f"clock = 30\nbegins = 2027-12-31T23:55:00Z\n{STEP}").begins
    assert begins == 1_830_297_300
    assert abs(Clock.showing(begins, 30).time() - begins) < 60


def test_people_settings_and_steps_are_read_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "night.toml"
    path.write_text("""
        clock = 30
        [settings]
        BUDGET_USER_DAY_USD = 5
        [guild]
        locale = "ja"
        [[people]]
        name = "Cleo"
        locale = "fr"
        permissions = ["manage_guild"]
        roles = ["Artists"]
        [[step]]
        who = "Cleo"
        click = "Generate"
        under = "video 2"
        times = 10
        [[step]]
        wait = "status 1: Done: paid"
    """)
    story = read_story(path)

    assert (story.title, story.clock, story.limit, story.folder) == ("night", 30, 120, tmp_path)
    assert story.settings == {"BUDGET_USER_DAY_USD": "5"}
    cleo = story.people[0]
    assert (cleo.locale, cleo.permissions, cleo.roles) == ("fr", Permission.MANAGE_GUILD, ["Artists"])
    assert story.steps[0].action == Click("Cleo", "Generate", Place("video", 2), 10)
    assert story.steps[1].action == Wait(None, Place("status", 1), "Done: paid")
    assert [step.line for step in story.steps] == [12, 17]
    assert story.locale == "ja"


@pytest.mark.parametrize(
    ("text", "expectation"),
    [
        ("2 videos", Count("video", 2)),
        ("1 action", Actions(1)),
        ("3 actions", Actions(3)),
        ("panel says: Generate · $0.45", Says(Place("panel"), "Generate · $0.45")),
        ("nobody sees: traceback", NobodySees("traceback")),
    ],
)
def test_expectations_are_read_from_their_words(tmp_path: Path, text: str, expectation: Expectation) -> None:
    path = tmp_path / "a.toml"
    path.write_text(f'[[step]]\nexpect = "{text}"\n')
    assert read_story(path).steps[0].action == Expect(None, expectation)


@pytest.mark.parametrize(
    ("expected", "charged", "holds"),
    [
        ("0.32", "0.322812", True),
        ("0.3", "0.322812", False),
        ("0.3", "0.302812", True),
        ("0.3228", "0.322812", True),
        ("0.33", "0.322812", False),
        ("0", "0.3", False),
        ("0", "0.001", False),
        ("0.00", "0.3", False),
        ("0", "0", True),
    ],
)
def test_a_charge_is_compared_at_the_digits_that_are_given(expected: str, charged: str, holds: bool) -> None:
    assert Charged(Decimal(expected)).holds(Decimal(charged)) is holds
