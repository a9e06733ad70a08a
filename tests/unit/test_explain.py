"""Every error has one sentence that says what happened and what to do now."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from dailies import errors, explain
from dailies.language import NATIVE_NAMES, speaking
from dailies.reason import Reason, ReasonCode
from tests.support.reasons import worded


def tree(kind: type[errors.DailiesError]) -> Iterator[type[errors.DailiesError]]:
    yield kind
    for below in kind.__subclasses__():
        if below.__module__ == "dailies.errors":
            yield from tree(below)


def an(kind: type[errors.DailiesError]) -> errors.DailiesError:
    """Make an error of this kind with plausible data."""
    if kind is errors.SettingsError:
        return errors.SettingsError(["X is wrong"])
    if kind is errors.OptionRefused:
        return errors.OptionRefused("duration", 7, worded("isn't offered by a/b"), [4, 8])
    if kind is errors.NoReferences:
        return errors.NoReferences("a/b", worded("its documentation"), ["a/c"])
    if kind is errors.TooManyReferences:
        return errors.TooManyReferences("a/b", 4, 3)
    if issubclass(kind, errors.ReferenceRefused):
        return kind("fox.png", worded("is broken"))
    if kind is errors.DiskFull:
        return errors.DiskFull(20_000_000, 500_000_000)
    if kind is errors.OverBudget:
        amounts = {"usd": Decimal(5), "left": Decimal("0.2"), "needed": Decimal("0.36")}
        return errors.OverBudget(scope="channel", period="day", renews_in=3600, **amounts)
    if kind is errors.CreditsShort:
        return errors.CreditsShort(Decimal(2), Decimal("0.2"))
    if kind is errors.FileTooLarge:
        return errors.FileTooLarge(30_000_000)
    if issubclass(kind, errors.OpenRouterError):
        return kind("It broke.", status=500)
    if kind is errors.NotAllowed:
        return errors.NotAllowed(worded("it is locked"))
    if kind is errors.ChatUnavailable:
        return errors.ChatUnavailable("503")
    if kind in (errors.CodedError, errors.RefusedError, errors.MediaError, errors.DeliveryError):
        return kind(ReasonCode.NO_DURATION)
    return kind() if issubclass(kind, errors.CodedError) else kind("it broke")


@pytest.mark.parametrize("kind", list(tree(errors.DailiesError)), ids=lambda kind: kind.__name__)
def test_every_error_has_a_whole_sentence(kind: type[errors.DailiesError]) -> None:
    sentence = explain.explain(an(kind))
    assert sentence
    assert ".." not in sentence
    assert "None" not in sentence


@pytest.mark.parametrize("kind", list(tree(errors.DailiesError)), ids=lambda kind: kind.__name__)
def test_every_error_has_a_few_words(kind: type[errors.DailiesError]) -> None:
    assert explain.short(an(kind).reason)


@pytest.mark.parametrize(
    "kind",
    [
        errors.Unauthorized,
        errors.NoCredits,
        errors.Moderated,
        errors.NotPermitted,
        errors.UnknownModel,
        errors.BadRequest,
        errors.TooLarge,
        errors.Busy,
        errors.Unreachable,
        errors.OptionRefused,
        errors.ReferenceRefused,
        errors.OverBudget,
        errors.CreditsShort,
        errors.CatalogMissing,
    ],
)
def test_what_was_refused_says_that_nothing_was_paid(kind: type[errors.DailiesError]) -> None:
    assert explain.explain(an(kind)).endswith("You weren't charged.")


@pytest.mark.parametrize("kind", [errors.AnswerLost, errors.ServerFault])
def test_where_it_is_in_doubt_nothing_is_promised(kind: type[errors.DailiesError]) -> None:
    sentence = explain.explain(an(kind))
    assert "You weren't charged" not in sentence
    assert "openrouter.ai/activity" in sentence


def test_offered_values_are_listed() -> None:
    error = errors.OptionRefused("resolution", "720p", worded("isn't offered by a/b"), ["480p", "1080p", "4K"])
    assert "resolution: 720p isn't offered by a/b. It offers 480p, 1080p and 4K." in explain.explain(error)


def test_one_offered_value_stands_alone() -> None:
    assert "It offers 8." in explain.explain(errors.OptionRefused("duration", 7, worded("is not offered"), [8]))


def test_whole_numbers_in_a_row_are_a_range() -> None:
    error = errors.OptionRefused("duration", 77, worded("is not offered"), list(range(4, 16)))
    assert "It offers every whole number from 4 to 15." in explain.explain(error)


def test_an_unknown_model_has_suggestions() -> None:
    error = errors.OptionRefused("model", "a/x", worded("is no model"), ["a/b", "a/c"])
    assert "Did you mean a/b or a/c?" in explain.explain(error)


def test_an_unknown_model_without_suggestions_points_to_the_list() -> None:
    assert "Pick one from the list" in explain.explain(errors.OptionRefused("model", "x", worded("is no model")))


def test_an_empty_value_is_not_repeated() -> None:
    assert explain.explain(errors.OptionRefused("prompt", "", worded("is empty"))).startswith("prompt: is empty.")


def test_moderation_names_its_reasons() -> None:
    error = errors.Moderated("Flagged", status=403, reasons=["violence", "logo"])
    assert "safety filter: violence, logo." in explain.explain(error)


def test_moderation_without_reasons_gives_openrouters_words() -> None:
    assert "OpenRouter says: Flagged." in explain.explain(errors.Moderated("Flagged.", status=403))


@pytest.mark.parametrize("kind", [errors.NotPermitted, errors.UnknownModel, errors.Busy])
def test_what_the_account_does_not_allow_is_told_in_openrouters_words(kind: type[errors.OpenRouterError]) -> None:
    error = kind("No endpoints found matching your data policy.", status=404)
    assert "OpenRouter says: No endpoints found matching your data policy. " in explain.explain(error)


@pytest.mark.parametrize(("after", "words"), [(None, "in a few minutes"), (42.0, "in 42 s"), (600.0, "in 10 min")])
def test_a_busy_openrouter_says_when_to_come_back(after: float | None, words: str) -> None:
    assert words in explain.explain(errors.Busy("busy", status=429, retry_after=after))


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("content_policy_violation", "Change the prompt"),
        ("image_download_failed: 403", "attach it instead"),
        ("image_too_large", "smaller reference"),
        ("image_too_small", "larger reference"),
        ("unsupported_image_format", "PNG or JPEG"),
        ("payload_too_large", "fewer or smaller"),
        ("something else", "Try again"),
        (None, "No reason was given"),
    ],
)
def test_a_failed_job_comes_with_advice(error: str | None, advice: str) -> None:
    assert advice in explain.sentence(Reason(ReasonCode.JOB_FAILED, said=error))


@pytest.mark.parametrize(
    ("code", "status"), [(ReasonCode.JOB_CANCELLED, "cancelled"), (ReasonCode.JOB_EXPIRED, "expired")]
)
def test_a_job_that_was_ended_says_how(code: ReasonCode, status: str) -> None:
    sentence = explain.sentence(Reason(code, said="provider is away."))
    assert status in sentence
    assert "It says: provider is away. Run" in sentence


def test_a_bad_answer_is_not_told_as_its_http_status() -> None:
    assert explain.short(errors.BadAnswer("it has no status", status=200).reason) == (
        "OpenRouter's answer couldn't be used: it has no status"
    )


def test_a_download_that_never_worked_says_that_it_is_paid() -> None:
    last = errors.Unreachable("the download broke off.").reason
    sentence = explain.sentence(Reason(ReasonCode.NOT_DOWNLOADED, downloads=5, error=last))
    assert "finished and paid for, but 5 downloads failed" in sentence
    assert "n't generated again" in sentence
    assert ".." not in sentence


def test_one_check_and_one_download_are_said_in_the_singular() -> None:
    ended = explain.sentence(Reason(ReasonCode.CHECKS_ENDED, checks=1, error=None, job_id="x"))
    assert ended.startswith("OpenRouter hadn't finished this video after one check, so")
    failed = explain.sentence(Reason(ReasonCode.NOT_DOWNLOADED, downloads=1, error=worded("it broke off")))
    assert failed.startswith("The video is finished and paid for, but the download failed: it broke off.")


def test_a_number_of_none_has_a_text_in_every_language() -> None:
    for language in NATIVE_NAMES:
        with speaking(language):
            said = explain.sentence(Reason(ReasonCode.CHECKS_ENDED, checks=0, error=None, job_id="x"))
        assert ("0 checks" in said) is (language == "en"), said
