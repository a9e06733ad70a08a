"""The expected cost of a job, from OpenRouter's published prices of its model.

    quote.py     the price of one setting
    skus.py      the meaning of a key of `pricing_skus`
    frames.py    width and height of a video, for prices per token

python -m dailies.openrouter.pricing prints prices; __main__.py documents its arguments.
"""

from dailies.openrouter.pricing.quote import Quote, quote

__all__ = ["Quote", "quote"]
