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
  const next = h("span", { class: "outcome-next" });
  const languages = h("dl", { class: "languages" });
  const problem = h("p", { class: "field-error", role: "alert", hidden: true });
  const restart = h("button", { type: "button", class: "button button-secondary button-wide" }, h("span", { class: "button-face" }, "Kill and restart the bot"));
  const say = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
  };
  restart.addEventListener("click", () => kill(restart, say));
  document.getElementById("panel-body").append(
    h("p", { class: "panel-lead" }, h("strong", {}, "No account, no charges."), " The bot is the real one; Discord and OpenRouter are stand-ins on this machine. Its videos are drawn here, not by a model. Prices are OpenRouter’s, but only pretend money is spent."),
    facts,
    languages,
    h(
      "details",
      { class: "outcome-box" },
      h("summary", {}, "Test failure cases", next),
      h("p", { class: "panel-note" }, "Pick what happens to the next video. The one after it is made as usual again."),
      h("fieldset", {}, h("legend", {}, "The next video…"), outcomes),
    ),
    problem,
    h("h3", { class: "panel-title" }, "Crash the bot"),
    h("p", { class: "panel-note", id: "restart-note" }, "Kill it while a video is being made, and see what it says when it comes back."),
    restart,
  );
  restart.setAttribute("aria-describedby", "restart-note");
  const draw = () => {
    drawFacts(facts);
    drawOutcomes(outcomes, next, say);
    drawLanguages(languages, say);
  };
  store.on("load", draw);
  store.on("bot", () => {
    drawFacts(facts);
    announce(`The bot is ${store.state.bot.online ? "online" : "offline"}`);
  });
  store.on("languages", () => drawLanguages(languages, say));
  store.on("outcome", () => drawOutcomes(outcomes, next, say));
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

function drawLanguages(box, say) {
  const { languages } = store.state.sandbox;
  if (!languages) return;
  const focused = box.contains(document.activeElement) && document.activeElement.name;
  const menu = (whose, label) => {
    const options = languages.all.map((locale) => h("option", { value: locale, selected: locale === languages[whose] }, nameOf(locale)));
    const select = h("select", { name: whose, "aria-label": label }, ...options);
    select.addEventListener("change", async () => {
      try {
        store.apply({ type: "languages", ...(await api.language(whose, select.value)) });
        say("");
      } catch (error) {
        say(error.message);
      }
    });
    return fact(label, select);
  };
  box.replaceChildren(menu("person", "Your language"), menu("server", "Server's language"));
  if (focused) box.querySelector(`[name="${focused}"]`)?.focus();
}

/** A language as it calls itself. */
function nameOf(locale) {
  const name = new Intl.DisplayNames([locale], { type: "language" }).of(locale) ?? locale;
  return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
}

function drawOutcomes(box, next, say) {
  const { outcomes = [], outcome } = store.state.sandbox;
  const chosen = outcomes.find(({ id }) => id === outcome);
  next.textContent = !chosen || chosen === outcomes[0] ? "" : `The next video: ${chosen.label.toLowerCase()}`;
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
