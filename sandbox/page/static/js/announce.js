// What a screen reader hears. The message list itself is silent, because a status message is edited every few
// seconds; here only what is new is said: new messages, and the lines of an edited message that changed.

import { relativeText } from "./clock.js";
import { plain } from "./markdown/plain.js";
import { store } from "./store.js";

const quiet = 1500; // milliseconds between two announcements: the newest state of each message wins
const kept = 20;
const waiting = new Map();
let timer = 0;

/**
 * Say a sentence politely. A later one with the same key replaces one that has not been said.
 * @param {string|(() => string)} text a function is asked when its turn comes; an empty answer is not said
 * @param {string} [key]
 */
export function announce(text, key = String(text)) {
  waiting.set(key, text);
  if (!timer) timer = setTimeout(speak, quiet / 10);
}

function speak() {
  const log = document.getElementById("announcements");
  for (const entry of waiting.values()) {
    const text = typeof entry === "function" ? entry() : entry;
    if (!text) continue;
    const line = document.createElement("p");
    line.textContent = text;
    log.append(line);
  }
  waiting.clear();
  while (log.children.length > kept) log.firstChild.remove();
  timer = setTimeout(() => {
    timer = 0;
    if (waiting.size) speak();
  }, quiet);
}

const time = /\u0000(-?\d+)\u0000/g;
const mark = ({ unix }) => `\u0000${unix}\u0000`;

/** The lines a person reads in a message, in order, with times still as marks that no text can hold. */
function lines(message) {
  const found = [];
  const visit = (component) => {
    if (component.content) found.push(...plain(component.content, mark).split("\n"));
    for (const child of component.components ?? []) visit(child);
    if (component.items) found.push(...component.items.map((item) => item.description ?? ""));
  };
  found.push(...plain(message.content ?? "", mark).split("\n"));
  for (const component of message.components ?? []) visit(component);
  for (const file of message.attachments ?? []) found.push(`attached ${file.filename}`);
  return found.map((line) => line.trim()).filter(Boolean);
}

const said = new Map(); // message id → the lines that were said, without their times

/** Take a message as read: what it says now is not announced. */
export function known(message) {
  said.set(message.id, new Set(lines(message).map((line) => line.replace(time, ""))));
}

/** Say what is new in a message since it was last heard of. */
export function announceMessage(message) {
  if (message.channel_id !== store.channelId) {
    known(message);
    return;
  }
  announce(() => {
    const latest = store.messages.get(message.id);
    if (!latest) return "";
    const old = said.get(message.id) ?? new Set();
    const fresh = lines(latest).filter((line) => !old.has(line.replace(time, "")));
    known(latest);
    if (!fresh.length) return "";
    const only = latest.flags & 64 ? " (only you can see this)" : "";
    const text = fresh.map((line) => line.replace(time, (_, unix) => relativeText(Number(unix)))).join("\n");
    return `${store.nameOf(latest.author)}${only}: ${text}`;
  }, message.id);
}
