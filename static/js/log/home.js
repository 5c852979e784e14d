// What an officer sees first: the visit that runs, which is next, what is near.
import { button, h, icon } from "./dom.js";
import { sheet } from "./dialogs.js";
import { fields, note } from "./fields.js";
import { hotSpot, hotSpotsNear, nextVisits, ofHotSpot, own, phone, serverNow } from "./lists.js";
import { fresh, locate, mayLocate, position } from "./position.js";
import { ASKED_WHILE_RUNNING, QUESTIONS, usual } from "./questions.js";
import { changeRunning } from "./queue.js";
import { SHORT, due, far } from "./words.js";
import { adjust, begin, changed, finish, go, kindName, mistake, restart } from "./work.js";
import { endedEarlier } from "./record.js";
import { startedAgo } from "./when.js";

const QUICK = ["vehicle_stop", "arrest", "k9", "knock_and_talk"];
const NEAR = 4;

export async function homeScreen() {
  if (!phone.state) return { title: "Hot spot log", content: [h("p", { class: "quiet" }, phone.signedOut ? "Sign in to load your hot spots." : "Your hot spots are loaded with the first signal. Nothing can be logged before that.")] };
  if (!fresh() && await mayLocate()) locate().then((found) => found && changed());
  const running = own();
  return {
    title: "Hot spot log",
    quietTitle: true,
    columns: [
      [running ? runningCard(running) : null, next(running)],
      [quick(), near()],
    ],
  };
}

function next(running) {
  const visits = nextVisits();
  const mine = visits.filter((one) => !one.unit || one.unit.id === phone.unit?.id);
  const theirs = visits.filter((one) => !mine.includes(one));
  const given = phone.unit ? "No visits are left for your unit or for anyone." : "All visits that are left are given to units.";
  const none = theirs.length ? given : "No visits are assigned for this shift. Start one where you are.";
  return h("section", { "aria-labelledby": "next-title" }, h("h2", { id: "next-title" }, "Next visits"),
    mine.length ? h("div", { class: "stack" }, mine.slice(0, running ? 3 : 8).map(visit)) : h("p", { class: "quiet" }, none),
    theirs.length ? h("details", { class: "more", id: "next-others", open: !mine.length && !phone.unit },
      h("summary", {}, `${phone.unit ? "Of other units" : "Given to a unit"} (${theirs.length})`),
      phone.unit ? null : h("p", { class: "quiet" }, "Choose your unit in the menu, and its visits stand above."),
      h("div", { class: "stack" }, theirs.map(visit))) : null);
}

function visit(one) {
  const spot = hotSpot(one.hot_spot);
  const { words, late } = due(one.due_at, serverNow());
  const start = async () => {
    if (one.tactic === "saturation_patrol") return go(`#/operation?hot_spot=${one.hot_spot}`);
    return begin({ kind: one.tactic, at: ofHotSpot(spot ?? { id: one.hot_spot, name: "Hot spot" }), assignment: one.assignment });
  };
  return button([
    icon(one.tactic),
    h("span", { class: "row__words" }, h("strong", {}, spot?.name ?? "Hot spot"), h("span", { class: "soft" }, `${kindName(one.tactic)}, ${one.minutes} min${one.unit ? `, ${one.unit.name}` : ""}`), h("span", { class: late ? "late" : "soft" }, words)),
    h("span", { class: "row__go" }, "Start"),
  ], start, { class: late ? "button button--row button--late" : "button button--row", id: `next-${one.assignment}` });
}

function quick() {
  return h("section", { "aria-labelledby": "quick-title" }, h("h2", { id: "quick-title" }, "Log now"),
    h("div", { class: "quick" }, QUICK.map((kind) => button([icon(kind), h("span", {}, SHORT[kind])], () => go(`#/record/${kind}`), { class: "button button--quick", id: `quick-${kind}`, "aria-label": kindName(kind) }))));
}

function near() {
  const here = fresh();
  const spots = hotSpotsNear(here?.point).slice(0, NEAR);
  const words = (away) => (away === null ? "" : away ? `${far(away)} away` : "you are here");
  return h("section", { "aria-labelledby": "near-title" }, h("h2", { id: "near-title" }, here ? "Hot spots near you" : "Hot spots"),
    h("div", { class: "stack" },
      spots.map(({ spot, away }) => button([icon("pin"), h("span", { class: "row__words" }, h("strong", {}, spot.name), h("span", { class: "soft" }, words(away)))], () => go(`#/start?hot_spot=${spot.id}`), { class: "button button--row", id: `near-${spot.id}` })),
      spots.length ? null : h("p", { class: "quiet" }, "No hot spot is active."),
      here ? null : button([icon("pin"), "Show those near me"], async () => { await locate(); changed(); }, { class: "button", id: "near-me" }),
      !here && position.trouble ? h("p", { class: "quiet" }, position.trouble) : null,
    ));
}

/** What can be said while the visit runs, so that its end is one tap. */
function runningCard(running) {
  const given = { ...usual(running.kind), ...running.details, note: running.note };
  const spot = hotSpot(running.at.hot_spot);
  const kept = () => {
    const { note: words, ...details } = given;
    Object.assign(running, { details, note: words });
    changeRunning(running.activity, { details, note: words });
  };
  const live = ASKED_WHILE_RUNNING.has(running.kind);
  return h("section", { class: "card", "aria-labelledby": "running-title" },
    h("h2", { id: "running-title" }, `${kindName(running.kind)} at ${running.at.label}`),
    spot?.problem ? h("p", { class: "soft" }, spot.problem) : null,
    spot && running.kind === "directed_patrol" ? h("p", { class: "soft" }, `Stay ${spot.least_minutes} to ${spot.most_minutes} minutes.`) : null,
    running.kind === "foot_patrol" ? route(running) : null,
    live ? fields(QUESTIONS[running.kind], given, { told: kept }).boxes : h("p", { class: "soft" }, "A few questions come when it ends."),
    live ? note(given, kept) : null,
    h("div", { class: "pair" },
      button("Change times", () => changeTimes(running), { class: "button", id: "change-times" }),
      button("Started by mistake", () => mistake(running), { class: "button", id: "mistake" })),
  );
}

function route(running) {
  const on = Boolean(running.route);
  const words = on ? `Recording your route: ${running.track?.length ?? 0} points. Keep this page open.` : "The route is not recorded.";
  return h("div", { class: "route" }, h("p", { class: "soft" }, icon("route"), words, on && position.trouble ? ` ${position.trouble}` : ""),
    button(on ? "Stop recording the route" : "Record my route", () => adjust(running, { route: !on }), { class: "button", id: "route", "aria-pressed": String(on) }));
}

async function changeTimes(running) {
  const start = { ago: null };
  const end = { ago: null };
  const now = new Date().toISOString();
  const chosen = await sheet("Change times", (close) => [
    startedAgo(start),
    button("Use this start", () => close("start"), { class: "button" }),
    endedEarlier(running, now, end),
    button("End it then", () => close("end"), { class: "button button--end" }),
  ]);
  if (chosen === "start" && start.ago !== null) await restart(running, start.ago);
  if (chosen === "end" && end.ago !== null) {
    const ended_at = new Date(new Date(now) - end.ago * 60_000).toISOString();
    if (ASKED_WHILE_RUNNING.has(running.kind)) await finish(running, { ended_at });
    else {
      await adjust(running, { stopped_at: ended_at });
      go(`#/end/${running.activity}`);
    }
  }
}
