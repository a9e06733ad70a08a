"""The one place where a reason becomes a sentence for the person who asked.

Each sentence says what happened, whether anything can have been paid where that is in doubt, and what to do next.
english.toml holds them by their codes; sentences.py fills them. The values may hold words of others (OpenRouter's, a
file's name): who shows a sentence makes them inert.
"""

from dailies.explain.sentences import NOTHING_PAID, explain, reference_support, sentence, sentences, short

__all__ = ["NOTHING_PAID", "explain", "reference_support", "sentence", "sentences", "short"]
