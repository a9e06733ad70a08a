// The left side: the server, its channels, and who you are.

import { avatar, icon } from "./icons.js";
import { h, patch } from "./dom.js";
import { connect } from "./live.js";
import { person } from "./api.js";
import { store } from "./store.js";

const thread = 11;
const forum = 15;
const kindOf = (channel) => ({ [thread]: "thread", [forum]: "forum" })[channel.type] ?? "hash";
const kindWords = { thread: "(thread)", forum: "(forum)" };
const part = (id) => document.getElementById(id);

/** @param {{chosen: () => void}} about `chosen` is called when a channel was picked */
export function startPlaces({ chosen }) {
  const draw = () => {
    part("server-name").textContent = store.state.guild.name;
    part("server-mark").textContent = store.state.guild.name.slice(0, 1);
    drawChannels(chosen);
    drawTitle();
    drawMe();
  };
  store.on("load", draw);
  store.on("channel", draw);
  store.on("channels", draw);
  store.on("message", ({ message, before }) => {
    if (before || message.channel_id === store.channelId) return;
    unread.add(message.channel_id);
    drawChannels(chosen);
  });
}

const unread = new Set();

function ordered(channels) {
  const top = channels.filter((channel) => channel.type !== thread);
  return top.flatMap((channel) => [channel, ...channels.filter((other) => other.type === thread && other.parent_id === channel.id)]);
}

function drawChannels(chosen) {
  unread.delete(store.channelId);
  const parts = ordered(store.state.channels).map((channel) => {
    const current = channel.id === store.channelId;
    const fresh = unread.has(channel.id);
    const kind = kindOf(channel);
    const tags = store.tagsOf(channel);
    return {
      key: `${channel.id}:${current}:${fresh}:${channel.name}:${tags}`,
      make: () =>
        h(
          "li",
          { class: channel.type === thread ? "nested" : "" },
          h(
            "button",
            { type: "button", class: `channel${current ? " current" : ""}${fresh ? " unread" : ""}`, "aria-current": current ? "page" : null, dataset: { focusKey: channel.id }, on: { click: () => { store.open(channel.id); chosen(); } } },
            icon(kind),
            h("bdi", {}, store.channelName(channel)),
            kindWords[kind] && h("span", { class: "sr" }, kindWords[kind]),
            tags.map((tag) => h("bdi", { class: "forum-tag" }, tag)),
            fresh && h("span", { class: "sr" }, "(unread)"),
          ),
        ),
    };
  });
  patch(part("channel-list"), parts);
}

function drawTitle() {
  const channel = store.channel(store.channelId);
  if (!channel) return;
  const name = store.channelName(channel);
  const tags = store.tagsOf(channel).map((tag) => h("bdi", { class: "forum-tag" }, tag));
  part("channel-title").replaceChildren(icon(kindOf(channel)), h("bdi", {}, name), ...tags);
  part("welcome-title").textContent = `Welcome to ${channel.type === thread ? "" : "#"}${name}`;
  document.title = `#${name} · Dailies sandbox`;
}

function drawMe() {
  const { me, people } = store.state;
  const choice = h("select", { id: "person", "aria-label": "You are" }, people.map((user) => h("option", { value: store.nameOf(user), selected: user.id === me.id }, store.nameOf(user))));
  choice.addEventListener("change", () => {
    person.name = choice.value;
    const url = new URL(location.href);
    url.searchParams.set("person", choice.value);
    history.replaceState(null, "", url);
    connect();
  });
  part("me").replaceChildren(avatar(me, 32), h("div", { class: "me-text" }, h("label", { for: "person" }, "You are"), choice));
}
