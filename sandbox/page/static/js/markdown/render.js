// Markdown nodes to DOM nodes. Only elements named here can come out, with text nodes inside.

import { formatTime, tick } from "../clock.js";
import { h } from "../dom.js";
import { store } from "../store.js";
import { parse } from "./parse.js";
import { mention as mentionText } from "./plain.js";

/**
 * Render a message's text.
 * @param {string} source
 * @param {Set<string>} [mentions] ids of the users the message really mentions; others are shown without highlight
 * @returns {HTMLElement} a `div.markdown`
 */
export function markdown(source, mentions = new Set()) {
  return h("div", { class: "markdown", dir: "auto" }, parse(String(source)).map((node) => element(node, mentions)));
}

function element(node, mentions) {
  const inner = () => (node.content ?? []).map((child) => element(child, mentions));
  switch (node.type) {
    case "text": return document.createTextNode(node.text);
    case "paragraph": return h(node.content.some((child) => child.type === "fence") ? "div" : "p", { dir: "auto" }, inner());
    // Below the author of the message, whatever size it was given: nobody who reads by headings misses a level.
    case "heading": return h("h3", { class: `md-h${node.level}`, dir: "auto" }, inner());
    case "subtext": return h("p", { class: "md-subtext", dir: "auto" }, h("small", {}, inner()));
    case "quote": return h("blockquote", {}, inner());
    case "list": return list(node, mentions);
    case "fence": return h("pre", { tabIndex: 0, "aria-label": "Code" }, h("code", { dataset: node.language ? { language: node.language } : {} }, node.text));
    case "code": return h("code", {}, node.text);
    case "strong": return h("strong", {}, inner());
    case "em": return h("em", {}, inner());
    case "underline": return h("u", {}, inner());
    case "strike": return h("s", {}, inner());
    case "spoiler": return spoiler(inner());
    case "link": return link(node, inner());
    case "time": return time(node);
    default: return mention(node, mentions);
  }
}

function list(node, mentions) {
  return h(
    node.ordered ? "ol" : "ul",
    node.ordered && node.start !== 1 ? { start: node.start } : {},
    node.items.map((item) => h("li", { dir: "auto" }, item.content.map((child) => element(child, mentions)), item.list && list(item.list, mentions))),
  );
}

function link(node, children) {
  const parsed = URL.canParse(node.url) ? new URL(node.url) : null;
  if (!parsed || (parsed.protocol !== "https:" && parsed.protocol !== "http:")) return h("span", {}, children);
  return h("a", { href: parsed.href, target: "_blank", rel: "noopener noreferrer", title: parsed.href, dir: "auto" }, children);
}

function spoiler(children) {
  const hidden = h("span", { class: "spoiler-text", inert: true }, children);
  const button = h("button", { type: "button", class: "spoiler", "aria-label": "Spoiler: show" }, hidden);
  button.addEventListener("click", () => button.replaceWith(h("span", { class: "spoiler-open" }, ...hidden.childNodes)));
  return button;
}

function time(node) {
  const date = new Date(node.unix * 1000);
  if (Number.isNaN(date.getTime())) return document.createTextNode("Invalid date");
  const mark = h("time", { dateTime: date.toISOString(), title: formatTime(node.unix, "F") });
  if (node.style === "R") tick(mark, node.unix);
  else mark.textContent = formatTime(node.unix, node.style);
  return mark;
}

function mention(node, mentions) {
  const real = node.type === "user" && mentions.has(node.id);
  const me = real && node.id === store.state.me.id;
  const classes = `mention${real ? " mention-real" : ""}${me ? " mention-me" : ""}`;
  return h(node.type === "command" ? "code" : "bdi", { class: classes }, mentionText(node));
}
