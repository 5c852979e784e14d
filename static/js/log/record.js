// A stop, an arrest, a dog or a door: a few big buttons, no typing. The same form ends a visit whose clock ran.
import { button, h } from "./dom.js";
import { fields, note } from "./fields.js";
import { own, phone } from "./lists.js";
import { QUESTIONS, USUAL_MINUTES, usual } from "./questions.js";
import { changeRunning } from "./queue.js";
import { placeRow } from "./start.js";
import { times, tookPlace } from "./when.js";
import { choosePlace } from "./picker.js";
import { clock, minutesBetween, span } from "./words.js";
import { adjust, begin, finish, go, kindName, learn, record } from "./work.js";

const KEPT_MS = 30 * 60_000;
const begun = new Map(); // what was filled in and not saved yet, by kind: a glance at another screen loses nothing

export async function recordScreen({ id: kind, params }) {
  if (!QUESTIONS[kind]) return { title: "Log", content: [h("p", {}, "There is no such kind.")] };
  const before = begun.get(kind);
  const running = own();
  const place = running ? { at: { ...running.at, point: null, accuracy_m: null }, chosen: true, how: "Where your visit is running" } : { at: null, chosen: false, how: "" };
  const given = before && Date.now() - before.since < KEPT_MS && !params.has("again") ? before : {
    answers: usual(kind), when: { took: USUAL_MINUTES[kind], ago: 0, at: "" }, place: before && params.has("again") ? before.place : place, since: Date.now(), activity: crypto.randomUUID(),
  };
  begun.set(kind, given);
  const form = fields(QUESTIONS[kind], given.answers);
  const save = async (again) => {
    if (!form.complete()) return;
    if (!given.place.at) Object.assign(given.place, { at: await choosePlace(), chosen: true });
    if (!given.place.at) return;
    if (!await record(kind, { activity: given.activity, at: given.place.at, given: given.answers, ...times(given.when) })) return;
    if (again) {
      go(`#/record/${kind}?again=${Date.now()}`);
      return;
    }
    begun.delete(kind);
    go("#/home");
  };
  return {
    title: kindName(kind),
    content: [placeRow(given.place), ...form.boxes, tookPlace(given.when), note(given.answers)],
    actions: [
      running ? null : button("Start clock", async () => {
        if (!given.place.at) Object.assign(given.place, { at: await choosePlace(), chosen: true });
        if (given.place.at && await begin({ kind, at: given.place.at })) begun.delete(kind);
      }, { class: "button" }),
      kind === "knock_and_talk" ? button("Next door", () => save(true), { class: "button" }) : null,
      button("Save", () => save(false), { class: "button button--go", id: "save" }),
    ],
  };
}

/** The clock has stopped; these few answers finish the visit. */
export async function endScreen({ id: activity }) {
  const running = phone.running.find((one) => one.activity === activity);
  if (!running) return { title: "End", content: [h("p", {}, "This visit is not running any more.")], actions: [button("Home", () => go("#/home"), { class: "button button--go" })] };
  const ended = running.stopped_at ?? new Date().toISOString();
  const given = { ...usual(running.kind), ...running.details, note: running.note };
  const keepIt = () => changeRunning(activity, { details: { ...given }, note: given.note });
  const form = fields(QUESTIONS[running.kind], given, { told: keepIt });
  const when = { ago: 0 };
  return {
    title: `End: ${kindName(running.kind)}`,
    content: [
      h("p", { class: "stopped" }, `At ${running.at.label}. Stopped at ${clock(ended)} after ${span(Math.max(0, minutesBetween(running.started_at, ended)))}.`),
      ...form.boxes,
      h("details", { class: "more" }, h("summary", {}, "It ended earlier"), endedEarlier(running, ended, when)),
      note(given, keepIt),
    ],
    actions: [
      button("Keep it running", async () => {
        await adjust(running, { stopped_at: null });
        go("#/home");
      }, { class: "button" }),
      button("Save", async () => {
        if (!form.complete()) return;
        await learn(running.kind, given);
        await finish(running, { given, ended_at: new Date(new Date(ended) - when.ago * 60_000).toISOString() });
      }, { class: "button button--go", id: "save" }),
    ],
  };
}

export function endedEarlier(running, ended, when, told = () => {}) {
  const most = Math.max(0, minutesBetween(running.started_at, ended));
  const offered = [0, 5, 10, 15, 20, 30, 60].filter((minutes) => minutes <= most);
  return h("fieldset", { class: "minutes" }, h("legend", {}, "Ended"), h("div", { class: "options options--short" }, offered.map((minutes) => h("label", { class: "option" },
    h("input", { type: "radio", name: "earlier", checked: minutes === when.ago, onchange: () => { when.ago = minutes; told(); } }),
    h("span", {}, minutes ? `${minutes} min before` : "Just now")))));
}
