"""Addresses below the API's base, and the rule for which of them may see the key."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote

from yarl import URL

from dailies.openrouter.protocol import Poll


@dataclass(frozen=True)
class VideoSource:
    """One address of a finished output. kind: listed, content or stored.

    A signed address opens to whoever has it, so no address is in a text that is made of this.
    with_key: the key may go along, to OpenRouter's own origin.
    """

    kind: str
    url: URL = field(repr=False)
    with_key: bool = True


@dataclass(frozen=True)
class Endpoints:
    """Addresses below the API's base, and the rule for which of them may see the key."""

    base: str
    origin: URL = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", URL(self.base).origin())

    def submit(self) -> URL:
        """POST: spends money."""
        return URL(f"{self.base}/videos")

    def models(self) -> URL:
        """GET: the catalogue."""
        return URL(f"{self.base}/videos/models")

    def inputs(self) -> URL:
        """GET: the general list of models, limited to those that make videos."""
        return URL(f"{self.base}/models?output_modalities=video")

    def key(self) -> URL:
        """GET: the key's remaining credit."""
        return URL(f"{self.base}/key")

    def job(self, job_id: str, polling_url: str | None) -> URL:
        """Return where to check a job: its polling_url, resolved, if that is on OpenRouter's own origin.

        A missing, unreadable or foreign one is replaced by /videos/{id}: only our origin may see the key,
        and nobody else can know the job.
        """
        usual = f"{self.base}/videos/{quote(job_id, safe='')}"
        own = URL(usual, encoded=True)
        if not polling_url or polling_url == usual:
            return own
        url = self.resolve(polling_url)
        return url if url and self.may_see_key(url) else own

    def content(self, job_id: str, index: int = 0) -> URL:
        """GET: the bytes of an output, counted from 0."""
        return URL(f"{self.base}/videos/{quote(job_id, safe='')}/content?index={index}", encoded=True)

    def sources(self, job_id: str, poll: Poll, index: int = 0) -> tuple[VideoSource, ...]:
        """Return every address of an output, the usual one first and OpenRouter's stored copy last.

        The former two stream from the provider, and may fail while the copy, whose address is signed, still opens.
        """
        listed = self.resolve(poll.unsigned_urls[index]) if index < len(poll.unsigned_urls) else None
        stored = self.resolve(poll.urls[index]) if index < len(poll.urls) else None
        content = self.content(job_id, index)
        found = [VideoSource("content", content)]
        if listed and listed != content:
            found.insert(0, VideoSource("listed", listed))
        if stored:
            found.append(VideoSource("stored", stored, with_key=False))
        return tuple(found)

    def resolve(self, text: str, against: URL | None = None) -> URL | None:
        """Resolve an address, perhaps relative to the API's origin, to an absolute http(s) one; None if unreadable."""
        try:
            url = (against or self.origin).join(URL(text))
            readable = url.scheme in ("http", "https") and bool(url.host)
        except ValueError:
            return None
        return url if readable else None

    def may_see_key(self, url: URL) -> bool:
        """Return whether the address is on OpenRouter's own origin: same scheme, host and port, no user info."""
        own = (self.origin.scheme, self.origin.raw_host, self.origin.port)
        return (url.scheme, url.raw_host, url.port) == own and url.user is None and url.password is None
