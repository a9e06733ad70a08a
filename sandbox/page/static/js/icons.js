// Line icons drawn for this page, 24 × 24, in the text's colour. All are decoration: the words are beside them.

const paths = {
  hash: "M9 4 7 20M17 4l-2 16M4 9h16M4 15h16",
  thread: "M5 5h14v9H11l-4 4v-4H5z",
  forum: "M4 5h12v8H9l-3 3v-3H4z M18 9h2v8h-2v3l-3-3h-4",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6 6 18",
  send: "M4 12 20 5l-5 15-3.5-6.5z M11.5 13.5 20 5",
  plus: "M12 5v14M5 12h14",
  image: "M4 5h16v14H4z M4 16l5-5 4 4 3-3 4 4 M9 9h.01",
  file: "M6 3h8l4 4v14H6z M14 3v4h4",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  external: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  chevron: "M7 10l5 5 5-5",
  apps: "M5 5h5v5H5z M14 5h5v5h-5z M5 14h5v5H5z M14 14h5v5h-5z",
  reply: "M5 20v-6a4 4 0 0 1 4-4h10M15 6l4 4-4 4",
  sliders: "M5 7h8M17 7h2M5 17h2M11 17h8M15 5v4M9 15v4",
  alert: "M12 4 2.5 20h19z M12 10v4M12 17h.01",
  check: "M5 12l5 5 9-10",
};

const ns = "http://www.w3.org/2000/svg";

/** @param {keyof typeof paths} name */
export function icon(name) {
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(ns, "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}

/** An avatar drawn from a name: initials on a colour, or the bot's clapperboard. */
export function avatar(user, size = 40) {
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 40 40");
  svg.setAttribute("class", "avatar");
  svg.setAttribute("width", String(size));
  svg.setAttribute("height", String(size));
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const shape = (tag, attributes) => {
    const node = document.createElementNS(ns, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    svg.append(node);
    return node;
  };
  const hues = ["av-a", "av-b", "av-c", "av-d", "av-e"];
  const name = user?.global_name ?? user?.username ?? "?";
  const hue = user?.bot ? "av-bot" : hues[[...String(name)].reduce((sum, c) => sum + (c.codePointAt(0) ?? 0), 0) % hues.length];
  shape("circle", { cx: "20", cy: "20", r: "20", class: hue });
  if (user?.bot) {
    shape("path", { d: "M10 17h20v12H10z", class: "av-ink" });
    shape("path", { d: "M10 16l19-5 1 3.600-19 5z", class: "av-ink" });
    shape("path", { d: "M17.500 20v6l6-3z", class: hue });
  } else {
    const text = shape("text", { x: "20", y: "26", "text-anchor": "middle", class: "av-letter" });
    text.textContent = [...String(name)][0]?.toUpperCase() ?? "?";
  }
  return svg;
}
