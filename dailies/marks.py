"""The marks of a video's making that its files carry, as they were read: reasons, kept with its job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dailies.reason import Reason, ReasonCode


@dataclass(frozen=True, slots=True)
class FileMarks:
    """Marks of one output. came: of the file as it came. posted: of the file that was posted, often the same one."""

    came: tuple[Reason, ...]
    posted: tuple[Reason, ...]

    @property
    def lost(self) -> tuple[Reason, ...]:
        """Marks of the original whose kind the posted file has not."""
        kept = {one.code for one in self.posted}
        return tuple(one for one in self.came if one.code not in kept)

    @property
    def loss(self) -> Reason | None:
        """Words about the marks that the posted file lost; None: it has them all."""
        return (
            Reason(ReasonCode.MARKS_LOST, marks=[Reason(ReasonCode.MARK_NAMED, kind=one.code) for one in self.lost])
            if self.lost
            else None
        )


def marks_row(marks: Mapping[int, FileMarks]) -> dict[str, Any]:
    """Return the form in which the marks of a job's outputs are kept, by their numbers from 1."""
    return {
        str(number): {"came": [one.to_json() for one in of.came], "posted": [one.to_json() for one in of.posted]}
        for number, of in marks.items()
    }


def marks_of(row: Mapping[str, Any]) -> dict[int, FileMarks]:
    """Return the marks that `marks_row` made a row of."""
    return {
        int(number): FileMarks(*(tuple(map(Reason.from_json, kept[name])) for name in ("came", "posted")))
        for number, kept in row.items()
    }
