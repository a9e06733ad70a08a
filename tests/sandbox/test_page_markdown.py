"""Discord's markdown on the page: a table of texts, and the elements they become."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from playwright.async_api import Page

from sandbox.stack import Stack
from tests.sandbox.page_kit import browsing, opened, served

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Renders and prints the result as tags and text only; the text is escaped, so a tag here is an element there.
RENDER = """async (source) => {
  const { markdown } = await import('/js/markdown/render.js');
  const print = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const tag = node.localName;
    return `<${tag}>${[...node.childNodes].map(print).join('')}</${tag}>`;
  };
  return [...markdown(source).childNodes].map(print).join('');
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page() -> AsyncGenerator[Page]:
    """One window for the whole table."""
    async with (
        browsing() as browser,
        Stack(start_bot=False) as stack,
        served(stack) as server,
        opened(browser, server) as window,
    ):
        yield window


async def render(page: Page, source: str) -> str:
    """A text's elements, without attributes."""
    return await page.evaluate(RENDER, source)


TEXTS = {
    "plain": ("hello", "<p>hello</p>"),
    "newline": ("a\nb", "<p>a\nb</p>"),
    "bold": ("**a**", "<p><strong>a</strong></p>"),
    "italic with stars": ("*a*", "<p><em>a</em></p>"),
    "italic with underscores": ("_a_", "<p><em>a</em></p>"),
    "bold italic": ("***a***", "<p><strong><em>a</em></strong></p>"),
    "underline": ("__a__", "<p><u>a</u></p>"),
    "underlined italic": ("___a___", "<p><u><em>a</em></u></p>"),
    "strike": ("~~a~~", "<p><s>a</s></p>"),
    "nested": ("**a _b ~~c~~_**", "<p><strong>a <em>b <s>c</s></em></strong></p>"),
    "snake case stays": ("a_b_c", "<p>a_b_c</p>"),
    "multiplication stays": ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
    "unclosed bold": ("**a", "<p>**a</p>"),
    "unclosed strike": ("~~a", "<p>~~a</p>"),
    "inline code": ("`a **b**`", "<p><code>a **b**</code></p>"),
    "inline code with a backtick": ("``a`b``", "<p><code>a`b</code></p>"),
    "code block": ("```py\nx = 1\n```", "<div><pre><code>x = 1</code></pre></div>"),
    "code block is not parsed": ("```\n# a\n> b\n```", "<div><pre><code># a\n> b</code></pre></div>"),
    "unclosed fence": ("```py\nx", "<p>```py\nx</p>"),
    "heading": ("# a", "<h3>a</h3>"),
    "third heading": ("### a *b*", "<h3>a <em>b</em></h3>"),
    "no fourth heading": ("#### a", "<p>#### a</p>"),
    "no heading without a space": ("#a", "<p>#a</p>"),
    "subtext": ("-# a", "<p><small>a</small></p>"),
    "quote": ("> a\n> b\nc", "<blockquote><p>a\nb</p></blockquote><p>c</p>"),
    "quote to the end": (">>> a\nb", "<blockquote><p>a\nb</p></blockquote>"),
    "list": ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
    "nested list": ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
    "numbered list": ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
    "list in a quote": ("> - a", "<blockquote><ul><li>a</li></ul></blockquote>"),
    "escaped star": (r"\*a\*", "<p>*a*</p>"),
    "escaped underscores": (r"\_\_a\_\_", "<p>__a__</p>"),
    "escaped heading": (r"\# a", "<p># a</p>"),
    "escaped quote": (r"\> a", "<p>> a</p>"),
    "escaped backslash": (r"\\*a*", "<p>\\<em>a</em></p>"),
    "escaped fence": (r"\`\`\`a\`\`\`", "<p>```a```</p>"),
    "escaped brackets": (r"\[a\]\(https\:\/\/b.example\)", "<p>[a](https://b.example)</p>"),
    "escaped link": (r"https\:\/\/b.example", "<p>https://b.example</p>"),
    "escaped mention": (r"\<@1\>", "<p>&lt;@1></p>"),
    "backslash before a letter": (r"C:\new", r"<p>C:\new</p>"),
    "bare link": ("see https://a.example/b_c_d.", "<p>see <a>https://a.example/b_c_d</a>.</p>"),
    "bracketed link": ("<https://a.example>", "<p><a>https://a.example</a></p>"),
    "masked link": ("[a *b*](https://c.example)", "<p><a>a <em>b</em></a></p>"),
    "masked link that lies": (
        "[https://a.example](https://b.example)",
        "<p>[<a>https://a.example</a>](<a>https://b.example</a>)</p>",
    ),
    "other schemes are no links": ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
    "data links are no links": ("[a](data:text/html,x)", "<p>[a](data:text/html,x)</p>"),
    "spoiler": ("||a||", "<p><button><span>a</span></button></p>"),
    "everyone": ("@everyone @here", "<p>@everyone @here</p>"),
    "unknown user": ("<@1>", "<p><bdi>@unknown-user</bdi></p>"),
    "unknown role": ("<@&1>", "<p><bdi>@unknown-role</bdi></p>"),
    "unknown channel": ("<#1>", "<p><bdi>#unknown</bdi></p>"),
    "custom emoji": ("<:wave:1>", "<p>:wave:</p>"),
    "script": ("<script>alert(1)</script>", "<p>&lt;script>alert(1)&lt;/script></p>"),
    "image with a handler": ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)></p>"),
    "markup in a code block": ("```html\n</code><b>\n```", "<div><pre><code>&lt;/code>&lt;b></code></pre></div>"),
    "markup in a link's text": ("[<b>a</b>](https://c.example)", "<p><a>&lt;b>a&lt;/b></a></p>"),
    "impossible date": ("<t:9999999999999>", "<p>Invalid date</p>"),
}


@pytest.mark.parametrize(("source", "expected"), TEXTS.values(), ids=TEXTS.keys())
async def test_a_text_becomes_these_elements(page: Page, source: str, expected: str) -> None:
    """Each mark of the subset, and each text that only looks like one."""
    assert await render(page, source) == expected


@pytest.mark.parametrize("text", ["**" * 2000, "> " * 2000, "`" * 4000, "||" * 2000, "[" * 4000, "_*" * 2000 + "a"])
async def test_hostile_repetition_ends_soon(page: Page, text: str) -> None:
    """No text of 4,000 characters keeps the page busy for longer than a second, or breaks it."""
    took: float = await page.evaluate(
        "async (text) => { const { markdown } = await import('/js/markdown/render.js'); "
        "const from = performance.now(); markdown(text); return performance.now() - from; }",
        text,
    )
    assert took < 1000


async def test_a_right_to_left_override_stays_in_its_message(page: Page) -> None:
    """The text is isolated: what stands around it keeps its direction."""
    isolation: str = await page.evaluate(
        "async () => { const { markdown } = await import('/js/markdown/render.js'); "
        "const node = markdown('\\u202egnihtyna'); document.body.append(node); "
        "const found = getComputedStyle(node.firstChild).unicodeBidi; node.remove(); return found; }"
    )
    assert isolation == "isolate"


async def test_links_open_apart_and_tell_nothing(page: Page) -> None:
    """A link opens a new tab that knows nothing of this page."""
    attributes: dict[str, str] = await page.evaluate(
        "async () => { const { markdown } = await import('/js/markdown/render.js'); "
        "const link = markdown('[a](https://b.example/c)').querySelector('a'); "
        "return { href: link.href, target: link.target, rel: link.rel }; }"
    )
    assert attributes == {"href": "https://b.example/c", "target": "_blank", "rel": "noopener noreferrer"}


async def test_only_real_mentions_are_highlighted(page: Page) -> None:
    """A text that names a user without mentioning them does not look like a mention."""
    classes: list[str] = await page.evaluate(
        "async () => { const { markdown } = await import('/js/markdown/render.js'); "
        "const { store } = await import('/js/store.js'); const id = store.state.me.id; "
        "return [new Set(), new Set([id])].map((m) => markdown(`<@${id}>`, m).querySelector('bdi').className); }"
    )
    assert classes == ["mention", "mention mention-real mention-me"]


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("d", "01/02/2024"),
        ("D", "January 2, 2024"),
        ("T", "0:05"),
        ("F", "Tuesday, January 2, 2024"),
        ("", "January 2"),
    ],
)
async def test_a_timestamp_is_written_in_its_style(page: Page, style: str, expected: str) -> None:
    """Each style of a timestamp, in the reader's language (any time zone: noon UTC)."""
    source = f"<t:1704196805{':' + style if style else ''}>"
    html = await render(page, source)
    assert html.startswith("<p><time>")
    assert expected in html


async def test_a_relative_timestamp_moves_with_the_sandboxs_clock(page: Page) -> None:
    """R is counted in world time, and counts on by itself."""
    texts: list[str] = await page.evaluate(
        "async () => { const { markdown } = await import('/js/markdown/render.js'); "
        "const clock = await import('/js/clock.js'); clock.setClock({ epoch: Date.now() / 1000, speed: 600 }); "
        "const node = markdown(`<t:${Math.round(clock.now())}:R>`); document.body.append(node); "
        "const first = node.textContent; const watch = { subtree: true, childList: true, characterData: true }; "
        "await new Promise((done) => new MutationObserver(done).observe(node, watch)); "
        "const second = node.textContent; node.remove(); return [first, second]; }"
    )
    assert "second" in texts[0]
    assert texts[1].endswith("ago")
    assert texts[1] != texts[0]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (r"\*warm\* light 127\.0\.0\.1 a_b \@everyone", "*warm* light 127.0.0.1 a_b @everyone"),
        ("### Done\n> **a** fox\n-# small", "Done\na fox\nsmall"),
        ("- one\n  - two\n- [three](https://a.example)", "one\ntwo\nthree"),
        ("`/x` </jobs list:1> <#1> <@1>", "/x /jobs list #unknown @unknown-user"),
    ],
    ids=["escapes", "blocks", "lists and links", "mentions"],
)
async def test_words_alone_are_what_is_shown(page: Page, source: str, words: str) -> None:
    """Previews and screen readers get a text without markup, and nothing else is lost."""
    plain = "async (source) => { const { plain } = await import('/js/markdown/plain.js'); return plain(source); }"
    assert await page.evaluate(plain, source) == words
