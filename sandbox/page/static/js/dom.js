// Small helpers to build DOM. Text always goes in as text nodes: nothing on this page parses HTML from a message.

/**
 * Create an element.
 * @param {string} tag
 * @param {Record<string, unknown>} [props] `class`, `dataset`, `on` ({event: handler}), properties that exist on
 *   the element, or attributes (anything with a dash, `role`, `for`); null, undefined and false leave one out.
 * @param {...(Node|string|number|null|undefined|false|Array)} children
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = String(value);
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (name in node && !name.includes("-") && name !== "list" && name !== "role") node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  append(node, children);
  return node;
}

/** Append children, flattening arrays and leaving out empty values. */
export function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

const signed = /^https?:\/\/[^\s]+[?&]hm=/;

/** A text that changes only when what a person sees changes: signatures of links are left out. */
export function signature(value) {
  return JSON.stringify(value, (_, item) => (typeof item === "string" && signed.test(item) ? item.split("?")[0] : item));
}

/**
 * Make a parent's children match `parts`, keeping every node whose part did not change. So an edit of a status
 * message does not restart a playing video, reload a picture or throw away the keyboard's focus.
 * @param {Element} parent
 * @param {Array<{key: string, make: () => Node, update?: (node: Node) => void}>} parts `update` may
 *   refresh a kept node from within.
 */
export function patch(parent, parts) {
  const old = new Map();
  for (const child of parent.children) {
    const key = child.partKey;
    if (key !== undefined) old.set(key, [...(old.get(key) ?? []), child]);
  }
  const next = parts.map((part) => {
    const kept = old.get(part.key)?.shift();
    if (kept) {
      part.update?.(kept);
      return kept;
    }
    const made = part.make();
    made.partKey = part.key;
    return made;
  });
  const focus = document.activeElement;
  const focusKey = parent.contains(focus) ? focus.dataset?.focusKey : undefined;
  const wanted = new Set(next);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  next.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null);
  });
  if (focusKey && !parent.contains(document.activeElement)) {
    parent.querySelector(`[data-focus-key="${CSS.escape(focusKey)}"]`)?.focus();
  }
}

let counter = 0;

/** An id unique on this page, to tie labels and descriptions to their controls. */
export function uid(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/** A size as people write it: "812 KB", "9.4 MB". */
export function bytes(size) {
  if (!Number.isFinite(size)) return "";
  const units = ["bytes", "KB", "MB", "GB"];
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`;
}
