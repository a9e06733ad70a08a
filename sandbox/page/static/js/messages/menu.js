// The "Apps" menu of a message: the bot's message commands.

import { h, uid } from "../dom.js";
import { icon } from "../icons.js";
import { api } from "../api.js";
import { closePopup, openPopup } from "../popup.js";
import { store } from "../store.js";

/** A menu button with the registered message commands; an empty placeholder where there are none. */
export function appsButton(messageId) {
  const commands = store.state.commands.filter((command) => command.type === 3);
  if (!commands.length) return h("span", { hidden: true });
  const id = uid("apps");
  const button = h("button", { type: "button", class: "apps-button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": id, "aria-label": "Apps for this message", title: "Apps" }, icon("apps"));
  const menu = h("div", { class: "popup apps-menu", id, role: "menu", "aria-label": "Apps", hidden: true }, h("p", { class: "popup-title", role: "presentation" }, "Apps"));
  const box = h("div", { class: "apps" }, button, menu);
  const items = commands.map((command) => h("button", { type: "button", role: "menuitem", class: "option", tabIndex: -1, on: { click: () => run(command) } }, h("span", { class: "option-text" }, h("span", { class: "option-name" }, command.name), h("span", { class: "option-note" }, store.nameOf(store.state.bot.user)))));
  menu.append(...items);

  const close = (focus) => {
    closePopup(menu);
    box.classList.remove("open");
    button.setAttribute("aria-expanded", "false");
    if (focus) button.focus();
  };
  const open = () => {
    box.classList.add("open");
    button.setAttribute("aria-expanded", "true");
    openPopup(menu, button, { end: true });
    items[0].focus();
  };
  async function run(command) {
    close(true);
    const message = store.messages.get(messageId);
    try {
      const { interaction_id: interaction } = await api.messageCommand({ channel_id: message.channel_id, command: command.name, message_id: messageId });
      store.begin(interaction, { label: command.name, channel_id: message.channel_id });
    } catch (error) {
      store.emit("problem", { text: error.message });
    }
  }
  button.addEventListener("click", () => (menu.hidden ? open() : close(true)));
  box.addEventListener("focusout", (event) => !box.contains(event.relatedTarget) && close(false));
  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(document.activeElement);
    const steps = { ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length, Home: 0, End: items.length - 1 };
    if (event.key in steps) items[steps[event.key]].focus();
    else if (event.key === "Escape") close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return box;
}
