"""The one place where a reason becomes a sentence for the person who asked.

Each says what happened, whether anything can have been paid where that is in doubt, and what to do next. The text
may hold words of others (OpenRouter's, a file's name): who shows it makes them inert.

    sentences.py   from a code with its values to its sentence
    failures.py    what OpenRouter refused, and what this bot refuses before anything is paid
    job_ends.py    how a job stands, and why it ended
    delivery.py    files and their delivery
    options.py     options, and what models take
    references.py  references that cannot be used
    pictures.py    what was done to a picture
    prices.py      how a price was found
    answers.py     answers to commands and buttons
    jobs_command.py  answers about kept jobs
    phrases.py     what several of them share
"""

from dailies.explain.jobs_command import looks_again, no_original, not_given
from dailies.explain.options import reference_support
from dailies.explain.phrases import NOTHING_PAID
from dailies.explain.sentences import explain, sentence, sentences, short

__all__ = [
    "NOTHING_PAID",
    "explain",
    "looks_again",
    "no_original",
    "not_given",
    "reference_support",
    "sentence",
    "sentences",
    "short",
]
