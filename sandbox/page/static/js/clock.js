// World time: what the stand-ins and the bot believe the time is. It may run faster than the wall clock.

let clock = { epoch: Date.now() / 1000, speed: 1 };
const tickers = new Set();

/** @param {{epoch: number, speed: number}} next Unix seconds and world seconds per real second */
export function setClock(next) {
  clock = next;
}

/** World time now, Unix seconds. */
export function now() {
  return clock.epoch + (Date.now() / 1000 - clock.epoch) * clock.speed;
}

const units = [
  ["year", 365 * 86400],
  ["month", 30 * 86400],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "always" });

/** "5 minutes ago", "in 2 hours": whole units, rounded as chat programs do. */
export function relativeText(unix, at = now()) {
  const difference = Math.round(unix - at);
  const size = Math.abs(difference);
  const [unit, seconds] = units.find(([, length]) => size >= length) ?? units[units.length - 1];
  return relative.format(Math.trunc(difference / seconds), unit);
}

const formats = {
  t: { hour: "numeric", minute: "2-digit" },
  T: { hour: "numeric", minute: "2-digit", second: "2-digit" },
  d: { day: "2-digit", month: "2-digit", year: "numeric" },
  D: { day: "numeric", month: "long", year: "numeric" },
  f: { day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit" },
  F: { weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit" },
};

/** A Unix time in one of the styles of `<t:…:style>`, in the reader's language and time zone. */
export function formatTime(unix, style) {
  return new Intl.DateTimeFormat(undefined, formats[style] ?? formats.f).format(new Date(unix * 1000));
}

/** "Today at 14:55", as beside an author's name. */
export function messageTime(unix) {
  const day = (seconds) => new Date(seconds * 1000).toDateString();
  const time = formatTime(unix, "t");
  if (day(unix) === day(now())) return `Today at ${time}`;
  if (day(unix) === day(now() - 86400)) return `Yesterday at ${time}`;
  return `${formatTime(unix, "d")} ${time}`;
}

/** Keep a `<time>` element's relative text true for as long as it is on the page. */
export function tick(node, unix) {
  const show = () => {
    const text = relativeText(unix);
    if (node.textContent !== text) node.textContent = text;
  };
  show();
  tickers.add({ node, show });
}

setInterval(() => {
  for (const ticker of tickers) {
    if (ticker.node.isConnected) ticker.seen = true;
    else if (ticker.seen) tickers.delete(ticker);
    if (ticker.node.isConnected) ticker.show();
  }
}, 1000);
