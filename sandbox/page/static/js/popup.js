// Popups: fixed to the window beside what opened them, so that no scrolling box around them cuts them off.

const gap = 4; // pixels between a popup and its anchor
const edge = 8; // pixels kept free at the window's edges
const tallest = 340;

let shown = null;

function place() {
  const { popup, anchor, end } = shown;
  const box = anchor.getBoundingClientRect();
  const above = box.top - gap - edge;
  const below = innerHeight - box.bottom - gap - edge;
  const up = above > below;
  const style = popup.style;
  style.setProperty("max-height", `${Math.max(100, Math.min(tallest, up ? above : below))}px`);
  style.setProperty("min-width", `${Math.min(box.width, innerWidth - 2 * edge)}px`);
  style.setProperty("top", up ? "auto" : `${box.bottom + gap}px`);
  style.setProperty("bottom", up ? `${innerHeight - box.top + gap}px` : "auto");
  style.setProperty("left", `${edge}px`); // where it stands narrows it, so it is measured at the edge
  const left = end ? box.right - popup.offsetWidth : box.left;
  style.setProperty("left", `${Math.max(edge, Math.min(left, innerWidth - popup.offsetWidth - edge))}px`);
}

function moved(event) {
  if (shown && !shown.popup.contains(event.target)) place();
}

/** Show a popup at an anchor, on the side with more room; `end` aligns their right edges. */
export function openPopup(popup, anchor, { end = false } = {}) {
  shown = { popup, anchor, end };
  popup.hidden = false;
  place();
  addEventListener("scroll", moved, true);
  addEventListener("resize", moved);
}

/** Hide a popup. */
export function closePopup(popup) {
  popup.hidden = true;
  if (shown?.popup !== popup) return;
  shown = null;
  removeEventListener("scroll", moved, true);
  removeEventListener("resize", moved);
}
