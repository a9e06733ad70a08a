"""Serves uploaded files under their signed links, whole or in ranges."""

from __future__ import annotations

from aiohttp import web

from sandbox.discord.files import FileStore

GONE = "This content is no longer available."


class Attachments:
    """The stand-in for Discord's content delivery network and media proxy."""

    def __init__(self, files: FileStore) -> None:
        self._files = files
        self.served: list[str] = []
        """Paths of the files served, in order."""

    def add_to(self, app: web.Application) -> None:
        """Serve on this application."""
        for prefix in ("", "/media"):
            for folder in ("attachments", "ephemeral-attachments"):
                app.router.add_get(f"{prefix}/{folder}/{{owner}}/{{file}}/{{name}}", self.handle)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one file. 404 for a link that is unknown, unsigned or expired."""
        stored = self._files.open(request.path.removeprefix("/media"), dict(request.query))
        if stored is None:
            return web.Response(status=404, text=GONE)
        self.served.append(stored.url_path)
        headers = {
            "Content-Type": stored.content_type or "application/octet-stream",
            "Content-Disposition": f'attachment; filename="{stored.filename}"',
            "Cache-Control": "public, max-age=31536000",
        }
        return web.FileResponse(stored.path, headers=headers)
