"""Why a reference cannot be used. Each of these stands after the reference's name: "fox.png is broken"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dailies.explain.phrases import Template, unpaid
from dailies.reason import ReasonCode

_CHECK = "check the address, or attach the image"
_AGAIN = "try again, or attach the image"
_COPY = "attach the file, or copy the link again"


def _wrong_shape(values: Mapping[str, Any]) -> str:
    is_too = "is too wide for this model" if values["wide"] else "is too tall for this model"
    return (
        f"{is_too}: width to height is {{ratio:.2f}}, and as far as is known it takes {{low:g}} to {{high:g}}; crop it"
    )


def _port_refused(values: Mapping[str, Any]) -> str:
    if values["allowed"]:
        return "names port {port}; only links to port {allowed:comma} are fetched"
    return "names port {port}; only links without a port are fetched"


SENTENCES: dict[ReasonCode, Template] = {
    ReasonCode.REFERENCE_REFUSED: unpaid("{name} {problem}."),
    # The picture.
    ReasonCode.TOO_MANY_PIXELS: "is over {megapixels:g} million pixels; save it smaller",
    ReasonCode.PIXELS_BEYOND: ("has {width} × {height} pixels; at most {megapixels:g} million fit, save it smaller"),
    ReasonCode.RAW_PREVIEW: ("is a camera's raw file, of which only a small preview can be read here; save it as JPEG"),
    ReasonCode.PIXELS_UNREAD: "has pixels of a kind that is not read here; save it as PNG or JPEG",
    ReasonCode.PICTURE_SLOW: "took over {seconds:g} s to open; save it anew as PNG or JPEG",
    ReasonCode.PICTURE_HUNGRY: "needs too much memory to be opened; save it anew as PNG or JPEG",
    ReasonCode.PICTURE_BROKEN: "is a broken image that cannot be opened; save it again",
    ReasonCode.WRONG_SHAPE: _wrong_shape,
    ReasonCode.TOO_SMALL: (
        "is too small for this model: it has {width} × {height} pixels, and as far as is known each side "
        "needs at least {least}; use a larger image"
    ),
    ReasonCode.BYTES_BEYOND: "is over {bytes:limit_mb}; save it smaller",
    ReasonCode.REQUEST_FULL: (
        "is too much: all images together have to fit into a request of {bytes:limit_mb}, and would become "
        "too small for that; give fewer images, or direct links to them"
    ),
    ReasonCode.LINKS_ONLY: (
        "cannot be used: {why}, and this bot sends links only; give a direct, lasting link to a PNG or JPEG"
    ),
    ReasonCode.FILE_MISSING: "is not there, or is not a file",
    ReasonCode.FILE_UNREADABLE: "cannot be read ({problem})",
    # What its first bytes show.
    ReasonCode.WEB_PAGE: "is a web page, not an image; open it, copy the address of the picture itself, and use that",
    ReasonCode.SVG: "is an SVG drawing, which video models cannot read; export it as PNG",
    ReasonCode.XML: "is XML, perhaps an SVG drawing, which video models cannot read; export it as PNG",
    ReasonCode.VIDEO_GIVEN: "is a video; references are images (PNG, JPEG, WebP, HEIC, AVIF, GIF, TIFF or BMP)",
    ReasonCode.KIND_UNREAD: "is an image of a kind that is not read here; save it as PNG or JPEG",
    ReasonCode.NOT_AN_IMAGE: "is not an image; references are PNG, JPEG, WebP, HEIC, AVIF, GIF, TIFF or BMP files",
    # Fetching it.
    ReasonCode.FETCH_SLOW: f"did not arrive within {{seconds:g}} s; {_AGAIN}",
    ReasonCode.CONNECTION_BROKE: f"could not be fetched: the connection broke off; {_AGAIN}",
    ReasonCode.NAME_NOT_FOUND: f"could not be fetched: the name of its site was not found; {_CHECK}",
    ReasonCode.CERTIFICATE_WRONG: (
        "could not be fetched: its site cannot prove who it is (TLS certificate); attach the image"
    ),
    ReasonCode.SITE_UNREACHED: f"could not be fetched: its site could not be reached; {_CHECK}",
    ReasonCode.NOT_A_WEB_SITE: f"could not be fetched: its site does not answer as a web site does; {_CHECK}",
    ReasonCode.REDIRECTS_TO: "redirects to {host}, which {problem}",
    ReasonCode.REDIRECTS_TOO_OFTEN: "redirects more than {most} times; give the image's own address",
    ReasonCode.REDIRECT_UNREADABLE: "redirects to an unreadable address; give the image's own address",
    ReasonCode.ANSWERED_ATTACHMENT: "was answered with HTTP {status}; attach it again",
    ReasonCode.ANSWERED_PRIVATE: (
        "was answered with HTTP {status}; its site does not show it to everybody, so attach the image"
    ),
    ReasonCode.ANSWERED_LATER: f"was answered with HTTP {{status}}; {_AGAIN}",
    ReasonCode.ANSWERED: f"was answered with HTTP {{status}}; {_CHECK}",
    ReasonCode.LINK_EXPIRED: f"cannot be fetched: this Discord link expired on {{at:date}} UTC; {_COPY}",
    ReasonCode.LINK_CUT: (
        f"cannot be fetched: this Discord link was not copied whole, its signature is missing; {_COPY}"
    ),
    ReasonCode.LINK_DEAD: (f"cannot be fetched: this Discord link has expired, or its message was deleted; {_COPY}"),
    # The link itself.
    ReasonCode.LINK_TOO_LONG: "has over {most} characters; give a shorter link, or attach the image",
    ReasonCode.LINK_UNREADABLE: "is not a readable link; copy the image's address again, or attach the image",
    ReasonCode.NOT_HTTPS: "is not an https link; only https links are fetched",
    ReasonCode.PORT_REFUSED: _port_refused,
    ReasonCode.NUMERIC_HOST: "has a number for a host; give the address with the site's name",
    ReasonCode.NO_SITE: "does not name a site; copy the image's address again",
    ReasonCode.PRIVATE_ADDRESS: "points to a private address; only public links are fetched",
    # A link to a message.
    ReasonCode.MESSAGE_SLOW: "could not be read: Discord did not answer in time; try again",
    ReasonCode.MESSAGE_UNREADABLE: (
        "cannot be read here: the message has to be in a channel that both you and the bot may read, with its "
        "history; attach the image instead"
    ),
    ReasonCode.MESSAGE_UNSEEN: (
        "is a message whose contents Discord does not show to bots; open that message's own menu, then "
        "Apps → Animate image, or attach the image"
    ),
    ReasonCode.MESSAGE_EMPTY: "is a message without an image; attach the image, or give a link to it",
    ReasonCode.MESSAGE_LINK_INCOMPLETE: (
        "is a link into Discord but to no message; use a message's own menu → Copy Message Link"
    ),
}
