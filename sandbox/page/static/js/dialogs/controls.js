// The controls a modal may hold, each with its label, its description and its own check.

import { h, uid } from "../dom.js";
import { menuOptions } from "../messages/components.js";
import { selectMenu } from "../messages/selectmenu.js";
import { fileTray } from "../composer/files.js";

const kinds = { text: 4, upload: 19, radio: 21, checks: 22, check: 23 };

/**
 * @param {object} component the control inside a label (or, in old modals, inside an action row)
 * @param {{label: string, description: string}} about
 * @param {(text: string) => void} say shows a sentence in the dialog
 * @returns {{customId: string, node: HTMLElement, focus: () => void, check: () => boolean, value?: () => unknown, files?: () => File[]}}
 */
export function modalControl(component, about, say) {
  const make = { [kinds.text]: textInput, [kinds.upload]: upload, [kinds.radio]: options, [kinds.checks]: options, [kinds.check]: checkbox }[component.type] ?? menu;
  return { customId: component.custom_id, ...make({ required: true, ...component }, about, say) };
}

function frame(about, id, required, body, group = false) {
  const error = h("p", { class: "field-error", id: `${id}-error`, hidden: true });
  const title = [about.label, required && h("span", { class: "required" }, " required")];
  const note = about.description && h("p", { class: "field-note", id: `${id}-note` }, about.description);
  const node = group ? h("fieldset", { class: "modal-row", "aria-describedby": `${id}-note ${id}-error` }, h("legend", { class: "modal-label" }, title), note, body, error) : h("div", { class: "modal-row" }, h("label", { class: "modal-label", for: id }, title), note, body, error);
  const show = (text) => {
    error.textContent = text;
    error.hidden = !text;
    return !text;
  };
  return { node, show };
}

function textInput(component, about) {
  const id = uid("text");
  const long = component.style === 2;
  const input = h(long ? "textarea" : "input", { id, class: "field-input", dir: "auto", value: component.value ?? "", placeholder: component.placeholder ?? "", ...(long ? { rows: 4 } : { type: "text", autocomplete: "off" }), maxLength: component.max_length ?? 4000, "aria-describedby": `${id}-note ${id}-error`, "aria-required": component.required ? "true" : null });
  const { node, show } = frame(about, id, component.required, input);
  const problem = () => {
    const { length } = input.value;
    if (component.required && !length) return "This field is required.";
    if (length && component.min_length && length < component.min_length) return `Must be ${component.min_length} or more in length.`;
    return "";
  };
  const check = () => {
    const good = show(problem());
    if (good) input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
    return good;
  };
  return { node, focus: () => input.focus(), check, value: () => input.value };
}

function menu(component, about) {
  const id = uid("menu");
  let chosen = (component.options ?? []).filter((option) => option.default).map((option) => option.value);
  const box = selectMenu({ component, options: menuOptions(component), id, label: about.label, choose: (values) => (chosen = values) });
  const { node, show } = frame(about, id, component.required, box);
  const least = component.required ? Math.max(1, component.min_values ?? 1) : 0;
  return { node, focus: () => box.querySelector("button").focus(), check: () => show(chosen.length < least ? "Please make a selection." : ""), value: () => chosen };
}

function upload(component, about, say) {
  const id = uid("upload");
  const most = component.max_values ?? 1;
  const least = component.required ? Math.max(1, component.min_values ?? 1) : 0;
  const tray = fileTray({ slots: Array.from({ length: most }, () => ({ name: "" })), label: about.label, problem: say });
  const { node, show } = frame(about, id, component.required, [tray.list, tray.bar], true);
  const files = () => tray.files().map(([, file]) => file);
  return { node, focus: () => tray.button.focus(), check: () => show(files().length < least ? `Add at least ${least} ${least === 1 ? "file" : "files"}.` : ""), files, loaded: tray.loaded };
}

function options(component, about) {
  const id = uid("group");
  const single = component.type === kinds.radio;
  const inputs = component.options.map((option) => h("input", { type: single ? "radio" : "checkbox", name: id, value: option.value, checked: Boolean(option.default) }));
  const rows = component.options.map((option, index) => h("label", { class: "choice" }, inputs[index], h("span", { class: "option-text" }, h("span", { class: "option-name" }, option.label), option.description && h("span", { class: "option-note" }, option.description))));
  const { node, show } = frame(about, id, component.required, rows, true);
  const chosen = () => inputs.filter((input) => input.checked).map((input) => input.value);
  const problem = () => {
    const least = component.required ? Math.max(1, component.min_values ?? 1) : 0;
    if (chosen().length < least) return single || least === 1 ? "Please make a selection." : `Choose at least ${least}.`;
    if (!single && component.max_values && chosen().length > component.max_values) return `Choose at most ${component.max_values}.`;
    return "";
  };
  return { node, focus: () => (inputs.find((input) => input.checked) ?? inputs[0]).focus(), check: () => show(problem()), value: () => (single ? (chosen()[0] ?? null) : chosen()) };
}

function checkbox(component, about) {
  const id = uid("check");
  const input = h("input", { type: "checkbox", id, checked: Boolean(component.default) });
  const node = h("div", { class: "modal-row" }, h("label", { class: "choice" }, input, h("span", { class: "option-text" }, h("span", { class: "option-name" }, about.label), about.description && h("span", { class: "option-note" }, about.description))));
  return { node, focus: () => input.focus(), check: () => true, value: () => input.checked };
}
