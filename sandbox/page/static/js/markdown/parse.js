// Discord's markdown subset, text in, tree out. Nodes are {type, ...}; `content` holds child nodes.
//
// The grammar is the client's: rules are tried in order at each position; what no rule takes is text. A rule that
// does not find its end does not match, so an unclosed mark stays visible as the characters that were typed.

const maxDepth = 12; // deeper nesting is shown as typed: a hostile message must not exhaust the stack

const rules = [
  ["fence", /```(?:([A-Za-z0-9_+\-.#]+)\n)?\n*([^\n][\s\S]*?)\n*```/y],
  ["escape", /\\([^0-9A-Za-z\s])/y],
  ["code", /(`+)([\s\S]*?[^`])\1(?!`)/y],
  ["time", /<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y],
  ["user", /<@!?(\d{1,20})>/y],
  ["role", /<@&(\d{1,20})>/y],
  ["channel", /<#(\d{1,20})>/y],
  ["command", /<\/([^:>\n]{1,100}):(\d{1,20})>/y],
  ["emoji", /<a?:(\w{2,32}):(\d{1,20})>/y],
  ["masked", /\[((?:\\.|[^\]\\\n])+)\]\(\s*(?:<(https?:\/\/[^\s<>]+)>|(https?:\/\/(?:[^\s()<>]|\([^\s()<>]*\))+))(?:\s+"[^"\n]*")?\s*\)/y],
  ["bracketed", /<(https?:\/\/[^\s<>]+)>/y],
  ["bare", /https?:\/\/(?:(?!\]\()[^\s<>])+(?<![.,:;"'\])*_~|])/y],
  ["strong", /\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/y],
  ["underline", /__((?:\\[\s\S]|[^\\])+?)__(?!_)/y],
  ["em", /\b_((?:__|\\[\s\S]|[^\\_])+?)_\b|\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/y],
  ["strike", /~~([\s\S]+?)~~(?!~)/y],
  ["spoiler", /\|\|([\s\S]+?)\|\|/y],
];
const word = /[A-Za-z0-9\u00c0-\uffff]+|[\s\S]/y;

/** Build one node from a rule's match, or null where the rule's words do not hold after all. */
function build(type, match, depth) {
  const inner = (text) => inline(text, depth + 1);
  switch (type) {
    case "fence": return { type, language: match[1] ?? "", text: match[2] };
    case "escape": return { type: "text", text: match[1] };
    case "code": return { type, text: match[2].replace(/^ (?=`)|(?<=`) $/g, "") };
    case "time": return { type, unix: Number(match[1]), style: match[2] ?? "f" };
    case "user": case "role": case "channel": return { type, id: match[1] };
    case "command": return { type, name: match[1] };
    case "emoji": return { type: "text", text: `:${match[1]}:` };
    case "masked":
      // A link whose text is itself an address could lie about where it goes: shown as typed.
      return /https?:\/\//i.test(match[1]) ? null : { type: "link", url: match[2] ?? match[3], content: inner(match[1]) };
    case "bracketed": return link(match[1]);
    case "bare": return link(match[0]);
    default: return { type, content: inner(match[1] ?? match[2]) };
  }
}

function link(url) {
  return { type: "link", url, content: [{ type: "text", text: url }] };
}

/** Inline text to nodes. @param {string} source @param {number} [depth] */
export function inline(source, depth = 0) {
  const nodes = [];
  const push = (node) => {
    const last = nodes[nodes.length - 1];
    if (node.type === "text" && last?.type === "text") last.text += node.text;
    else nodes.push(node);
  };
  let at = 0;
  while (at < source.length) {
    const found = depth > maxDepth ? null : first(source, at, depth);
    if (found) {
      push(found.node);
      at = found.end;
      continue;
    }
    word.lastIndex = at;
    const [text] = word.exec(source);
    push({ type: "text", text });
    at += text.length;
  }
  return nodes;
}

function first(source, at, depth) {
  for (const [type, pattern] of rules) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (!match || match[0].length === 0) continue;
    const end = at + match[0].length;
    const node = build(type, match, depth);
    if (node) return { node, end };
  }
  return null;
}

const blockStart = /^(?:#{1,3} +\S|-# +\S|>>> |> | *[-*] +\S| *\d{1,9}\. +\S)/;
const listItem = /^( *)([-*]|\d{1,9}\.) +(\S.*)$/;

/** A whole message to nodes: blocks at the start of lines, everything else inline. */
export function parse(source, { quotes = true } = {}) {
  const nodes = [];
  const lines = protect(source);
  let plain = [];
  const flush = () => {
    if (plain.length) nodes.push({ type: "paragraph", content: inline(plain.join("\n")) });
    plain = [];
  };
  for (let index = 0; index < lines.length;) {
    const line = lines[index];
    const block = blockStart.test(line) ? takeBlock(lines, index, quotes) : null;
    if (!block) {
      plain.push(line);
      index += 1;
      continue;
    }
    flush();
    nodes.push(block.node);
    index = block.next;
  }
  flush();
  return nodes;
}

/** Split into lines, but keep a fenced block (and what shares its lines) as one "line". */
function protect(source) {
  const lines = [];
  let open = "";
  for (const line of source.replace(/\r\n?/g, "\n").split("\n")) {
    const joined = open ? `${open}\n${line}` : line;
    const marks = joined.match(/(?<!\\)```/g)?.length ?? 0;
    if (marks % 2 === 1) open = joined;
    else {
      lines.push(joined);
      open = "";
    }
  }
  // A fence that is never closed is text like any other: its lines are lines again.
  return open ? [...lines, ...open.split("\n")] : lines;
}

function takeBlock(lines, index, quotes) {
  const line = lines[index];
  const heading = /^(#{1,3}) +(\S[\s\S]*)$/.exec(line);
  if (heading) return { node: { type: "heading", level: heading[1].length, content: inline(heading[2].trimEnd()) }, next: index + 1 };
  const subtext = /^-# +(\S[\s\S]*)$/.exec(line);
  if (subtext) return { node: { type: "subtext", content: inline(subtext[1]) }, next: index + 1 };
  if (line.startsWith(">")) return quotes ? takeQuote(lines, index) : null;
  return takeList(lines, index);
}

function takeQuote(lines, index) {
  if (lines[index].startsWith(">>> ")) {
    const text = [lines[index].slice(4), ...lines.slice(index + 1)].join("\n");
    return { node: { type: "quote", content: parse(text, { quotes: false }) }, next: lines.length };
  }
  let next = index;
  const inner = [];
  while (next < lines.length && lines[next].startsWith("> ")) {
    inner.push(lines[next].slice(2));
    next += 1;
  }
  return { node: { type: "quote", content: parse(inner.join("\n"), { quotes: false }) }, next };
}

function takeList(lines, index) {
  const entries = [];
  let next = index;
  for (; next < lines.length; next += 1) {
    const match = listItem.exec(lines[next]);
    if (!match) break;
    entries.push({ indent: match[1].length, mark: match[2], text: match[3] });
  }
  return entries.length ? { node: nest(entries, 0), next } : null;
}

/** Entries with indents to a tree of lists; two spaces or more open a level. */
function nest(entries, depth) {
  const ordered = /\d/.test(entries[0].mark);
  const list = { type: "list", ordered, start: ordered ? Number.parseInt(entries[0].mark, 10) : 1, items: [] };
  const base = entries[0].indent;
  for (let index = 0; index < entries.length;) {
    const item = { content: inline(entries[index].text), list: null };
    let end = index + 1;
    while (end < entries.length && entries[end].indent > base + 1) end += 1;
    if (end > index + 1) {
      const inner = entries.slice(index + 1, end);
      if (depth < maxDepth) item.list = nest(inner, depth + 1);
      else item.content.push({ type: "text", text: inner.map((entry) => `\n${entry.text}`).join("") });
    }
    list.items.push(item);
    index = end;
  }
  return list;
}
