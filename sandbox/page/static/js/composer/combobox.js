// An editable combobox with a list (ARIA 1.2): the focus stays in the text field, the list follows the arrow keys.

import { h, uid } from "../dom.js";
import { announce } from "../announce.js";
import { closePopup, openPopup } from "../popup.js";

const pause = 150; // milliseconds of quiet before the bot is asked

/**
 * @param {object} about
 * @param {(text: string) => Promise<Array<{name: string, value: unknown}>>} about.load what to offer for a text
 * @param {string} about.id
 * @param {string} about.describedBy
 * @param {boolean} about.required
 * @param {string} [about.inputMode]
 * @param {string} [about.placeholder]
 * @param {() => void} about.changed
 * @returns {{node: HTMLElement, input: HTMLInputElement, text: () => string, picked: () => object|null}}
 */
export function combobox({ load, id, describedBy, required, inputMode, placeholder = " ", changed }) {
  const listId = uid("options");
  const input = h("input", { type: "text", id, class: "field-input", role: "combobox", autocomplete: "off", spellcheck: false, inputMode, placeholder, "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId, "aria-describedby": describedBy, "aria-required": required ? "true" : null });
  const list = h("ul", { class: "popup combo-list", role: "listbox", id: listId, "aria-label": "Suggestions", hidden: true });
  const node = h("div", { class: "combo" }, input, list);
  let choices = [];
  let active = -1;
  let picked = null;
  let asked = 0;
  let timer = 0;

  const close = () => {
    clearTimeout(timer);
    asked += 1; // an answer that is still on its way must not open the list again
    closePopup(list);
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    active = index;
    [...list.children].forEach((option, at) => {
      option.classList.toggle("active", at === index);
      option.setAttribute("aria-selected", String(at === index));
    });
    const option = list.children[index];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const pick = (index) => {
    picked = choices[index];
    input.value = picked.name;
    close();
    changed();
  };
  const open = (message) => {
    list.replaceChildren(
      ...(message
        ? [h("li", { class: "option-empty", role: "option", "aria-disabled": "true", id: `${listId}-none` }, message)]
        : choices.map((choice, index) => h("li", { role: "option", id: `${listId}-${index}`, class: "option", "aria-selected": "false", on: { mousedown: (event) => event.preventDefault(), click: () => pick(index) } }, h("bdi", { class: "option-name" }, choice.name)))),
    );
    openPopup(list, input);
    input.setAttribute("aria-expanded", "true");
  };
  const ask = async () => {
    asked += 1;
    const mine = asked;
    let message = "";
    let kept;
    try {
      const found = await load(picked ? "" : input.value);
      if (mine !== asked) return;
      kept = choices[active]?.value; // what the arrow keys chose stays chosen in a longer or shorter list
      choices = found;
      if (!choices.length) message = "No options match your search.";
    } catch (error) {
      if (mine !== asked) return;
      choices = [];
      message = `Loading options failed: ${error.message}`;
    }
    if (document.activeElement !== input) return;
    open(message);
    mark(choices.findIndex((choice) => choice.value === kept));
    announce(message || `${choices.length} ${choices.length === 1 ? "option" : "options"}`, "combobox");
  };
  input.addEventListener("input", () => {
    picked = null;
    changed();
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  });
  input.addEventListener("focus", ask);
  input.addEventListener("click", () => list.hidden && ask());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const last = choices.length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else if (choices.length) mark(event.key === "ArrowDown" ? (active >= last ? 0 : active + 1) : active <= 0 ? last : active - 1);
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      pick(active);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Tab" && !list.hidden && active >= 0) pick(active);
  });
  const exact = () => choices.find((choice) => choice.name.toLowerCase() === input.value.trim().toLowerCase()) ?? null;
  return { node, input, text: () => input.value, picked: () => picked ?? exact() };
}
