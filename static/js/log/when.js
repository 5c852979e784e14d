// Times without typing: so many minutes ago, so many minutes long; a clock for what these do not cover.
import { h } from "./dom.js";
import { clock, span } from "./words.js";

let rows = 0;

const row = (title, offered, chosen, choose) => {
  rows += 1;
  const name = `time-${rows}`;
  return h("fieldset", { class: "minutes" }, h("legend", {}, title), h("div", { class: "options options--short" }, offered.map(([value, words]) => h("label", { class: "option" },
    h("input", { type: "radio", name, checked: value === chosen(), onchange: () => choose(value) }), h("span", {}, words)))));
};

const AGO = [[0, "Now"], [5, "5 min ago"], [10, "10 min ago"], [20, "20 min ago"], [30, "30 min ago"], [60, "1 h ago"]];
const LONG = [[5, "5 min"], [10, "10 min"], [15, "15 min"], [20, "20 min"], [30, "30 min"], [45, "45 min"], [60, "1 h"], [120, "2 h"]];

/** Started so many minutes ago: `given.ago`. */
export const startedAgo = (given, told) => row("Started", AGO, () => given.ago, (value) => { given.ago = value; told?.(); });

/** The last time that clocks showed "22:40": today, or yesterday where today's is still to come. */
export function lastTime(text, now = new Date()) {
  const [hours, minutes] = text.split(":").map(Number);
  const at = new Date(now);
  at.setHours(hours, minutes, 0, 0);
  if (at - now > 60_000) at.setDate(at.getDate() - 1);
  return at;
}

/** From when to when something took place that is written down afterwards: `given.took`, `given.ago`, or `given.at`. */
export function tookPlace(given) {
  const said = h("span", {});
  const say = () => {
    const { started_at, ended_at } = times(given);
    said.textContent = `${clock(started_at)} to ${clock(ended_at)}, ${span(given.took)}`;
  };
  const exact = h("input", { type: "time", id: "ended-at", onchange: (event) => { given.at = event.target.value; say(); } });
  say();
  return h("details", { class: "more", id: "times" }, h("summary", {}, h("span", { class: "summary-words" }, "When: ", said)),
    row("It took", LONG, () => given.took, (value) => { given.took = value; say(); }),
    row("It ended", AGO.map(([value, words]) => [value, value ? words : "Just now"]), () => given.ago, (value) => { given.ago = value; given.at = ""; exact.value = ""; say(); }),
    h("div", { class: "line" }, h("label", { for: "ended-at" }, "Or it ended at"), exact));
}

export function times(given, now = new Date()) {
  const ended = given.at ? lastTime(given.at, now) : new Date(now - given.ago * 60_000);
  return { started_at: new Date(ended - given.took * 60_000).toISOString(), ended_at: ended.toISOString() };
}
