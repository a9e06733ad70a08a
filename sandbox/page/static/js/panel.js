// The sandbox panel: what this is, how fast its time runs, and what the next job shall do.

import { h } from "./dom.js";
import { formatTime, now } from "./clock.js";
import { announce } from "./announce.js";
import { api } from "./api.js";
import { store } from "./store.js";

/** Start the panel. */
export function startPanel() {
  const facts = h("dl", { class: "facts" });
  const outcomes = h("div", { class: "outcomes" });
  const problem = h("p", { class: "field-error", role: "alert", hidden: true });
  const restart = h("button", { type: "button", class: "button button-secondary button-wide" }, h("span", { class: "button-face" }, "Kill and restart the bot"));
  const say = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
  };
  restart.addEventListener("click", () => kill(restart, say));
  document.getElementById("panel-body").append(
    h("p", { class: "panel-lead" }, h("strong", {}, "No account, nothing is paid."), " Discord and OpenRouter are stand-ins on this machine. The bot is the real one. Videos are drawn here, not by a model."),
    facts,
    h("fieldset", { class: "outcome-box" }, h("legend", {}, "The next job…"), outcomes),
    problem,
    h("h3", { class: "panel-title" }, "A crash"),
    h("p", { class: "panel-note", id: "restart-note" }, "Do it while a job runs, and see what the bot says when it comes back."),
    restart,
  );
  restart.setAttribute("aria-describedby", "restart-note");
  const draw = () => {
    drawFacts(facts);
    drawOutcomes(outcomes, say);
  };
  store.on("load", draw);
  store.on("bot", () => {
    drawFacts(facts);
    announce(`The bot is ${store.state.bot.online ? "online" : "offline"}`);
  });
  store.on("outcome", () => drawOutcomes(outcomes, say));
  setInterval(() => {
    const time = facts.querySelector("time");
    if (time) time.textContent = formatTime(now(), "T");
  }, 1000);
}

function fact(name, ...value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

function drawFacts(facts) {
  const { bot, clock } = store.state;
  facts.replaceChildren(
    fact("Bot", h("span", { class: `dot ${bot.online ? "dot-on" : "dot-off"}`, "aria-hidden": "true" }), bot.online ? "online" : "offline"),
    fact("Time runs", clock.speed === 1 ? "as on your clock" : `${clock.speed}× as fast`),
    fact("Sandbox time", h("time", {}, formatTime(now(), "T"))),
  );
}

function drawOutcomes(box, say) {
  const { outcomes = [], outcome } = store.state.sandbox;
  const focused = box.contains(document.activeElement);
  box.replaceChildren(
    ...outcomes.map(({ id, label, hint }) => {
      const input = h("input", { type: "radio", name: "outcome", value: id, checked: id === outcome });
      input.addEventListener("change", async () => {
        try {
          store.apply({ type: "outcome", ...(await api.outcome(id)) });
          say("");
        } catch (error) {
          say(error.message);
        }
      });
      return h("label", { class: "choice" }, input, h("span", { class: "option-text" }, h("span", { class: "option-name" }, label), h("span", { class: "option-note" }, hint)));
    }),
  );
  if (focused) box.querySelector(":checked")?.focus();
}

async function kill(button, say) {
  button.setAttribute("aria-busy", "true");
  say("");
  try {
    await api.restart();
  } catch (error) {
    say(error.message);
  } finally {
    button.removeAttribute("aria-busy");
  }
}
