"""The words of the controls of a draft's pictures, in English; they are translated where they are shown."""

from __future__ import annotations

from dailies.language import gettext_noop
from dailies.openrouter.payload import Fitting, Role
from dailies.references.arrange import Use

WAYS = {
    (Fitting.CROP, Role.FIRST): gettext_noop("Crop the first frame"),
    (Fitting.CROP, Role.LAST): gettext_noop("Crop the last frame"),
    (Fitting.PAD, Role.FIRST): gettext_noop("Pad the first frame"),
    (Fitting.PAD, Role.LAST): gettext_noop("Pad the last frame"),
}
DONE = {
    (Fitting.CROP, Role.FIRST): gettext_noop("First frame, cropped to {shape}"),
    (Fitting.CROP, Role.LAST): gettext_noop("Last frame, cropped to {shape}"),
    (Fitting.PAD, Role.FIRST): gettext_noop("First frame, padded to {shape}"),
    (Fitting.PAD, Role.LAST): gettext_noop("Last frame, padded to {shape}"),
}
ALT = {
    Role.REFERENCE: gettext_noop("Picture {number}, reference: {description}"),
    Role.FIRST: gettext_noop("Picture {number}, first frame: {description}"),
    Role.LAST: gettext_noop("Picture {number}, last frame: {description}"),
}
USES = {
    Use.REFERENCES: (
        gettext_noop("Use as references"),
        gettext_noop("They guide subject and style. {1} in the prompt names the first one"),
    ),
    Use.START: (gettext_noop("Start from picture 1"), gettext_noop("It becomes the first frame")),
    Use.START_AND_END: (
        gettext_noop("Start from picture 1, end with picture 2"),
        gettext_noop("They become the first and the last frame"),
    ),
    Use.LOOP: (
        gettext_noop("Start and end with picture 1"),
        gettext_noop("It becomes the first and the last frame: a loop"),
    ),
    Use.END: (gettext_noop("End with picture 1"), gettext_noop("It becomes the last frame")),
}
USES_OF_ONE = {
    Use.REFERENCES: gettext_noop("Use it as a reference"),
    Use.START: gettext_noop("Start from this picture"),
    Use.LOOP: gettext_noop("Start and end with this picture"),
    Use.END: gettext_noop("End with this picture"),
}
