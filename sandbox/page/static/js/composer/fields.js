// One control per option of a command, from the option's registered description.

import { h, uid } from "../dom.js";
import { icon } from "../icons.js";
import { menuOptions } from "../messages/components.js";
import { combobox } from "./combobox.js";

export const types = { subcommand: 1, group: 2, string: 3, integer: 4, boolean: 5, user: 6, channel: 7, role: 8, mentionable: 9, number: 10, attachment: 11 };

const listed = { [types.user]: 5, [types.role]: 6, [types.mentionable]: 7, [types.channel]: 8 }; // as select menus
const numeric = new Set([types.integer, types.number]);

/** The choices an option has by itself, or null where anything may be typed. */
function fixedChoices(option) {
  if (option.choices?.length) return option.choices;
  if (option.type === types.boolean) return [{ name: "True", value: true }, { name: "False", value: false }];
  if (option.type in listed) return menuOptions({ type: listed[option.type], channel_types: option.channel_types }).map(({ label, value }) => ({ name: label, value }));
  return null;
}

/**
 * @param {object} option as registered
 * @param {object} about
 * @param {(text: string) => Promise<Array>} about.complete asks the bot what to offer for this option
 * @param {(() => void)|null} about.remove takes an optional field away again
 * @returns {{node: HTMLElement, option: object, focus: () => void, read: () => {value?: unknown, error?: string, empty?: boolean}, check: () => boolean}}
 */
export function makeField(option, { complete, remove }) {
  const id = uid("field");
  const fixed = fixedChoices(option);
  const describedBy = `${id}-note ${id}-error`;
  const error = h("p", { class: "field-error", id: `${id}-error`, hidden: true });
  let control;
  let picked = () => null;
  let body;
  const clean = () => show("");
  if (fixed || option.autocomplete) {
    const load = fixed ? async (text) => fixed.filter((choice) => choice.name.toLowerCase().includes(text.toLowerCase())).slice(0, 25) : complete;
    const box = combobox({ load, id, describedBy, required: option.required, inputMode: numeric.has(option.type) ? "decimal" : "text", changed: clean });
    control = box.input;
    picked = box.picked;
    body = box.node;
  } else if (option.type === types.string) {
    control = h("textarea", { id, rows: 1, placeholder: " ", class: "field-input", dir: "auto", "aria-describedby": describedBy, "aria-required": option.required ? "true" : null });
    control.addEventListener("input", clean);
    body = control;
  } else {
    control = h("input", { type: "text", placeholder: " ", inputMode: option.type === types.integer ? "numeric" : "decimal", autocomplete: "off", id, class: "field-input", "aria-describedby": describedBy, "aria-required": option.required ? "true" : null });
    control.addEventListener("input", clean);
    body = control;
  }
  const show = (text) => {
    error.textContent = text;
    error.hidden = !text;
    if (text) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  };
  const read = () => {
    const text = control.value.trim();
    if (!text) return option.required ? { error: "This option is required. Specify a value." } : { empty: true };
    const choice = picked();
    if (choice) return { value: choice.value };
    return fixed ? { error: "Choose one of the options." } : typed(option, text);
  };
  const wide = option.type === types.string && !option.autocomplete && !fixed;
  const node = h(
    "div",
    { class: `field${wide ? " field-wide" : ""}`, dataset: { option: option.name } },
    h("label", { for: id, class: "field-label" }, option.name, option.required && h("span", { class: "required" }, " required")),
    h("div", { class: "field-body" }, body),
    remove && h("button", { type: "button", class: "icon-button field-remove", "aria-label": `Remove ${option.name}`, title: "Remove", on: { click: remove } }, icon("close")),
    h("p", { class: "field-note", id: `${id}-note` }, note(option)),
    error,
  );
  const check = () => {
    const result = read();
    show(result.error ?? "");
    return !result.error;
  };
  return { node, option, control, focus: () => control.focus(), read, check, text: () => control.value };
}

function note(option) {
  const bounds = [];
  if (option.min_value !== undefined && option.max_value !== undefined) bounds.push(`${option.min_value} to ${option.max_value}`);
  else if (option.min_value !== undefined) bounds.push(`${option.min_value} or more`);
  else if (option.max_value !== undefined) bounds.push(`${option.max_value} or less`);
  return [option.description, ...bounds].filter(Boolean).join(" · ");
}

/** What was typed into a free field, as the option's type. The sentences are like those of chat programs. */
function typed(option, text) {
  if (!numeric.has(option.type)) {
    if (option.min_length && text.length < option.min_length) return { error: `Use at least ${option.min_length} characters.` };
    if (option.max_length && text.length > option.max_length) return { error: `Use at most ${option.max_length} characters (now ${text.length}).` };
    return { value: text };
  }
  const whole = option.type === types.integer;
  const pattern = whole ? /^[+-]?\d{1,15}$/ : /^[+-]?(\d+\.?\d*|\.\d+)$/;
  if (!pattern.test(text)) return { error: whole ? "Input a valid integer." : "Input a valid number." };
  const value = Number(text);
  if (option.min_value !== undefined && value < option.min_value) return { error: `The value must be ${option.min_value} or more.` };
  if (option.max_value !== undefined && value > option.max_value) return { error: `The value must be ${option.max_value} or less.` };
  return { value };
}
