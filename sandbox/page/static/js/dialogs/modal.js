// A bot's modal as a dialog: the focus moves in, stays in, and goes back to where it was.

import { h, uid } from "../dom.js";
import { icon } from "../icons.js";
import { api } from "../api.js";
import { markdown } from "../markdown/render.js";
import { store } from "../store.js";
import { modalControl } from "./controls.js";

/** Start showing modals. */
export function startModals() {
  store.on("modal", ({ id, modal }) => open(id, modal));
}

function open(interactionId, modal) {
  const back = document.activeElement;
  const titleId = uid("modal");
  const controls = [];
  const dialog = h("dialog", { class: "modal", "aria-labelledby": titleId });
  const problem = h("p", { class: "modal-error", role: "alert", hidden: true });
  const say = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
  };
  const rows = modal.components.map((component) => row(component, controls, say));
  const submit = h("button", { type: "submit", class: "button button-primary" }, h("span", { class: "button-face" }, "Submit"));
  const form = h(
    "form",
    { method: "dialog", noValidate: true, "aria-labelledby": titleId },
    h("header", { class: "modal-head" }, h("h2", { id: titleId }, modal.title), h("button", { type: "button", class: "icon-button", "aria-label": "Close", on: { click: () => dialog.close() } }, icon("close"))),
    h("p", { class: "modal-from" }, `This form comes from ${store.nameOf(store.state.bot.user)}.`),
    h("div", { class: "modal-rows" }, rows),
    problem,
    h("footer", { class: "modal-foot" }, h("button", { type: "button", class: "button button-secondary", on: { click: () => dialog.close() } }, h("span", { class: "button-face" }, "Cancel")), submit),
  );
  dialog.append(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (back?.isConnected) back.focus();
  });

  async function send() {
    await Promise.all(controls.map((control) => control.loaded?.()));
    const wrong = controls.filter((control) => !control.check());
    if (wrong.length) {
      wrong[0].focus();
      return;
    }
    say("");
    submit.setAttribute("aria-busy", "true");
    const values = Object.fromEntries(controls.filter((control) => control.value).map((control) => [control.customId, control.value()]));
    const files = controls.flatMap((control) => (control.files?.() ?? []).map((file) => [control.customId, file]));
    try {
      const { interaction_id: id } = await api.modal({ interaction_id: interactionId, values }, files);
      await settled(id, modal.title);
      dialog.close();
    } catch (error) {
      say(error.message);
    } finally {
      submit.removeAttribute("aria-busy");
    }
  }
  document.body.append(dialog);
  dialog.showModal();
  controls[0]?.focus();
}

/** Wait until the bot took the modal, or throw what went wrong. */
function settled(id, label) {
  return new Promise((resolve, reject) => {
    const hear = ({ detail }) => {
      if (detail.id !== id || detail.state === "waiting") return;
      store.removeEventListener("interaction", hear);
      if (detail.state === "failed") reject(new Error(detail.error ?? "Something went wrong. Try again."));
      else resolve();
    };
    store.addEventListener("interaction", hear);
    store.begin(id, { label, source: { messageId: "", node: document.createElement("span") } });
  });
}

function row(component, controls, say) {
  if (component.type === 10) return markdown(component.content);
  const inner = component.type === 18 ? component.component : component.components?.[0];
  if (!inner) return h("p", { class: "md-subtext" }, `(component of type ${component.type})`);
  const about = { label: component.label ?? inner.label ?? "", description: component.description ?? "" };
  const control = modalControl(inner, about, say);
  controls.push(control);
  return control.node;
}
