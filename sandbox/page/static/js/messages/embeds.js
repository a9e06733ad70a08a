// Embeds: what ordinary messages of older bots carry. Kept small; the bot of this project answers with components.

import { h, signature } from "../dom.js";
import { markdown } from "../markdown/render.js";
import { picture } from "./media.js";

/** Parts (see dom.js) for a message's embeds. */
export function embedParts(message, mentions) {
  return (message.embeds ?? []).map((embed) => ({ key: `embed:${signature(embed)}`, make: () => show(embed, mentions) }));
}

function show(embed, mentions) {
  const box = h("article", { class: "container embed", "aria-label": "Embed" });
  if (Number.isInteger(embed.color)) box.style.setProperty("--accent", colour(embed.color));
  if (embed.author?.name) box.append(h("p", { class: "embed-author" }, h("bdi", {}, embed.author.name)));
  if (embed.title) {
    const title = embed.url ? `[${embed.title.replace(/[[\]]/g, "\\$&")}](${embed.url})` : embed.title;
    box.append(h("div", { class: "embed-title" }, markdown(title)));
  }
  if (embed.description) box.append(markdown(embed.description, mentions));
  if (embed.fields?.length) {
    box.append(h("dl", { class: "embed-fields" }, embed.fields.map((field) => h("div", { class: field.inline ? "inline" : "" }, h("dt", {}, markdown(field.name)), h("dd", {}, markdown(field.value))))));
  }
  const image = embed.image ?? embed.thumbnail;
  if (image?.url) box.append(picture({ ...image, description: image.description ?? "" }));
  if (embed.footer?.text) box.append(h("p", { class: "md-subtext" }, h("small", {}, h("bdi", {}, embed.footer.text))));
  return box;
}

/** A colour from an API's integer. */
export function colour(value) {
  return `#${(value & 0xffffff).toString(16).padStart(6, "0")}`;
}
