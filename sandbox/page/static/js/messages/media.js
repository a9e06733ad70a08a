// Pictures, videos and files, as attachments or inside components.

import { bytes, h, signature } from "../dom.js";
import { icon } from "../icons.js";
import { openLightbox } from "../dialogs/lightbox.js";

const videoName = /\.(mp4|webm|mov|m4v)(?:$|\?)/i;
const imageName = /\.(png|jpe?g|gif|webp|avif)(?:$|\?)/i;

const kind = (item) => {
  const type = item.content_type ?? "";
  const name = item.filename ?? item.url ?? "";
  if (type.startsWith("video/") || videoName.test(name)) return "video";
  if (type.startsWith("image/") || imageName.test(name)) return "image";
  return "file";
};

/** Parts (see dom.js) for the attachments of an ordinary message. */
export function attachmentParts(message) {
  if (message.flags & 32768) return []; // in a component layout only components show files
  const files = message.attachments ?? [];
  const pictures = files.filter((file) => kind(file) === "image");
  const rest = files.filter((file) => kind(file) !== "image");
  const parts = pictures.length ? [{ key: `pictures:${signature(pictures)}`, make: () => gallery(pictures) }] : [];
  return [...parts, ...rest.map((file) => ({ key: `file:${signature(file)}`, make: () => (kind(file) === "video" ? video(file, true) : fileCard(file)) }))];
}

/**
 * A gallery of 1 to 10 pictures and videos.
 * @param {Array<object>} items attachments or unfurled media with `url`, `description`, `spoiler`
 */
export function gallery(items) {
  const box = h("ul", { class: `gallery gallery-${Math.min(items.length, 10)}`, role: "list", "aria-label": items.length === 1 ? "1 attachment" : `${items.length} attachments` });
  for (const item of items) box.append(h("li", {}, covered(item, kind(item) === "video" ? video(item, false) : picture(item))));
  return box;
}

/** A picture that opens large on a press. */
export function picture(item, { small = false } = {}) {
  const alt = item.description ?? "";
  const image = h("img", { src: item.proxy_url ?? item.url, alt, loading: "lazy", decoding: "async" });
  if (item.width && item.height) {
    image.width = item.width;
    image.height = item.height;
  }
  stale(image, item);
  const label = alt || item.filename || nameIn(item.url);
  return h("button", { type: "button", class: small ? "picture picture-small" : "picture", "aria-label": `Open picture: ${label}`, on: { click: () => openLightbox(item, label) } }, image);
}

function video(item, withCard) {
  const name = item.filename ?? nameIn(item.url);
  const player = h("video", { controls: true, preload: "metadata", playsInline: true, src: item.url, "aria-label": item.description || `Video ${name}` });
  if (item.width && item.height) {
    player.width = item.width;
    player.height = item.height;
  }
  player.addEventListener("loadedmetadata", () => player.classList.toggle("tall", player.videoHeight > player.videoWidth));
  stale(player, item);
  return h("figure", { class: "video" }, player, withCard && h("figcaption", {}, fileLine(item)));
}

/** A file as a card: name, size, a link to download. */
export function fileCard(item) {
  return covered(item, h("div", { class: "file" }, icon("file"), fileLine(item)));
}

function fileLine(item) {
  const name = item.filename ?? item.name ?? nameIn(item.url);
  const size = bytes(item.size);
  return h(
    "span",
    { class: "file-line" },
    h("bdi", { class: "file-name", title: name }, name),
    size && h("span", { class: "file-size" }, size),
    h("a", { class: "file-download", href: item.url, download: name, target: "_blank", rel: "noopener noreferrer", "aria-label": `Download ${name}${size ? `, ${size}` : ""}` }, icon("download"), h("span", { class: "file-word" }, "Download")),
  );
}

/** Hide something marked as a spoiler until it is asked for. */
export function covered(item, node) {
  const spoiler = item.spoiler || item.filename?.startsWith("SPOILER_");
  if (!spoiler) return node;
  const inner = h("div", { class: "covered", inert: true }, node);
  const button = h("button", { type: "button", class: "cover" }, "Spoiler");
  button.addEventListener("click", () => {
    inner.inert = false;
    inner.className = "";
    button.remove();
    inner.querySelector("button, video, a")?.focus();
  });
  return h("div", { class: "cover-box" }, inner, button);
}

const nameIn = (url) => {
  const path = URL.canParse(url) ? new URL(url).pathname : String(url);
  return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1)) || "file";
};

/** A link's signature ends with time: ask once for a fresh one when the file cannot be read. */
function stale(node, item) {
  node.addEventListener("error", () => node.dispatchEvent(new CustomEvent("stale-media", { bubbles: true, detail: { url: item.url } })), { once: true });
}
