// The form of a slash command: required options first, attachments in a tray, the others as chips to add.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { api } from "../api.js";
import { store } from "../store.js";
import { fileTray } from "./files.js";
import { makeField, types } from "./fields.js";

/** A text of a command in the language of who uses the page, as Discord's client shows it. */
function said(entry, key) {
  return entry[`${key}_localizations`]?.[store.state.sandbox.languages?.person] ?? entry[key];
}

/** An option with its own texts, and those of its choices, in that language. Names of options stay as they are. */
function translated(option) {
  return { ...option, description: said(option, "description"), choices: option.choices?.map((choice) => ({ ...choice, name: said(choice, "name") })) };
}

/** Every slash command that can be used, subcommands spelled out: {name: "budget set", description, options}. */
export function leafCommands(commands) {
  const leaves = [];
  const visit = (entry, path) => {
    const name = [...path, entry.name].join(" ");
    const inner = (entry.options ?? []).filter((option) => option.type === types.subcommand || option.type === types.group);
    if (inner.length) for (const child of inner) visit(child, [...path, entry.name]);
    else leaves.push({ name, description: said(entry, "description"), options: (entry.options ?? []).map(translated) });
  };
  for (const command of commands) if ((command.type ?? 1) === 1) visit(command, []);
  return leaves;
}

const offered = 3; // optional options shown at first; the others are one press away

/**
 * @param {object} command a leaf command
 * @param {(text: string) => void} problem shows a sentence at the composer
 * @param {{options: object, samples: string[]}|null} filled values and bundled pictures that are there from the start
 * @returns {{node: HTMLElement, focus: () => void, send: () => Promise<boolean>, take: (files: Iterable<File>) => void, close: () => void}}
 */
export function commandForm(command, problem, filled = null) {
  const plain = command.options.filter((option) => option.type !== types.attachment);
  const slots = command.options.filter((option) => option.type === types.attachment);
  const fields = new Map();
  let unfolded = false;
  const wide = h("div", { class: "fields" });
  const chips = h("div", { class: "chips", role: "group", "aria-label": "More options" });
  const tray = slots.length ? fileTray({ slots, label: `Files for /${command.name}`, problem }) : null;

  const values = (without) => {
    const found = {};
    for (const [name, field] of fields) {
      const { value } = name === without ? {} : field.read();
      if (value !== undefined) found[name] = value;
    }
    return found;
  };
  const complete = (option) => async (text) => {
    const files = Object.fromEntries((tray?.files() ?? []).map(([name, file]) => [name, file.name]));
    const options = { ...files, ...values(option.name), [option.name]: text };
    const { choices } = await api.autocomplete({ channel_id: store.channelId, command: command.name, options, focused: option.name });
    return choices;
  };
  const add = (option, focus) => {
    const remove = option.required ? null : () => drop(option);
    const field = makeField(option, { complete: complete(option), remove });
    fields.set(option.name, field);
    const order = plain.filter((entry) => fields.has(entry.name)).map((entry) => fields.get(entry.name).node);
    wide.insertBefore(field.node, order[order.indexOf(field.node) + 1] ?? null);
    drawChips();
    if (focus) field.focus();
  };
  const drop = (option) => {
    fields.get(option.name).node.remove();
    fields.delete(option.name);
    drawChips();
    chips.querySelector(`[data-add="${CSS.escape(option.name)}"]`)?.focus();
  };
  const unfold = () => {
    unfolded = true;
    const at = chips.children.length - 1;
    drawChips();
    chips.children[at]?.focus();
  };
  const drawChips = () => {
    const rest = plain.filter((option) => !fields.has(option.name));
    const folded = !unfolded && rest.length > offered + 1;
    const more = h("button", { type: "button", class: "chip", "aria-expanded": "false", on: { click: unfold } }, `+${rest.length - offered} more`);
    chips.replaceChildren(...(folded ? rest.slice(0, offered) : rest).map((option) => h("button", { type: "button", class: "chip", title: option.description, dataset: { add: option.name }, "aria-label": `Add option ${option.name}: ${option.description}`, on: { click: () => add(option, true) } }, icon("plus"), option.name)), ...(folded ? [more] : []));
    chips.hidden = rest.length === 0;
  };
  for (const option of plain) if (option.required || filled?.options[option.name]) add(option, false);
  for (const [name, value] of Object.entries(filled?.options ?? {})) if (fields.has(name)) fields.get(name).control.value = value;
  for (const url of filled?.samples ?? []) tray?.load(url);
  drawChips();

  async function send() {
    const wrong = [...fields.values()].filter((field) => !field.check());
    if (wrong.length) {
      wrong[0].focus();
      const { error } = wrong[0].read();
      problem(`${wrong[0].option.name}: ${error}`);
      return false;
    }
    await tray?.loaded();
    const missing = tray?.missing() ?? [];
    if (missing.length) {
      problem(`${missing[0].name}: This option is required. Add a file.`);
      tray.button.focus();
      return false;
    }
    const payload = { channel_id: store.channelId, command: command.name, options: values() };
    const { interaction_id: id } = await api.command(payload, tray?.files() ?? []);
    store.begin(id, { label: `/${command.name}`, channel_id: payload.channel_id });
    return true;
  }
  return {
    node: h("div", { class: "command-form" }, wide, tray?.list, h("div", { class: "extras" }, tray?.bar, chips)),
    focus: () => (fields.values().next().value ?? { focus: () => (tray?.button ?? chips.firstChild)?.focus() }).focus(),
    send,
    take: (files) => (tray ? tray.take(files) : problem("This command takes no files.")),
    close: () => tray?.clear(),
  };
}
