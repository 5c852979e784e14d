// Times without typing: so many minutes ago, so many minutes long; a clock for what these do not cover.
import { h } from "./dom.js";
import { clock, minuteOfDay, span } from "./words.js";

const DAY = 24 * 60;
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
  const back = (from) => (minuteOfDay(from) - hours * 60 - minutes + DAY) % DAY;
  const minute = Math.floor(now / 60_000);
  // The minute that has just begun on a clock ahead of this one is now, not a day ago.
  const ago = back(now) === DAY - 1 ? -1 : back(now);
  const at = new Date((minute - ago) * 60_000);
  // Where the clocks were changed in between, that many minutes back showed something else.
  const off = (minuteOfDay(at) - hours * 60 - minutes + DAY * 1.5) % DAY - DAY / 2;
  return new Date(at - off * 60_000);
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
