// The page's own server. Every failure becomes an Error with a sentence to show.

const remembered = new URLSearchParams(location.search).get("person");

/** Who uses the page: the name of one of the world's people. */
export const person = { name: remembered ?? "Ann" };

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The sandbox does not answer. Is `python -m sandbox serve` still running?");
  }
  const text = await response.text();
  let body = {};
  try {
    body = text ? JSON.parse(text) : {};
  } catch {
    throw new Error(`The sandbox gave an answer that is not JSON (HTTP ${response.status}).`);
  }
  if (!response.ok) throw new Error(body.error ?? `The sandbox answered HTTP ${response.status}.`);
  return body;
}

function json(path, payload) {
  return request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...payload, person: person.name }),
  });
}

/** @param {Array<[string, File]>} files part name and file */
function multipart(path, payload, files) {
  const form = new FormData();
  form.append("payload", JSON.stringify({ ...payload, person: person.name }));
  for (const [name, file] of files) form.append(name, file, file.name);
  return request(path, { method: "POST", body: form });
}

export const api = {
  state: () => request(`/api/state?person=${encodeURIComponent(person.name)}`),
  command: (payload, files) => multipart("/api/command", payload, files),
  send: (payload, files) => multipart("/api/send", payload, files),
  modal: (payload, files) => multipart("/api/modal", payload, files),
  autocomplete: (payload) => json("/api/autocomplete", payload),
  messageCommand: (payload) => json("/api/message-command", payload),
  click: (payload) => json("/api/click", payload),
  select: (payload) => json("/api/select", payload),
  restart: () => json("/api/restart", {}),
  language: (whose, locale) => json("/api/language", { whose, locale }),
  outcome: (outcome) => json("/api/outcome", { outcome }),
};
