// What the page knows. Views listen to it; only events from the server and a person's own acts change it.

import { setClock } from "./clock.js";

class Store extends EventTarget {
  state = { guild: { name: "" }, channels: [], me: { id: "" }, people: [], bot: { online: false }, commands: [], sandbox: {} };
  messages = new Map();
  interactions = new Map(); // id → {state, error, modal, and what begin() was told}
  dismissed = new Set(); // ids of messages this person took off the page
  channelId = "";
  connection = "connecting";

  emit(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  on(type, handler) {
    this.addEventListener(type, (event) => handler(event.detail));
  }

  load(state) {
    const { online, ...user } = state.bot;
    this.state = { ...state, people: state.people.filter((member) => !member.bot), bot: { user, online } };
    setClock(state.clock);
    this.messages = new Map();
    this.take(state.messages);
    for (const [id, entry] of this.interactions) if (entry.state === "waiting") this.interactions.delete(id);
    if (!this.channel(this.channelId)) this.channelId = state.channels.find((channel) => channel.type === 0)?.id ?? "";
    this.emit("load");
  }

  /** Take messages with fresh links, and have everything that shows a file drawn again. */
  refresh(state) {
    this.take(state.messages);
    this.emit("refresh");
  }

  take(messages) {
    for (const message of messages) if (!this.dismissed.has(message.id)) this.messages.set(message.id, message);
  }

  /** Messages of the open channel, oldest first. */
  channelMessages() {
    const order = (id) => BigInt(id);
    return [...this.messages.values()]
      .filter((message) => message.channel_id === this.channelId)
      .sort((a, b) => (order(a.id) < order(b.id) ? -1 : 1));
  }

  open(channelId) {
    this.channelId = channelId;
    this.emit("channel");
  }

  apply(event) {
    switch (event.type) {
      case "message_create":
      case "message_update": {
        const before = this.messages.get(event.message.id);
        this.take([event.message]);
        if (this.messages.has(event.message.id)) this.emit("message", { message: event.message, before });
        break;
      }
      case "message_delete":
        if (this.messages.delete(event.id)) this.emit("removed", { id: event.id });
        break;
      case "interaction":
        this.settle(event);
        break;
      case "modal":
        this.settle({ id: event.interaction_id, state: "answered", modal: event.modal });
        break;
      case "channels":
        this.state = { ...this.state, channels: event.channels };
        this.emit("channels");
        break;
      case "commands":
        this.state = { ...this.state, commands: event.commands };
        this.emit("commands");
        break;
      case "bot":
        this.state.bot = { ...this.state.bot, online: event.online };
        this.emit("bot");
        break;
      case "languages":
        this.state.sandbox = { ...this.state.sandbox, languages: event.languages };
        this.emit("languages");
        this.emit("commands");
        break;
      case "outcome":
        this.state.sandbox = { ...this.state.sandbox, outcome: event.outcome };
        this.emit("outcome");
        break;
      default: // an event this page has no picture for, such as typing
    }
  }

  /** Remember what was just done, until the bot answers it. The answer may have come first. */
  begin(id, about) {
    this.note(id, { state: "waiting", ...about, ...this.interactions.get(id), mine: true });
  }

  settle({ id, state, error, modal }) {
    const known = this.interactions.get(id);
    this.note(id, { ...known, state, error, modal: modal ?? known?.modal });
  }

  note(id, entry) {
    this.interactions.set(id, entry);
    this.emit("interaction", { id, ...entry });
    if (entry.mine && entry.modal && !entry.shown) {
      entry.shown = true;
      this.emit("modal", { id, modal: entry.modal });
    }
  }

  forget(id) {
    this.interactions.delete(id);
    this.emit("interaction", { id, state: "gone" });
  }

  /** Take a message that only this person sees off the page, as "Dismiss message" does. */
  dismiss(id) {
    this.dismissed.add(id);
    if (this.messages.delete(id)) this.emit("removed", { id });
  }

  user(id) {
    const { people, bot, me } = this.state;
    const known = [...people, me, bot.user].find((user) => user?.id === id);
    return known ?? [...this.messages.values()].map((message) => message.author).find((author) => author?.id === id);
  }

  nameOf(user) {
    return user?.global_name ?? user?.username ?? "Unknown";
  }

  channel(id) {
    return this.state.channels.find((channel) => channel.id === id);
  }

  channelName(channel) {
    return channel.name ?? store.nameOf(channel.recipients?.[0]);
  }

  /** Names of the tags that a forum's post has. */
  tagsOf(channel) {
    const offered = this.channel(channel.parent_id)?.available_tags ?? [];
    return (channel.applied_tags ?? []).map((id) => offered.find((tag) => tag.id === id)?.name).filter(Boolean);
  }

  role(id) {
    return this.state.guild.roles?.find((role) => role.id === id);
  }
}

export const store = new Store();
