// The list of messages of the open channel, and what is under way below it.

import { h, patch } from "../dom.js";
import { icon } from "../icons.js";
import { announce, announceMessage, known } from "../announce.js";
import { store } from "../store.js";
import { showMessage } from "./message.js";

const scroller = () => document.getElementById("messages");
const near = 120; // pixels from the end within which new messages pull the view along

let atEnd = true;
let example = null; // the video that plays for a newcomer

/** Start showing messages. */
export function startList() {
  const view = scroller();
  const button = document.getElementById("to-end");
  button.append(icon("chevron"));
  button.addEventListener("click", () => {
    atEnd = true;
    toEnd();
    view.focus();
  });
  let last = 0;
  view.addEventListener("scroll", () => {
    // Only a person moves up; what grows or shrinks around the list does not.
    if (view.scrollHeight - view.scrollTop - view.clientHeight < near) atEnd = true;
    else if (view.scrollTop < last) atEnd = false;
    last = view.scrollTop;
    if (atEnd) button.hidden = true;
  });
  // Pictures and videos that load late make the list longer; stay at its end if we were there.
  new ResizeObserver(() => atEnd && toEnd()).observe(document.getElementById("message-list"));
  new ResizeObserver(() => atEnd && toEnd()).observe(view);
  for (const event of ["load", "channel", "commands"]) {
    store.on(event, () => {
      atEnd = true;
      button.hidden = true;
      render();
    });
  }
  store.on("load", () => {
    for (const message of store.messages.values()) known(message);
  });
  store.on("message", ({ message, before }) => {
    if (!before && example) example.loop = false;
    if (!before && !atEnd && message.channel_id === store.channelId) button.hidden = false;
    if (message.author.id === store.state.me.id) atEnd = true;
    render();
    announceMessage(message);
  });
  store.on("removed", render);
  store.on("refresh", () => {
    document.getElementById("message-list").replaceChildren();
    render();
  });
  store.on("interaction", (entry) => {
    if (entry.mine && entry.state === "waiting" && !entry.source) atEnd = true;
    render();
    if (entry.state === "failed" && !entry.source) announce(`${entry.label ?? "Command"}: ${entry.error ?? "The application did not respond"}`);
  });
}

function toEnd() {
  const view = scroller();
  view.scrollTop = view.scrollHeight;
}

let scheduled = 0;

/** Draw soon, and once for all that happens until then: many jobs edit many messages at a time. */
function render() {
  scheduled ||= setTimeout(draw, 16);
}

function draw() {
  scheduled = 0;
  const messages = store.channelMessages();
  const list = document.getElementById("message-list");
  patch(
    list,
    messages.map((message, index) => {
      const previous = messages[index - 1];
      const answered = store.messages.get(message.message_reference?.message_id);
      const made = [message, previous, answered, store.state];
      const update = (item) => {
        if (item.madeFrom && made.every((part, at) => part === item.madeFrom[at])) return;
        item.madeFrom = made;
        showMessage(item, message, previous);
      };
      return {
        key: message.id,
        make: () => {
          const item = h("li", {});
          update(item);
          return item;
        },
        update,
      };
    }),
  );
  document.getElementById("welcome").hidden = messages.length > 0;
  patch(document.getElementById("pending"), pendingParts());
  if (atEnd) toEnd();
  if (store.state.sandbox.welcome) playExample(list);
}

/** Play the newest video of those there when the page opens, again and again, without sound. */
function playExample(list) {
  if (example || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  example = [...list.querySelectorAll("video")].at(-1) ?? null;
  if (!example) return;
  example.muted = example.loop = true;
  example.play().catch(() => {}); // a browser may forbid it; the player is there all the same
}

/** Commands that wait for the bot's first answer, and those it did not answer in time. */
function pendingParts() {
  const open = [...store.interactions].filter(([, entry]) => !entry.source && entry.label && entry.channel_id === store.channelId && (entry.state === "waiting" || entry.state === "failed"));
  return open.map(([id, entry]) => ({
    key: `${id}:${entry.state}`,
    make: () => (entry.state === "waiting" ? waitingLine(entry) : failedLine(id, entry)),
  }));
}

function waitingLine(entry) {
  return h("p", { class: "pending" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), `${entry.label} sent. Waiting for ${store.nameOf(store.state.bot.user)}…`);
}

function failedLine(id, entry) {
  return h(
    "p",
    { class: "pending pending-failed" },
    icon("alert"),
    h("span", {}, h("strong", {}, entry.error ?? "The application did not respond"), ` · ${entry.label} · Only you can see this · `),
    h("button", { type: "button", class: "linklike", on: { click: () => store.forget(id) } }, "Dismiss message"),
  );
}
