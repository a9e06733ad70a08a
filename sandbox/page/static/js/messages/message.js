// One message: who, when, what it answers, and its body.

import { avatar, icon } from "../icons.js";
import { formatTime, messageTime } from "../clock.js";
import { h, patch, signature } from "../dom.js";
import { plain } from "../markdown/plain.js";
import { markdown } from "../markdown/render.js";
import { store } from "../store.js";
import { attachmentParts } from "./media.js";
import { componentParts } from "./components.js";
import { embedParts } from "./embeds.js";
import { appsButton } from "./menu.js";

const types = { menu: 23 }; // the answer to a command of a message's own menu
const flags = { ephemeral: 64, loading: 128, v2: 32768 };
const together = 7 * 60; // seconds within which messages of one author stand under one name

const seconds = (iso) => Date.parse(iso) / 1000;

/** Whether a message goes under the one before without repeating its author. */
function continues(message, previous) {
  return Boolean(
    previous &&
      previous.author.id === message.author.id &&
      !message.message_reference &&
      !usedCommand(message) &&
      (message.flags & flags.ephemeral) === (previous.flags & flags.ephemeral) &&
      seconds(message.timestamp) - seconds(previous.timestamp) < together,
  );
}

/** Bring a list item to what its message says now. */
export function showMessage(item, message, previous) {
  const grouped = continues(message, previous);
  item.className = `message${grouped ? " grouped" : ""}`;
  item.classList.toggle("ephemeral", Boolean(message.flags & flags.ephemeral));
  item.classList.toggle("mentions-me", Boolean(message.mentions?.some((user) => user.id === store.state.me.id)));
  item.dataset.id = message.id;
  const parts = [];
  if (!grouped) parts.push(...contextParts(message));
  parts.push({
    key: `head:${grouped}:${message.author.id}:${message.timestamp}`,
    make: () => (grouped ? sideTime(message) : head(message)),
  });
  parts.push({ key: "body", make: () => fill(h("div", { class: "body" }), message), update: (node) => fill(node, message) });
  parts.push({ key: "note", make: () => h("p", { class: "failure", role: "alert", hidden: true }) });
  if (message.flags & flags.ephemeral) parts.push({ key: "ephemeral", make: () => onlyYou(message) });
  parts.push({ key: `apps:${signature(menuCommands())}`, make: () => appsButton(message.id) });
  patch(item, parts);
}

const menuCommands = () => store.state.commands.filter((command) => command.type === 3).map((command) => command.name);

function fill(body, message) {
  const mentions = new Set((message.mentions ?? []).map((user) => user.id));
  const parts = [];
  if (message.flags & flags.loading) parts.push({ key: "loading", make: thinking });
  if (message.content) {
    const key = `content:${message.edited_timestamp}:${message.content}:${[...mentions]}`;
    parts.push({ key, make: () => content(message, mentions) });
  }
  parts.push(...embedParts(message, mentions), ...attachmentParts(message), ...componentParts(message, message.components ?? [], mentions));
  patch(body, parts);
  return body;
}

function contextParts(message) {
  const command = usedCommand(message);
  if (message.message_reference) {
    const target = store.messages.get(message.message_reference.message_id) ?? message.referenced_message;
    return [{ key: `reply:${target ? target.id + excerpt(target) : "gone"}`, make: () => replyLine(message, target) }];
  }
  return command ? [{ key: "command", make: () => commandLine(command) }] : [];
}

function usedCommand(message) {
  const about = message.interaction_metadata ?? message.interaction;
  const name = message.interaction?.name ?? message.interaction_metadata?.name;
  return about?.user && name ? { user: about.user, name: message.type === types.menu ? name : `/${name}` } : null;
}

function commandLine({ user, name }) {
  return h("p", { class: "context" }, icon("reply"), h("span", { class: "sr" }, "Answer: "), avatar(user, 16), h("bdi", { class: "who" }, store.nameOf(user)), " used ", h("code", { class: "mention" }, name));
}

function excerpt(message) {
  const texts = [message.content ?? ""];
  const visit = (component) => {
    if (component.type === 10) texts.push(component.content);
    for (const child of component.components ?? []) visit(child);
  };
  for (const component of message.components ?? []) visit(component);
  // Without times: the line is drawn once and would not keep up with them.
  return texts.map((text) => plain(text, () => "")).join(" ").replace(/\s+/g, " ").trim().slice(0, 120);
}

function replyLine(message, target) {
  const line = h("p", { class: "context" }, icon("reply"), h("span", { class: "sr" }, "Replying to "));
  if (!target) {
    line.append(h("em", {}, "Original message was deleted"));
    return line;
  }
  const show = h("button", { type: "button", class: "jump", title: "Show the message" }, avatar(target.author, 16), h("bdi", { class: "who" }, store.nameOf(target.author)), h("bdi", { class: "excerpt" }, excerpt(target) || "Click to see attachment"));
  show.addEventListener("click", () => {
    const item = document.querySelector(`.message[data-id="${target.id}"]`);
    if (!item) return;
    item.scrollIntoView({ block: "center" });
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
    item.classList.add("flash");
    setTimeout(() => item.classList.remove("flash"), 1600);
  });
  line.append(show);
  return line;
}

function time(message, text) {
  const unix = seconds(message.timestamp);
  return h("time", { class: "when", dateTime: message.timestamp, title: formatTime(unix, "F") }, text);
}

function head(message) {
  return h(
    "div",
    { class: "head" },
    avatar(message.author),
    h("h2", { class: "author" }, h("bdi", {}, store.nameOf(message.author))),
    message.author.bot && h("span", { class: "tag" }, "BOT"),
    time(message, messageTime(seconds(message.timestamp))),
  );
}

function sideTime(message) {
  return h("div", { class: "head-grouped" }, h("span", { class: "sr" }, store.nameOf(message.author)), time(message, formatTime(seconds(message.timestamp), "t")));
}

function content(message, mentions) {
  const node = markdown(message.content, mentions);
  if (message.edited_timestamp) {
    const end = node.lastElementChild?.matches("p") ? node.lastElementChild : node;
    end.append(" ", h("span", { class: "edited", title: formatTime(seconds(message.edited_timestamp), "F") }, "(edited)"));
  }
  return node;
}

function thinking() {
  return h("p", { class: "thinking" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), `${store.nameOf(store.state.bot.user)} is thinking…`);
}

function onlyYou(message) {
  return h(
    "p",
    { class: "only-you" },
    icon("eye"),
    "Only you can see this · ",
    h("button", { type: "button", class: "linklike", on: { click: () => store.dismiss(message.id) } }, "Dismiss message"),
  );
}
