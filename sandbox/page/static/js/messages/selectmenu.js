// A select menu: a button that shows the choice and opens a listbox. One or several values.

import { h, uid } from "../dom.js";
import { icon } from "../icons.js";
import { closePopup, openPopup } from "../popup.js";

/**
 * @param {object} about
 * @param {object} about.component min_values, max_values, placeholder, disabled as in the API
 * @param {Array<{value: string, label: string, description?: string, default?: boolean}>} about.options
 * @param {(values: string[], node: HTMLElement) => void} about.choose called when a choice is complete
 * @param {string} [about.focusKey]
 * @param {string} [about.label] accessible name where no placeholder gives one
 * @param {string} [about.id] id for the button, to tie a label to it
 */
export function selectMenu({ component, options, choose, focusKey, label, id }) {
  const several = (component.max_values ?? 1) > 1;
  let chosen = new Set(options.filter((option) => option.default).map((option) => option.value));
  let active = 0;
  const listId = uid("menu");
  const text = h("span", { class: "select-text" });
  const button = h("button", { type: "button", class: "select", id, "aria-haspopup": "listbox", "aria-expanded": "false", disabled: Boolean(component.disabled), dataset: { focusKey: focusKey ?? "" } }, text, icon("chevron"));
  const list = h("ul", { class: "popup select-list", role: "listbox", id: listId, tabIndex: -1, "aria-multiselectable": several ? "true" : null, hidden: true, "aria-label": label ?? component.placeholder ?? "Choices" });
  const box = h("div", { class: "select-box" }, button, list);

  const show = () => {
    const names = options.filter((option) => chosen.has(option.value)).map((option) => option.label);
    text.textContent = names.join(", ") || component.placeholder || "Make a selection";
    text.classList.toggle("placeholder", names.length === 0);
    button.setAttribute("aria-label", `${label ?? component.placeholder ?? "Menu"}: ${names.join(", ") || "nothing chosen"}`);
    [...list.children].forEach((node, index) => {
      node.setAttribute("aria-selected", String(chosen.has(options[index].value)));
      node.classList.toggle("active", index === active);
    });
    list.setAttribute("aria-activedescendant", list.children[active]?.id ?? "");
  };
  const close = (focus = true) => {
    if (list.hidden) return;
    closePopup(list);
    button.setAttribute("aria-expanded", "false");
    if (focus) button.focus();
    if (several && chosen.size >= (component.min_values ?? 1)) choose([...chosen], button);
  };
  const open = () => {
    active = Math.max(0, options.findIndex((option) => chosen.has(option.value)));
    openPopup(list, button);
    button.setAttribute("aria-expanded", "true");
    show();
    list.focus();
  };
  const pick = (index) => {
    const { value } = options[index];
    active = index;
    if (several) {
      if (chosen.has(value)) chosen.delete(value);
      else if (chosen.size < component.max_values) chosen.add(value);
      show();
      return;
    }
    chosen = new Set([value]);
    show();
    close();
    choose([value], button);
  };
  options.forEach((option, index) => {
    list.append(
      h(
        "li",
        { role: "option", id: `${listId}-${index}`, class: "option", on: { click: () => pick(index) } },
        option.emoji?.name && h("span", { class: "emoji", "aria-hidden": "true" }, option.emoji.name),
        h("span", { class: "option-text" }, h("span", { class: "option-name" }, option.label), option.description && h("span", { class: "option-note" }, option.description)),
        icon("check"),
      ),
    );
  });
  button.addEventListener("click", () => (list.hidden ? open() : close()));
  button.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      open();
    }
  });
  list.addEventListener("keydown", (event) => keys(event, { move, pick: () => pick(active), close, letter }));
  list.addEventListener("focusout", (event) => !box.contains(event.relatedTarget) && close(false));

  function move(to) {
    active = Math.min(options.length - 1, Math.max(0, to === "first" ? 0 : to === "last" ? options.length - 1 : active + to));
    show();
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }
  function letter(key) {
    const found = options.findIndex((option, index) => index > active && option.label.toLowerCase().startsWith(key));
    const any = found >= 0 ? found : options.findIndex((option) => option.label.toLowerCase().startsWith(key));
    if (any >= 0) move(any - active);
  }
  show();
  return box;
}

function keys(event, { move, pick, close, letter }) {
  const steps = { ArrowDown: 1, ArrowUp: -1, Home: "first", End: "last" };
  if (event.key in steps) move(steps[event.key]);
  else if (event.key === "Enter" || event.key === " ") pick();
  else if (event.key === "Escape") close();
  else if (event.key === "Tab") return close();
  else if (event.key.length === 1) return letter(event.key.toLowerCase());
  else return undefined;
  event.preventDefault();
  event.stopPropagation();
  return undefined;
}
