"""The filters by which ffmpeg films a still with a camera's move."""

from __future__ import annotations

from sandbox.openrouter.camera import Move, Span
from sandbox.openrouter.prices import FRAME_RATE

Size = tuple[int, int]
_BT709 = "out_color_matrix=bt709:out_range=tv"
_TURNED_PIXELS = 530_000
"""Pixels at which a turned picture is computed: ffmpeg's perspective filter is slow, and soft edges do no harm."""
_KEYSTONE, _CLOSE, _ASIDE = 0.16, 1.25, 0.05
"""Of a turned picture: how much its nearer side grows, its zoom, and how far its middle goes aside."""


def film(move: Move, frames: int, size: Size) -> str:
    """Return a chain of filters that makes `frames` pictures of this size of one still of this size."""
    if move.still:
        chain = f"scale={_BT709},format=yuv420p,{_repeated(frames)}"
    elif move.turn != (0.0, 0.0):
        chain = _turned(move, frames, size)
    else:
        chain = _zoomed(move, frames, size)
    return f"{chain},setsar=1,format=yuv420p"


def _repeated(frames: int) -> str:
    return f"loop=loop={frames - 1}:size=1,settb=1/{FRAME_RATE},setpts=N,fps={FRAME_RATE}"


def _zoomed(move: Move, frames: int, size: Size) -> str:
    width, height = size
    # Enlarged, so that whole pixels of it are small steps; less for large frames.
    pixels = width * height
    scale = 2 if pixels <= 1_000_000 else 1.5 if pixels <= 2_200_000 else 1.15
    large = f"{round(width * scale / 2) * 2}:{round(height * scale / 2) * 2}"
    along = f"min(on/{max(1, frames - 1)}\\,1)"
    sway_x, sway_y = (f"+{move.sway * 0.3:.3f}*sin({pace}*on)*cos(0.041*on)" for pace in ("0.19", "0.23"))
    x, y = (
        f"({_between(span, along)}{sway if move.sway else ''})" for span, sway in ((move.x, sway_x), (move.y, sway_y))
    )
    return (
        # In yuv444p, because zoompan moves by whole chroma samples, which in yuv420p are two pixels wide.
        f"scale={large}:flags=bilinear:{_BT709},format=yuv444p,"
        f"zoompan=z='{_between(move.zoom, along)}':x='(iw-iw/zoom)*{x}':y='(ih-ih/zoom)*{y}'"
        f":d={frames}:s={width}x{height}:fps={FRAME_RATE}"
    )


def _turned(move: Move, frames: int, size: Size) -> str:
    """Film from one side to the other: the side that is nearer looks larger, and the middle moves across."""
    width, height = size
    scale = min(1.0, (_TURNED_PIXELS / (width * height)) ** 0.5)
    small = f"{round(width * scale / 2) * 2}:{round(height * scale / 2) * 2}"
    corners = zip(_corners(move, 0), _corners(move, 1), strict=True)
    along = f"min(in/{max(1, frames - 1)}\\,1)"
    places = ":".join(
        f"x{at}='W*{_between((first[0], last[0]), along)}':y{at}='H*{_between((first[1], last[1]), along)}'"
        for at, (first, last) in enumerate(corners)
    )
    return (
        f"scale={small}:{_BT709},format=yuv420p,{_repeated(frames)},perspective={places}:eval=frame,"
        f"scale={width}:{height}"
    )


def _corners(move: Move, end: int) -> list[tuple[float, float]]:
    """Return the places in the still, from 0 to 1, of what is seen in the frame's corners at one of its ends."""
    turn, zoom = move.turn[end], move.zoom[end]
    close = 1 + (_CLOSE - 1) * abs(turn)
    half, middle = 0.5 / (zoom * close), 0.5 + _ASIDE * turn
    left, right = half * (1 + _KEYSTONE * turn), half * (1 - _KEYSTONE * turn)
    return [
        (middle - half, 0.5 - left),
        (middle + half, 0.5 - right),
        (middle - half, 0.5 + left),
        (middle + half, 0.5 + right),
    ]


def _between(ends: Span, along: str) -> str:
    return f"({ends[0]:.4f}+{ends[1] - ends[0]:.4f}*{along})"
