// The line to the server: events as they happen, and a new try with growing pauses when it breaks.

import { person } from "./api.js";
import { store } from "./store.js";

const firstPause = 500; // milliseconds
const longestPause = 8000;

let socket = null;
let pause = firstPause;
let timer = 0;

function status(connection) {
  if (store.connection === connection) return;
  store.connection = connection;
  store.emit("connection");
}

/** Connect, or connect again as another person. The first message is the whole state. */
export function connect() {
  clearTimeout(timer);
  if (socket) {
    socket.onclose = null;
    socket.close();
  }
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/api/events?person=${encodeURIComponent(person.name)}`);
  socket.onmessage = (message) => {
    const event = JSON.parse(message.data);
    if (event.type === "state") {
      pause = firstPause;
      store.load(event.state);
      status("open");
    } else store.apply(event);
  };
  socket.onclose = () => {
    status("reconnecting");
    timer = setTimeout(connect, pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, longestPause);
  };
}

addEventListener("online", () => store.connection === "reconnecting" && connect());
