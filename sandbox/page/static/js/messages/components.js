// Components: containers, text, sections, galleries, buttons and menus, as parts that survive edits (see dom.js).

import { h, patch, signature } from "../dom.js";
import { icon } from "../icons.js";
import { markdown } from "../markdown/render.js";
import { api } from "../api.js";
import { store } from "../store.js";
import { colour } from "./embeds.js";
import { covered, fileCard, gallery, picture } from "./media.js";
import { selectMenu } from "./selectmenu.js";

const kinds = { row: 1, button: 2, strings: 3, users: 5, roles: 6, mentionables: 7, channels: 8, section: 9, text: 10, thumbnail: 11, gallery: 12, file: 13, separator: 14, container: 17 };
const styles = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium" };
const menus = new Set([kinds.strings, kinds.users, kinds.roles, kinds.mentionables, kinds.channels]);

/**
 * Parts for a list of components.
 * @param {object} message the message they stand in
 * @param {Array<object>} components
 * @param {Set<string>} mentions ids of users really mentioned
 */
export function componentParts(message, components, mentions) {
  return components.map((component, index) => part(message, component, mentions, index));
}

function part(message, component, mentions, index) {
  if (component.type === kinds.container || component.type === kinds.row) {
    // Kept through edits, and its children compared one by one.
    const name = component.type === kinds.container ? "container" : "row";
    const update = (node) => fill(node, message, component, mentions);
    return { key: `${name}:${component.id ?? index}:${Boolean(component.spoiler)}`, make: () => shell(message, component, mentions), update };
  }
  return { key: signature(component), make: () => leaf(message, component, mentions) };
}

function shell(message, component, mentions) {
  const row = component.type === kinds.row;
  const node = h("div", { class: row ? "row" : "container" });
  fill(node, message, component, mentions);
  return row ? node : covered(component, node);
}

function fill(node, message, component, mentions) {
  const target = node.matches(".cover-box") ? node.querySelector(".container") : node;
  if (component.type === kinds.container) {
    target.classList.toggle("plain", !Number.isInteger(component.accent_color));
    if (Number.isInteger(component.accent_color)) target.style.setProperty("--accent", colour(component.accent_color));
  }
  patch(target, componentParts(message, component.components ?? [], mentions));
}

function leaf(message, component, mentions) {
  switch (component.type) {
    case kinds.text: return markdown(component.content, mentions);
    case kinds.section: return section(message, component, mentions);
    case kinds.thumbnail: return covered(component, picture(media(component), { small: true }));
    case kinds.gallery: return gallery(component.items.map((item) => media(item, message)));
    case kinds.file: return fileCard({ ...attachmentOf(component.file, message), name: component.name, size: component.size, spoiler: component.spoiler });
    case kinds.separator: return h(component.divider === false ? "div" : "hr", { class: `separator spacing-${component.spacing ?? 1}` });
    case kinds.button: return button(message, component);
    default: return menus.has(component.type) ? menu(message, component) : h("p", { class: "md-subtext" }, `(component of type ${component.type})`);
  }
}

/** The file a component shows: its resolved media, with what the message's attachment knows besides. */
function media(item, message) {
  return { ...attachmentOf(item.media, message), description: item.description ?? "", spoiler: item.spoiler };
}

function attachmentOf(file, message) {
  const known = message?.attachments?.find((attachment) => attachment.id === file.attachment_id || attachment.url.split("?")[0] === file.url.split("?")[0]);
  return { ...known, ...Object.fromEntries(Object.entries(file).filter(([, value]) => value !== null)) };
}

function section(message, component, mentions) {
  return h("div", { class: "section" }, h("div", { class: "section-text" }, component.components.map((child) => leaf(message, child, mentions))), component.accessory && h("div", { class: "accessory" }, leaf(message, component.accessory, mentions)));
}

function emoji(value) {
  if (!value?.name) return null;
  return h("span", { class: "emoji", "aria-hidden": "true" }, value.id ? `:${value.name}:` : value.name);
}

function button(message, component) {
  const style = styles[component.style] ?? "secondary";
  const label = component.label ?? "";
  const name = label || component.emoji?.name || "Button";
  if (style === "link") {
    return h("a", { class: "button button-link", href: component.url, target: "_blank", rel: "noopener noreferrer", "aria-label": label ? null : name }, emoji(component.emoji), label, icon("external"), h("span", { class: "sr" }, "(opens in a new tab)"));
  }
  const node = h("button", { type: "button", class: `button button-${style}`, disabled: Boolean(component.disabled), "aria-label": label ? null : name, dataset: { focusKey: component.custom_id ?? "", customId: component.custom_id ?? "" } }, h("span", { class: "button-face" }, emoji(component.emoji), label));
  node.addEventListener("click", () => act(node, message, name, () => api.click({ message_id: message.id, custom_id: component.custom_id })));
  return node;
}

function menu(message, component) {
  return selectMenu({
    component,
    focusKey: component.custom_id,
    options: menuOptions(component),
    choose: (values, node) => act(node, message, component.placeholder ?? "Menu", () => api.select({ message_id: message.id, custom_id: component.custom_id, values })),
  });
}

/** What a select menu offers: its own options, or people, roles and channels of the server. */
export function menuOptions(component) {
  const people = () => [...store.state.people, store.state.bot.user].filter(Boolean).map((user) => ({ value: user.id, label: store.nameOf(user) }));
  const roles = () => (store.state.guild.roles ?? []).map((role) => ({ value: role.id, label: `@${role.name}` }));
  switch (component.type) {
    case kinds.users: return people();
    case kinds.roles: return roles();
    case kinds.mentionables: return [...people(), ...roles()];
    case kinds.channels: return store.state.channels.filter((channel) => !component.channel_types?.length || component.channel_types.includes(channel.type)).map((channel) => ({ value: channel.id, label: `#${channel.name}` }));
    default: return component.options ?? [];
  }
}

/** Do something with a component and show that it is under way, until the bot answers. */
async function act(node, message, label, call) {
  if (node.getAttribute("aria-busy") === "true") return;
  node.setAttribute("aria-busy", "true");
  note(message.id, "");
  try {
    const { interaction_id: id } = await call();
    store.begin(id, { label, source: { messageId: message.id, node } });
  } catch (error) {
    node.removeAttribute("aria-busy");
    note(message.id, error.message);
  }
}

function note(messageId, text) {
  const line = document.querySelector(`.message[data-id="${messageId}"] > .failure`);
  if (!line) return;
  line.textContent = text;
  line.hidden = !text;
}

store.on("interaction", ({ state, error, source }) => {
  if (!source || state === "waiting") return;
  source.node.removeAttribute("aria-busy");
  note(source.messageId, state === "failed" ? (error ?? "This interaction failed") : "");
});
