"""The texts of the panel: where a draft comes from, its prompt, its price, what is left of the budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from cogs.composer.menus import MENUS
from cogs.composer.outlook import Outlook
from cogs.interactions.text import inert
from cogs.status.lineage import came_from
from cogs.status.roles import named
from dailies.catalog.facts import option_inline, option_words
from dailies.catalog.options import OPTIONS, Option
from dailies.draft import Draft
from dailies.explain import sentence
from dailies.formatting import cents, usd
from dailies.job import Job
from dailies.language import gettext, gettext_noop, ngettext, pgettext
from dailies.lineage import as_composed
from dailies.money.budget import BudgetLeft, Period, Scope
from dailies.openrouter.payload import Role
from dailies.reason import Reason, ReasonCode
from dailies.references.reference import Source

PROMPT_CHARACTERS, PROMPT_BYTES = 2600, 6000
"""Room for the prompt among the texts of the panel, with its escapes."""
CHANGES_SHOWN = 8
PROVIDER_OPTION_SHOWN = 60
_LEFT = {
    (Scope.ROLE, Period.DAY): gettext_noop("{left} of your role's {budget} left today"),
    (Scope.ROLE, Period.MONTH): gettext_noop("{left} of your role's {budget} left this month"),
    (Scope.CHANNEL, Period.DAY): gettext_noop("{left} of this channel's {budget} left today"),
    (Scope.CHANNEL, Period.MONTH): gettext_noop("{left} of this channel's {budget} left this month"),
    (Scope.GUILD, Period.DAY): gettext_noop("{left} of this server's {budget} left today"),
    (Scope.GUILD, Period.MONTH): gettext_noop("{left} of this server's {budget} left this month"),
}
"""The rest of a budget that people have together."""
_OWN_LEFT = {
    Period.DAY: gettext_noop("{left} of your {budget} left today"),
    Period.MONTH: gettext_noop("{left} of your {budget} left this month"),
}
_PICTURED = {
    Role.REFERENCE: gettext_noop("{number}: {name}"),
    Role.FIRST: gettext_noop("{number}: {name} (first frame)"),
    Role.LAST: gettext_noop("{number}: {name} (last frame)"),
}


def heading(seen: Outlook) -> str:
    """Return the title, where the draft comes from, and what differs from that."""
    title = gettext("What you are making")
    return "\n".join([f"### {title}", *([f"-# {line}"] if (line := _lineage(seen)) else [])])


def _lineage(seen: Outlook) -> str:
    draft = seen.draft
    roles = frozenset(one.role for one in draft.sources)
    origin = as_composed(draft.origin, continues=draft.options.continues, roles=roles)
    if origin is None:
        return ""
    parts = [came_from(origin, seen.origin), *(differences(seen, seen.origin) if seen.origin else ())]
    return " · ".join(parts[: CHANGES_SHOWN + 1])


def differences(seen: Outlook, origin: Job) -> list[str]:
    """Return what differs from an earlier job, a few words each: "prompt changed", "5 s → 8 s"."""
    before, now = origin.request, seen.request or seen.draft.options
    found = [] if seen.draft.options.prompt == before.prompt or origin.forgotten_at else [gettext("prompt changed")]
    if seen.model and seen.model.id != before.model:
        found.append(f"{inert(before.model_name, 60)} → {inert(seen.model.name, 60)}")
    for name, option in OPTIONS.items():
        was, is_ = getattr(before, name), getattr(now, name)
        if was != is_:
            found.append(_difference(option, was, is_))
    found += [
        gettext("{setting} changed", setting=inert(option_inline(name), 40))
        for name in sorted({*before.provider_options, *now.provider_options})
        if before.provider_options.get(name) != now.provider_options.get(name)
    ]
    if not origin.forgotten_at and _pictures(origin) != [one.name for one in seen.draft.sources]:
        found.append(gettext("pictures changed"))
    return found


def _pictures(job: Job) -> list[str]:
    return [one.name for one in job.references or job.sources]


def _difference(option: Option, before: object, after: object) -> str:
    change = f"{_value(before, option)} → {_value(after, option)}"
    return (
        change
        if option.bare
        else gettext("{setting} {value}", setting=gettext(option.inline or option.label), value=change)
    )


def _value(value: object, option: Option) -> str:
    if value is None:
        return pgettext("setting", "none")
    if isinstance(value, bool):
        return pgettext("setting", "on") if value else pgettext("setting", "off")
    return inert(option.shown(value), 30)


def settings_line(seen: Outlook) -> str:
    """Return the settings without a menu that the request has: "Sound on · Seed 42 · Negative prompt: blur"."""
    chosen = seen.request or seen.draft.options
    values = {name: getattr(chosen, name) for name in OPTIONS if name not in MENUS}
    parts = [
        gettext("{setting} {value}", setting=gettext(OPTIONS[name].label), value=_value(value, OPTIONS[name]))
        for name, value in values.items()
        if value is not None
    ]
    words = [option_words(*one) for one in chosen.provider_options.items()]
    named = [gettext("{setting}: {value}", setting=label, value=value) for label, value in words]
    return " · ".join([*parts, *(inert(one, PROVIDER_OPTION_SHOWN) for one in named)])


def quoted(seen: Outlook) -> str:
    """Return the prompt as it will be sent, as a quote; shortened in the middle where it is too long to be shown.

    Of a comparison as it was typed, because each model gets it in its own words.
    """
    request, prompt = seen.request, seen.draft.options.prompt
    if request and request.sent_prompt and request.prompt == prompt and not seen.contenders:
        prompt = request.sent_prompt
    nothing = gettext("No prompt yet")
    return f"> {_middle(prompt)}" if prompt.strip() else f"> *{nothing}*"


def _middle(text: str) -> str:
    """Return text made inert that fits, two thirds of what is kept from its beginning, the rest from its end."""
    whole = inert(text, len(text))

    def cut(kept: int) -> str:
        if kept >= len(whole):
            return whole
        # Never between a backslash and what it escapes.
        first, last = kept - kept // 3, len(whole) - kept // 3
        return f"{whole[: first - _escapes(whole, first)]} … {whole[last + _escapes(whole, last) :]}"

    return _longest(cut, len(whole), lambda one: len(one) <= PROMPT_CHARACTERS and len(one.encode()) <= PROMPT_BYTES)


def _escapes(text: str, at: int) -> int:
    """Return 1 if the character at this place is escaped, else 0."""
    return (len(text[:at]) - len(text[:at].rstrip("\\"))) % 2


def _longest(cut: Callable[[int], str], most: int, fits: Callable[[str], bool]) -> str:
    if fits(whole := cut(most)):
        return whole
    fewer, more = 0, most
    while more - fewer > 1:
        half = (fewer + more) // 2
        fewer, more = (half, more) if fits(cut(half)) else (fewer, half)
    return cut(fewer)


def pictures_line(draft: Draft) -> str:
    """Return the names of the pictures with their numbers and roles; empty: there are none."""
    return " · ".join(_pictured(number, one) for number, one in enumerate(draft.sources, start=1))


def _pictured(number: int, source: Source) -> str:
    picture = gettext(_PICTURED[source.role], number=number, name=inert(named(source), 60))
    return picture if source.kept else gettext("{picture}, loading …", picture=picture)


def money_lines(seen: Outlook) -> list[str]:
    """Return what the button's price does not say: each take's, the most that it can be, or why none is known."""
    quote, takes = seen.quote, seen.draft.takes
    if seen.contenders:
        return _compared_money(seen)
    if quote is None:
        return []
    lines: list[str] = []
    if quote.usd is None:
        why = inert(sentence(quote.basis), 200)
        if quote.at_most is None:
            return ["-# " + gettext("The price isn't known: {why}.", why=why)]
        most = cents(quote.at_most * takes)
        return ["-# " + gettext("The price isn't known: {why}. At most {most}.", why=why, most=most)]
    if takes > 1:
        price = cents(quote.usd)
        each = ngettext("{n} take at about {price} each.", "{n} takes at about {price} each.", takes, price=price)
        lines.append(f"-# {each}")
        if seen.model and not seen.model.seed:
            alike = sentence(Reason(ReasonCode.TAKES_ALIKE))
            lines.append("-# " + gettext("{sentence}.", sentence=alike[:1].upper() + alike[1:]))
    if quote.at_most is not None and quote.at_most > quote.usd:
        lines.append(_up_to(quote.at_most * takes))
    return lines


def _up_to(most: Decimal) -> str:
    return "-# " + gettext("It may cost up to {most}.", most=cents(most))


def _compared_money(seen: Outlook) -> list[str]:
    secret = gettext("Each model makes one video. Which is which stays secret until the vote ends.")
    lines = [f"-# {secret}"]
    quotes = [one.quote for one in seen.contenders if one.quote]
    most = [one.at_most if one.at_most is not None else one.usd for one in quotes]
    known = [one for one in most if one is not None]
    if seen.total is not None and len(known) == len(seen.contenders) and sum(known) > seen.total:
        lines.append(_up_to(sum(known, Decimal(0))))
    return lines


def budget_line(budgets_left: Sequence[BudgetLeft]) -> str:
    """Return what is left of the budget that has the least left: "$3.10 of your $5.00 left today"; empty: none."""
    if not budgets_left:
        return ""
    one = min(budgets_left, key=lambda each: each.left)
    period = one.budget.period
    text = _LEFT.get((one.budget.scope, period)) or _OWN_LEFT[period]
    return gettext(text, left=cents(one.left), budget=usd(one.budget.usd))
