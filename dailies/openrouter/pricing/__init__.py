"""What a job will probably cost, from what OpenRouter publishes of its model.

    quote.py     the price of one setting
    skus.py      what a key of `pricing_skus` means
    frames.py    width and height of a video, for prices per token
    offers.py    whether a model offers a setting; its least price per second

python -m dailies.openrouter.pricing prints prices; see __main__.py.
"""

from dailies.openrouter.pricing.quote import Quote, quote

__all__ = ["Quote", "quote"]
