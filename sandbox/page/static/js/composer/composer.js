// The composer: a command's form or a plain message, whatever was chosen last.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { api } from "../api.js";
import { announce } from "../announce.js";
import { selectMenu } from "../messages/selectmenu.js";
import { store } from "../store.js";
import { commandForm, leafCommands } from "./command.js";
import { fileTray } from "./files.js";

const plainMessage = "";
const preselected = "video";
const maxFiles = 10;

let chosen = preselected;
let form = null;
let shownFor = "";
let welcomed = false; // once something was sent, the form starts empty

const part = (id) => document.getElementById(id);

/** Start the composer. */
export function startComposer() {
  const node = part("composer");
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  node.addEventListener("keydown", (event) => {
    const list = event.target.getAttribute?.("aria-expanded") === "true";
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !event.defaultPrevented && !list && event.target.matches("textarea, input")) {
      event.preventDefault();
      send();
    }
  });
  node.addEventListener("input", (event) => {
    problem("");
    if (event.target.matches("textarea")) grow(event.target);
  });
  node.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) {
      event.preventDefault();
      form?.take(event.clipboardData.files);
    }
  });
  dropTarget(document.querySelector("main"));
  for (const event of ["load", "commands", "channel"]) store.on(event, refresh);
  store.on("problem", ({ text }) => problem(text));
}

function dropTarget(area) {
  area.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    area.classList.add("dropping");
  });
  area.addEventListener("dragleave", (event) => !area.contains(event.relatedTarget) && area.classList.remove("dropping"));
  area.addEventListener("drop", (event) => {
    area.classList.remove("dropping");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    form?.take(event.dataTransfer.files);
  });
}

/** Show the form again only when what it is made from changed; what was typed stays otherwise. */
function refresh() {
  const leaves = leafCommands(store.state.commands);
  const command = leaves.find((leaf) => leaf.name === chosen);
  const key = JSON.stringify([leaves, command ? chosen : plainMessage, command ? "" : store.channelId, store.state.me.id]);
  if (key === shownFor) return;
  shownFor = key;
  show(leaves, command);
}

function show(leaves, command) {
  form?.close();
  problem("");
  const options = [
    ...leaves.map((leaf) => ({ value: leaf.name, label: `/${leaf.name}`, description: leaf.description, default: leaf === command })),
    { value: plainMessage, label: "Message", description: "Write in the channel, without a command", default: !command },
  ];
  const picker = selectMenu({ component: {}, options, label: "Command", choose: ([name]) => choose(name) });
  picker.classList.add("command-picker");
  const { welcome } = store.state.sandbox;
  form = command ? commandForm(command, problem, !welcomed && welcome?.command === command.name ? welcome : null) : messageForm();
  const about = command?.description ?? "Type / for commands";
  const line = h("p", { class: "composer-about", title: about }, about);
  form.node.addEventListener("focusin", (event) => {
    const note = event.target.closest(".field")?.querySelector(".field-note")?.textContent;
    line.textContent = note || about;
  });
  form.node.addEventListener("focusout", () => {
    line.textContent = about;
  });
  part("composer-head").replaceChildren(picker, line);
  part("composer-form").replaceChildren(form.node);
  for (const area of form.node.querySelectorAll("textarea")) grow(area);
}

function choose(name) {
  chosen = name;
  refresh();
  form.focus();
}

function messageForm() {
  const channel = store.channel(store.channelId);
  const text = h("textarea", { rows: 1, class: "field-input", id: "message-text", dir: "auto", maxLength: 2000, "aria-label": `Message #${channel?.name ?? ""}`, placeholder: `Message #${channel?.name ?? ""}` });
  const tray = fileTray({ slots: Array.from({ length: maxFiles }, () => ({ name: "" })), label: "Files for this message", problem });
  text.addEventListener("input", () => {
    if (text.value !== "/") return;
    text.value = "";
    document.querySelector(".command-picker .select").click();
  });
  return {
    node: h("div", { class: "command-form" }, text, tray.list, h("div", { class: "extras" }, tray.bar)),
    focus: () => text.focus(),
    take: tray.take,
    close: tray.clear,
    async send() {
      await tray.loaded();
      const files = tray.files().map(([, file], index) => [`files[${index}]`, file]);
      if (!text.value.trim() && !files.length) {
        problem("Write a message or add a file first.");
        text.focus();
        return false;
      }
      await api.send({ channel_id: store.channelId, content: text.value.trim() }, files);
      return true;
    },
  };
}

async function send() {
  const button = part("send");
  if (!form || button.getAttribute("aria-busy") === "true") return;
  problem("");
  button.setAttribute("aria-busy", "true");
  try {
    if (await form.send()) {
      announce("Sent");
      welcomed = true;
      shownFor = "";
      refresh();
      form.focus();
    }
  } catch (error) {
    problem(error.message);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** Show why something was not sent; an empty text takes it away. */
function problem(text) {
  const line = part("composer-error");
  if (!text && line.hidden) return;
  line.replaceChildren(...(text ? [icon("alert"), h("span", {}, text)] : []));
  line.hidden = !text;
}

const highest = 220; // pixels, then the text scrolls

function grow(area) {
  area.style.setProperty("height", "auto");
  area.style.setProperty("height", `${Math.min(area.scrollHeight + 2, highest)}px`);
}
