"""A slate shows its words in any script, each in one line that fits."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from dailies.media import fonts
from dailies.media.slate import Slate, drawn


def ink(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """Return the box around everything that is not paper."""
    paper = Image.new("RGB", picture.size, picture.getpixel((0, 0)))
    return ImageChops.difference(picture, paper).getbbox()


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (64, 36)])
def test_the_words_stay_within_the_picture(size: tuple[int, int]) -> None:
    slate = Slate("Shot 12 · take 3, " + "long " * 200, ("Seedance 2.0 Fast · 5 s · 720p", "$0.45", "W" * 5000))
    picture = drawn(slate, *size)
    box = ink(picture)
    assert picture.size == size
    assert box
    assert min(box[0], box[1], size[0] - box[2], size[1] - box[3]) > 0


@pytest.mark.parametrize("text", ["Лиса", "Αλεπού", "שועל", "ثعلب"])
def test_scripts_are_shown_without_fonts_of_the_system(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FOLDERS", ())
    assert "".join(run for _, run in fonts.set_in(text, 40)) == text


def test_a_character_that_no_font_has_is_left_out() -> None:
    assert "".join(run for _, run in fonts.set_in("fox \U0010fffe fox", 40)) == "fox fox"


def test_fonts_of_the_system_show_what_the_own_one_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Path(str(fonts.set_in("a", 40)[0][0].path))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "Other.TTF").write_bytes(own.read_bytes())
    (tmp_path / "Broken.ttf").write_bytes(b"no font")
    monkeypatch.setattr(fonts, "FOLDERS", (str(tmp_path),))
    monkeypatch.setattr(fonts, "_own", lambda: tmp_path / "Broken.ttf")
    for cached in (fonts.installed, fonts.font_of):
        cached.cache_clear()
    try:
        [(font, text)] = fonts.set_in("Лиса", 40)
        assert (Path(str(font.path)).name, text) == ("Other.TTF", "Лиса")
    finally:
        for cached in (fonts.installed, fonts.font_of):
            cached.cache_clear()


def test_a_long_text_ends_with_an_ellipsis() -> None:
    runs = fonts.shortened("A fox carries the lantern " * 20, 40, 400)
    assert fonts.length(runs) <= 400
    assert runs[-1][1].endswith("…")


def test_a_text_that_fits_is_whole() -> None:
    runs = fonts.shortened("A fox", 40, 400)
    assert [text for _, text in runs] == ["A fox"]
    picture = Image.new("RGB", (400, 60))
    fonts.write(ImageDraw.Draw(picture), 0, 50, runs, "white")
    box = picture.getbbox()
    assert box
    assert abs(box[2] - fonts.length(runs)) < 10
