"""The steps of a story: what each kind takes, and how it reads in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.discord.jsontypes import is_list
from sandbox.play.endings import ENDINGS
from sandbox.play.expectations import Count, Expectation, parse_count, read_expectation
from sandbox.play.places import Place, read_place
from sandbox.play.strict import Table, nearest, one_of

CHANNEL = "dailies"
MOST_TIMES = 50


@dataclass(frozen=True)
class UseCommand:
    """A person types a slash command. options: by name, as the story has them. channel: None for direct messages."""

    who: str
    command: str
    options: Mapping[str, Any]
    channel: str | None

    def __str__(self) -> str:
        options = "".join(f" {name}: {value}" for name, value in self.options.items())
        return f"{self.who} types /{self.command}{options}"


@dataclass(frozen=True)
class UseApp:
    """A person uses an entry of a message's menu Apps."""

    who: str
    app: str
    on: Place

    def __str__(self) -> str:
        return f"{self.who} uses {self.app} on {self.on}"


@dataclass(frozen=True)
class Send:
    """A person posts an ordinary message."""

    who: str
    text: str
    files: list[str]
    channel: str | None

    def __str__(self) -> str:
        return f"{self.who} posts: {self.text}" + "".join(f" [{name}]" for name in self.files)


@dataclass(frozen=True)
class Click:
    """A person presses a button, `times` at once."""

    who: str
    label: str
    under: Place
    times: int

    def __str__(self) -> str:
        often = f" {self.times} times at once" if self.times > 1 else ""
        return f"{self.who} clicks [{self.label}] under {self.under}{often}"


@dataclass(frozen=True)
class Choose:
    """A person chooses entries of menus."""

    who: str
    entries: Mapping[str, list[str]]
    under: Place

    def __str__(self) -> str:
        chosen = ", ".join(f"{menu}: {' + '.join(entries) or 'nothing'}" for menu, entries in self.entries.items())
        return f"{self.who} chooses under {self.under}: {chosen}"


@dataclass(frozen=True)
class Fill:
    """A person fills in the window that is open for them, and sends it."""

    who: str
    fields: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.who} fills in the window: " + ", ".join(f"{name}: {v}" for name, v in self.fields.items())


@dataclass(frozen=True)
class Wait:
    """Time passes: until a place exists and says the words, until there are so many, or for world seconds."""

    who: str | None
    what: Place | Count | None = None
    words: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        if self.what is None:
            return f"{self.seconds:g} seconds pass"
        return f"wait for {self.what}" + (f" to say: {self.words}" if self.words else "")


@dataclass(frozen=True)
class NextAnswers:
    """The fates of the next paid requests, in order, by the names in ENDINGS."""

    names: list[str]

    def __str__(self) -> str:
        return f"OpenRouter's next answers: {', '.join(self.names)}"


@dataclass(frozen=True)
class DeleteChannel:
    """Somebody who manages the server deletes a channel."""

    channel: str

    def __str__(self) -> str:
        return f"the channel #{self.channel} is deleted"


@dataclass(frozen=True)
class Kill:
    """The bot dies as by SIGKILL."""

    def __str__(self) -> str:
        return "the bot is killed"


@dataclass(frozen=True)
class Start:
    """The bot is started again."""

    def __str__(self) -> str:
        return "the bot is started"


@dataclass(frozen=True)
class Expect:
    """Something has to be true now."""

    who: str | None
    expectation: Expectation

    def __str__(self) -> str:
        return f"expect: {self.expectation}"


Action = UseCommand | UseApp | Send | Click | Choose | Fill | Wait | NextAnswers | DeleteChannel | Kill | Start | Expect


def read_action(table: Table, people: list[str], *, longest_wait: float) -> Action:
    """Read a step. longest_wait: the most world seconds that a wait may take. Raises StoryError."""
    kinds = [name for name in READERS if name in table.entries]
    if not kinds:
        odd = next(iter(table.entries), "")
        raise table.error(f"a step has one of {one_of(READERS)}; this one has none{nearest(odd, READERS)}.")
    if len(kinds) > 1:
        raise table.error(f"{' and '.join(kinds)} are two steps; write a [[step]] for each.")
    extras, read = READERS[kinds[0]]
    table.only([kinds[0], *extras])
    if "who" in extras and kinds[0] not in ("wait", "expect") and "who" not in table.entries:
        raise table.error(f'"who" is missing: one of {one_of(people)}.')
    if "who" in table.entries and table.entries["who"] not in people:
        who = table.entries["who"]
        hint = nearest(who, people) if isinstance(who, str) else ""
        raise table.error(f"there is no person {who!r}{hint}. There are: {one_of(people)}; [[people]] adds more.")
    action = read(table)
    if isinstance(action, Wait) and action.seconds > longest_wait:
        raise table.error(
            f"waiting {action.seconds:g} s takes longer than the limit, which is {longest_wait:g} s at this clock: "
            'raise "clock" or "limit" at the top.'
        )
    return action


def _command(table: Table) -> UseCommand:
    name = " ".join(table.text("command").removeprefix("/").split())
    return UseCommand(table.text("who"), name, table.table("options"), _channel(table))


def _app(table: Table) -> UseApp:
    return UseApp(table.text("who"), table.text("app"), read_place(table, "on"))


def _send(table: Table) -> Send:
    return Send(table.text("who"), table.text("send"), table.texts("files"), _channel(table))


def _click(table: Table) -> Click:
    times = table.entries.get("times", 1)
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= MOST_TIMES:
        raise table.wrong("times", f"a whole number from 1 to {MOST_TIMES}")
    return Click(table.text("who"), table.text("click"), read_place(table, "under", "last"), times)


def _choose(table: Table) -> Choose:
    entries: dict[str, list[str]] = {}
    for menu, entry in table.table("choose").items():
        chosen: list[object] = list(entry) if is_list(entry) else [entry]
        if not all(isinstance(one, str) and one for one in chosen):
            raise table.error(f'the entry of "{menu}" has to be text or a list of texts, not {entry!r}.')
        entries[menu] = [str(one) for one in chosen]
    if not entries:
        raise table.error('"choose" has to name a menu and its entry, as in { Length = "8 s" }.')
    return Choose(table.text("who"), entries, read_place(table, "under", "last"))


def _fill(table: Table) -> Fill:
    fields = table.table("fill")
    for label, value in fields.items():
        listed = is_list(value) and all(isinstance(one, str) for one in value)
        if not listed and not isinstance(value, (str, int, float)):
            raise table.error(f'the field "{label}" takes text, true or false, or a list of texts, not {value!r}.')
    return Fill(table.text("who"), fields)


def _wait(table: Table) -> Wait:
    value = table.entries["wait"]
    who = table.text("who") if "who" in table.entries else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value <= 0:
            raise table.wrong("wait", "more than 0 seconds")
        return Wait(who, seconds=value)
    if not isinstance(value, str):
        raise table.wrong("wait", '"video 1", "status 1: words", "panel: words", "2 submits", or seconds')
    if count := parse_count(value.strip()):
        return Wait(who, count)
    before, _, words = value.partition(":")
    place = read_place(Table({"wait": before.strip()}, table.where), "wait")
    return Wait(who, place, words.strip())


def _next_answers(table: Table) -> NextAnswers:
    given = table.entries["openrouter"]
    names = [given] if isinstance(given, str) else table.texts("openrouter")
    if not names:
        raise table.error('"openrouter" has to name an answer, as in ["completes", "fails"].')
    for name in names:
        if name.lower() not in ENDINGS:
            raise table.error(
                f'OpenRouter has no answer "{name}"{nearest(name, ENDINGS)}. There are: {one_of(ENDINGS)}.'
            )
    return NextAnswers([name.lower() for name in names])


def _delete_channel(table: Table) -> DeleteChannel:
    return DeleteChannel(table.text("delete").removeprefix("#"))


def _truth(name: str, action: Action) -> Callable[[Table], Action]:
    def read(table: Table) -> Action:
        if table.entries[name] is not True:
            raise table.wrong(name, "true")
        return action

    return read


def _expect(table: Table) -> Expect:
    who = table.text("who") if "who" in table.entries else None
    return Expect(who, read_expectation(table))


def _channel(table: Table) -> str | None:
    channel = table.text("in", CHANNEL).removeprefix("#")
    return None if channel == "direct" else channel


READERS: dict[str, tuple[tuple[str, ...], Callable[[Table], Action]]] = {
    "command": (("who", "options", "in"), _command),
    "app": (("who", "on"), _app),
    "send": (("who", "files", "in"), _send),
    "click": (("who", "under", "times"), _click),
    "choose": (("who", "under"), _choose),
    "fill": (("who",), _fill),
    "wait": (("who",), _wait),
    "openrouter": ((), _next_answers),
    "delete": ((), _delete_channel),
    "kill": ((), _truth("kill", Kill())),
    "start": ((), _truth("start", Start())),
    "expect": (("who",), _expect),
}
"""Each kind of step by its key: the keys that it may have besides, and its reader."""
