"""The outcome of a story, as one JSON object."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.discord.jsontypes import JsonObject, objects
from sandbox.play.observer import Observer, Seen, Window
from sandbox.play.story import Step, Story
from sandbox.play.texts import buttons_of, fields_of, label_of, menus_of, placeholder
from sandbox.stack import Stack


@dataclass(frozen=True)
class Failure:
    """The step that failed, and what there was instead. step: None when the bot did not even start."""

    step: Step | None
    problem: str

    def to_json(self) -> JsonObject:
        """Return the step's place, words and problem."""
        if self.step is None:
            return {"step": None, "line": None, "action": "the bot is started", "problem": self.problem}
        return {
            "step": self.step.number,
            "line": self.step.line,
            "action": str(self.step.action),
            "problem": self.problem,
        }

    def __str__(self) -> str:
        where = f"{self.step.where[0].upper()}{self.step.where[1:]}: {self.step.action}" if self.step else "The start"
        return f"{where}\nfailed: {self.problem}"


def report(
    story: Story, stack: Stack, observer: Observer, failure: Failure | None, videos: list[Path], seconds: float
) -> JsonObject:
    """Return the whole object. seconds: real ones; every `at` is in world seconds since the story began."""
    start = stack.clock.time() - observer.now()
    jobs = stack.openrouter.jobs
    return {
        "ok": failure is None,
        "title": story.title,
        "failed_step": failure.to_json() if failure else None,
        "messages": [_message(seen) for seen in observer.messages.values() if seen.texts or seen.files],
        "windows": [_window(window) for window in observer.windows],
        "requests": [
            {
                "at": round(entry["time"] - start, 1),
                "body": entry["body"],
                "status": entry["status"],
                "answer_lost": entry["lost"],
                "job": entry["id"],
                "job_status": jobs[entry["id"]].status if entry["id"] in jobs else None,
            }
            for entry in stack.openrouter.submits
        ],
        "charges": [
            {"job": job.id, "model": job.request.model.id, "usd": float(job.usage_cost)}
            for job in jobs.values()
            if job.usage_cost is not None
        ],
        "videos": [str(path) for path in videos],
        "seconds": round(seconds, 1),
    }


def save_videos(observer: Observer, folder: Path) -> list[Path]:
    """Copy every posted video into a folder, by its place in the story. Raises OSError."""
    saved: list[Path] = []
    for seen in observer.videos():
        files = [file for file in seen.files if (file.content_type or "").startswith("video/") and file.path.exists()]
        for number, file in enumerate(files):
            folder.mkdir(parents=True, exist_ok=True)
            suffix = f"-{number + 1}" if number else ""
            saved.append((folder / f"{seen.name.replace(' ', '-')}{suffix}.mp4").resolve())
            shutil.copyfile(file.path, saved[-1])
    return saved


def _message(seen: Seen) -> JsonObject:
    return {
        "place": seen.name or None,
        "at": round(seen.at, 1),
        "author": seen.author,
        "to": seen.to,
        "channel": seen.channel or None,
        "texts": seen.texts,
        "buttons": [_button(label, button, seen) for label, button in seen.buttons.items()],
        "selects": [_menu(menu) for menu in menus_of(seen.data)],
        "files": [{"name": file.filename, "size": file.size, "kind": file.content_type} for file in seen.files],
        "edits": seen.edits,
        "pinged": seen.pinged,
        "deleted": seen.deleted,
    }


def _button(label: str, button: JsonObject, seen: Seen) -> JsonObject:
    link: dict[str, Any] = {"url": button["url"]} if "url" in button else {}
    gone = label not in [label_of(one) for one in buttons_of(seen.data)]
    return {"label": label, "disabled": bool(button.get("disabled")), "gone": gone, **link}


def _menu(menu: JsonObject) -> JsonObject:
    options = objects(menu.get("options"))
    return {
        "placeholder": placeholder(menu),
        "options": [option["label"] for option in options],
        "chosen": [option["label"] for option in options if option.get("default")],
        "disabled": bool(menu.get("disabled")),
    }


def _window(window: Window) -> JsonObject:
    fields = [{"label": label, "value": part.get("value")} for label, part in fields_of(window.data)]
    return {"at": round(window.at, 1), "to": window.to, "title": window.data["title"], "fields": fields}
