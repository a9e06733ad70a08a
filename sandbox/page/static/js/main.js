// The page: puts the parts together.

import { icon } from "./icons.js";
import { announce } from "./announce.js";
import { api } from "./api.js";
import { connect } from "./live.js";
import { startComposer } from "./composer/composer.js";
import { startList } from "./messages/list.js";
import { startModals } from "./dialogs/modal.js";
import { startPanel } from "./panel.js";
import { startPlaces } from "./places.js";
import { store } from "./store.js";

const part = (id) => document.getElementById(id);
const narrow = matchMedia("(max-width: 760px)");
const medium = matchMedia("(max-width: 1100px)");

for (const [id, name] of [["open-places", "menu"], ["open-panel", "sliders"], ["close-panel", "close"], ["send", "send"]]) part(id).append(icon(name));

/** A drawer at the side: opened by a button, closed by Escape, by its scrim or by a choice in it. */
function drawer(panel, button, isDrawer) {
  const show = (open, focus = true) => {
    panel.classList.toggle("open", open);
    button.setAttribute("aria-expanded", String(open));
    part("scrim").hidden = !(isDrawer() && open);
    panel.inert = !open && (isDrawer() || panel.id === "panel");
    if (!focus) return;
    if (open) panel.querySelector("button, select, input, a")?.focus();
    else button.focus();
  };
  button.addEventListener("click", () => show(!panel.classList.contains("open")));
  panel.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && isDrawer() && show(false));
  part("scrim").addEventListener("click", () => panel.classList.contains("open") && isDrawer() && show(false));
  return show;
}

const showPlaces = drawer(part("places"), part("open-places"), () => narrow.matches);
const showPanel = drawer(part("panel"), part("open-panel"), () => medium.matches);
part("close-panel").addEventListener("click", () => showPanel(false));
const fit = () => {
  showPlaces(!narrow.matches, false);
  showPanel(!medium.matches, false);
};
narrow.addEventListener("change", fit);
medium.addEventListener("change", fit);
fit();

store.on("connection", () => {
  const text = { open: "", connecting: "Connecting…", reconnecting: "Reconnecting…" }[store.connection];
  part("connection").textContent = text;
  document.documentElement.dataset.connection = store.connection;
});

// Links to attachments run out after a day of world time: ask for fresh ones, not more than once in a while.
let asked = 0;
addEventListener("stale-media", async () => {
  if (Date.now() - asked < 5000) return;
  asked = Date.now();
  try {
    store.refresh(await api.state());
  } catch (error) {
    announce(error.message);
  }
});

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  (part("composer").querySelector("textarea, input") ?? part("send")).focus();
});

startPlaces({ chosen: () => narrow.matches && showPlaces(false, false) });
startPanel();
startList();
startComposer();
startModals();
store.on("load", () => {
  if (document.activeElement === document.body && !narrow.matches) part("composer").querySelector("textarea, input")?.focus();
});
connect();
