"""Words of models.toml that people read, for translation: they are kept in English, and translated where they stand."""

from __future__ import annotations

from collections.abc import Mapping

from dailies.language import gettext_noop

INLINE: Mapping[str, str] = {
    gettext_noop("Faster prompt rewriting"): gettext_noop("faster prompt rewriting"),
    gettext_noop("Negative prompt"): gettext_noop("negative prompt"),
    gettext_noop("People"): gettext_noop("people"),
    gettext_noop("Prompt rewriting"): gettext_noop("prompt rewriting"),
    gettext_noop("Shots"): gettext_noop("shots"),
    gettext_noop("Watermark"): gettext_noop("watermark"),
}
"""The options of providers by their labels: each as it is named in a line of others."""
CHOICES = (
    gettext_noop("adults only"),
    gettext_noop("no people"),
    gettext_noop("one shot"),
    gettext_noop("several shots"),
)
"""The words for their values."""
SOURCES = (
    gettext_noop("Google's documentation (ai.google.dev), not tried at OpenRouter"),
    gettext_noop("OpenRouter has a price of its own for references"),
    gettext_noop("an example of OpenRouter's; that it takes 5 is not confirmed (pages of other services)"),
    gettext_noop("others measured it: a tenth was refused"),
    gettext_noop("pages of other services (docs.comfy.org), not tried at OpenRouter"),
    gettext_noop("pages of other services, not tried at OpenRouter"),
    gettext_noop("xAI's documentation (docs.x.ai), not tried at OpenRouter"),
)
"""Sources of the fact that a model takes references."""
