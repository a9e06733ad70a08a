// Files to be sent: chosen, dropped, pasted, or taken from the bundled pictures; each with a preview and a way out.

import { bytes, h, uid } from "../dom.js";
import { icon } from "../icons.js";
import { announce } from "../announce.js";
import { store } from "../store.js";

/**
 * A tray of files.
 * @param {object} about
 * @param {Array<{name: string, description?: string, required?: boolean}>} about.slots one per file, filled in order
 * @param {string} about.label
 * @param {boolean} [about.samples] offer the bundled pictures
 * @param {(text: string) => void} about.problem told why a file was not taken
 */
export function fileTray({ slots, label, samples = true, problem }) {
  const entries = []; // {file, url, slot}
  const loading = new Set(); // promises of bundled pictures on their way
  const inputId = uid("files");
  const list = h("ul", { class: "tray-files", role: "list", "aria-label": label });
  const input = h("input", { type: "file", id: inputId, hidden: true, multiple: slots.length > 1 });
  const add = h("button", { type: "button", class: "chip chip-strong", on: { click: () => input.click() } }, icon("image"), slots.length > 1 ? "Add images" : "Add file");
  const free = () => slots.filter((slot) => !entries.some((entry) => entry.slot === slot));

  const draw = () => {
    list.replaceChildren(...entries.map((entry) => row(entry)));
    list.hidden = entries.length === 0;
    add.disabled = free().length === 0;
    for (const button of bar.querySelectorAll(".sample")) button.disabled = free().length === 0;
  };
  const row = (entry) => {
    const remove = h("button", { type: "button", class: "icon-button tray-remove", "aria-label": `Remove ${entry.file.name}`, title: "Remove" }, icon("close"));
    remove.addEventListener("click", () => {
      const at = entries.indexOf(entry);
      URL.revokeObjectURL(entry.url);
      entries.splice(at, 1);
      announce(`Removed ${entry.file.name}`);
      draw();
      (list.querySelectorAll(".tray-remove")[Math.min(at, entries.length - 1)] ?? add).focus();
    });
    const preview = entry.file.type.startsWith("image/") ? h("img", { src: entry.url, alt: "" }) : h("span", { class: "tray-icon" }, icon("file"));
    return h("li", { class: "tray-file" }, preview, h("span", { class: "tray-about" }, slots.length > 1 && entry.slot.name && h("span", { class: "tray-slot" }, entry.slot.name), h("bdi", { class: "tray-name" }, entry.file.name), h("span", { class: "tray-size" }, bytes(entry.file.size))), remove);
  };
  const take = (files) => {
    for (const file of files) {
      const slot = free()[0];
      const limit = store.state.sandbox.upload_bytes;
      if (!slot) problem(`There is room for ${slots.length} ${slots.length === 1 ? "file" : "files"}. Remove one to add ${file.name}.`);
      else if (limit && file.size > limit) problem(`${file.name} is too large: ${bytes(file.size)}. The limit here is ${bytes(limit)} a file.`);
      else {
        entries.push({ file, slot, url: URL.createObjectURL(file) });
        announce(`Added ${file.name}`);
      }
    }
    draw();
  };
  input.addEventListener("change", () => {
    take(input.files);
    input.value = "";
  });
  const load = (url) => {
    const picture = sampleFile(url).then((file) => take([file]), (error) => problem(error.message)).finally(() => loading.delete(picture));
    loading.add(picture);
  };
  const bar = h("div", { class: "tray-bar" }, add, input, samples && sampleButtons(load));
  draw();
  return { list, bar, take, load, button: add, loaded: () => Promise.allSettled([...loading]), files: () => entries.map((entry) => [entry.slot.name, entry.file]), missing: () => free().filter((slot) => slot.required), clear: () => entries.forEach((entry) => URL.revokeObjectURL(entry.url)) };
}

function sampleButtons(load) {
  return (store.state.sandbox.samples ?? []).map((sample) =>
    h("button", { type: "button", class: "chip sample", title: sample.alt, "aria-label": `Add sample image: ${sample.alt}`, on: { click: () => load(sample.url) } }, h("img", { src: sample.url, alt: "" }), h("span", { class: "sample-name" }, sample.name)),
  );
}

async function sampleFile(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The sample image could not be loaded (HTTP ${response.status}).`);
  const blob = await response.blob();
  return new File([blob], url.split("/").pop(), { type: blob.type });
}
