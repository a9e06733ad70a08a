// Markdown to the words a person reads, for places that take no markup.

import { formatTime, relativeText } from "../clock.js";
import { store } from "../store.js";
import { parse } from "./parse.js";

/**
 * The words of a text, a line for each block.
 * @param {string} source
 * @param {(node: {unix: number, style: string}) => string} [time] how a time is written; by default as it reads now
 */
export function plain(source, time = timeText) {
  const words = (node) => {
    if (node.text !== undefined) return node.text;
    if (node.type === "time") return time(node);
    if (node.type === "list") return node.items.map((item) => inner(item) + (item.list ? `\n${words(item.list)}` : "")).join("\n");
    return node.content ? inner(node) : mention(node);
  };
  const inner = (node) => node.content.map(words).join(node.type === "quote" ? "\n" : "");
  return parse(String(source)).map(words).join("\n");
}

/** What is shown of a mention. */
export function mention(node) {
  if (node.type === "user") {
    const user = store.user(node.id);
    return `@${user ? store.nameOf(user) : "unknown-user"}`;
  }
  if (node.type === "channel") return `#${store.channel(node.id)?.name ?? "unknown"}`;
  if (node.type === "command") return `/${node.name}`;
  return `@${store.role(node.id)?.name ?? "unknown-role"}`;
}

const timeText = ({ unix, style }) => (style === "R" ? relativeText(unix) : formatTime(unix, style));
