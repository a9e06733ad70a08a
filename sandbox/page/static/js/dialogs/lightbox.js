// A picture, large.

import { h } from "../dom.js";
import { icon } from "../icons.js";

/** Show a picture over the page until it is closed. */
export function openLightbox(item, label) {
  const dialog = h("dialog", { class: "lightbox", "aria-label": label });
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Close picture", on: { click: () => dialog.close() } }, icon("close"));
  dialog.append(
    h("img", { src: item.url, alt: item.description || label }),
    h("div", { class: "lightbox-bar" }, h("bdi", {}, item.description || label), h("a", { href: item.url, target: "_blank", rel: "noopener noreferrer" }, "Open original"), close),
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  close.focus();
}
