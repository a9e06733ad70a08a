"""Text that a database does not take breaks no command, on either of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.job import State
from dailies.reason import Reason, ReasonCode
from dailies.references.reference import Source
from dailies.store.library import Library
from dailies.store.sql import SqlStore
from tests.unit.kit import REQUEST, a_job, a_reference

ODD = [
    ("a zero\0byte", "a zero\ufffdbyte"),
    ("half \ud83d", "half \ufffd"),
    ("both \ud83d\ude00", "both 😀"),
    ("½²", "½²"),
]


@pytest.mark.parametrize(("given", "kept"), ODD)
async def test_odd_text_is_stored_wherever_it_comes_from(store: SqlStore, given: str, kept: str) -> None:
    job = a_job(
        request=replace(REQUEST, prompt=given, resolution="²p", notes=(Reason(ReasonCode.TEXT, text=given),)),
        sources=(Source("https://a.example/b", given, attached=False),),
        references=(a_reference(1, name=given),),
        reason=Reason(ReasonCode.BAD_REQUEST, message=given, more=[Reason(ReasonCode.TEXT, text=given)]),
        state=State.FAILED,
    )

    await store.create(job)
    found = await store.get(job.id)

    assert (found.request.prompt, found.sources[0].name, found.references[0].name) == (kept, kept, kept)
    assert found.reason == Reason(ReasonCode.BAD_REQUEST, message=kept, more=[Reason(ReasonCode.TEXT, text=kept)])
    assert found.request.notes == (Reason(ReasonCode.TEXT, text=kept),)


@pytest.mark.parametrize("given", [given for given, _ in ODD] + ["%" * 9000, "_", "'; DROP TABLE jobs", "9" * 5000])
async def test_odd_text_is_searched_for(store: SqlStore, engine: AsyncEngine, given: str) -> None:
    library = Library(engine, store)
    await store.create(a_job(request=replace(REQUEST, prompt=f"A {given}")))

    assert await library.find(given) is None
    assert len(await library.matching(given, requester_id=3, guild_id=1, limit=5)) == 1
    assert await store.named(given) is None


async def test_what_providers_said_is_counted_whatever_they_said(store: SqlStore, engine: AsyncEngine) -> None:
    for number, (given, _) in enumerate(ODD):
        reason = Reason(ReasonCode.BAD_REQUEST, message=f"{given} reference")
        id_ = f"{number}"
        job = a_job(id=id_, key=id_, state=State.FAILED, references=(a_reference(1),), reason=reason)
        await store.create(job)

    seen = await Library(engine, store).references_seen()

    assert seen[REQUEST.model].refused == len(ODD)
