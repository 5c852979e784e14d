// What the screens do: the queue first, then the sender, then a word to the officer.
import { askFor, toast } from "./dialogs.js";
import { label, load, own, phone, waiting } from "./lists.js";
import { fresh, unfollow } from "./position.js";
import { ASKED_WHILE_RUNNING, details, usual } from "./questions.js";
import * as queue from "./queue.js";
import { NoSignal, Refused, SignedOut, Trouble, fetchState, sendAll } from "./send.js";
import { KINDS, clock, minutesBetween, plural, span } from "./words.js";

/** How sending stands: `state` is ok, sending, no_signal, trouble, signed_out or refused. */
export const line = { state: "ok", words: "" };
export const changed = () => window.dispatchEvent(new Event("log:changed"));
export const kindName = (kind) => label(kind) ?? KINDS[kind] ?? kind;
export const go = (address) => { location.hash = address; };
const goHomeFrom = (address) => { if (location.hash === address) go("#/home"); }; // a tab tapped meanwhile stands

let turn = Promise.resolve();
let pending = null;

/**
 * One round of sending; what stands in its way is told in words, and nothing of it is lost. A call during a round asks
 * for one more after it: the signal may have come back meanwhile.
 */
export function trySend(options = {}) {
  if (pending) Object.assign(pending.options, options);
  else {
    const next = { options: { ...options } };
    next.done = turn.then(() => {
      pending = null;
      return sendOnce(next.options);
    });
    turn = next.done.catch((error) => console.error(error)); // one failed round must not end all
    pending = next;
  }
  return pending.done;
}

async function sendOnce(options) {
  line.state = "sending";
  changed();
  try {
    // What was sent changes what is next and what runs.
    if (await sendAll(options)) await fetchState();
    Object.assign(line, { state: "ok", words: "" });
  } catch (error) {
    Object.assign(line, { state: stateAfter(error), words: error.message });
  }
  await load();
  changed();
  if (waiting().length && line.state !== "signed_out") backgroundSync();
  return line.state;
}

function stateAfter(error) {
  const known = [[Trouble, "trouble"], [NoSignal, "no_signal"], [SignedOut, "signed_out"], [Refused, "refused"]].find(([kind]) => error instanceof kind);
  if (!known) console.error(error);
  return known?.[1] ?? "trouble";
}

async function backgroundSync() {
  try {
    const worker = await navigator.serviceWorker?.getRegistration();
    await worker?.sync?.register("send");
  } catch { /* browsers without it send when the app is open */ }
}

async function told(words, options) {
  await load();
  toast(words, options);
  changed();
  trySend();
}

/** A full disk and a signed-out phone are said in words; anything else is a fault and thrown. */
async function saving(work) {
  if (!phone.officer || !phone.state) {
    toast("Sign in once with signal; after that this works without.", { bad: true });
    return null;
  }
  try {
    return await work();
  } catch (error) {
    const full = error?.name === "QuotaExceededError";
    toast(full ? "NOT saved: the phone's storage is full. Free some space and try again." : "NOT saved. Try again; if it stays so, reload the page.", { bad: true, ms: 20_000 });
    if (!full) console.error(error);
    return null;
  }
}

/** Where the phone is, beside a hot spot's name: a place that was chosen is where it took place, wherever the phone is. */
const withPosition = (at) => {
  const here = fresh();
  return at.point || !here ? at : { ...at, point: here.point, accuracy_m: here.accuracy };
};

/** Nothing was written, or it was done already, by a double tap or in another tab: the screen shows how it stands. */
async function shown(answer) {
  await load();
  changed();
  return answer;
}

let beginning = false; // a screen may be drawn anew, button and all, while a start is written

/** Starts a visit; one that runs already is ended first, if the officer says so. */
export async function begin(given) {
  if (beginning) return false;
  beginning = true;
  try { return await beginNow(given); } finally { beginning = false; }
}

async function beginNow({ kind, at, ago = 0, assignment = null, operation = null }) {
  const from = location.hash;
  const current = own();
  if (current) {
    const answer = await askFor(`${kindName(current.kind)} is running`, `At ${current.at.label}, for ${span(Math.max(0, minutesBetween(current.started_at, Date.now())))}.`, [
      ["end", "End it and start the new one", "button--go"],
      [null, "Leave it running"],
    ]);
    if (answer !== "end" || !await finish(current, { quiet: true })) return false;
  }
  const running = await saving(() => queue.start(phone.officer, {
    kind, at: at.hot_spot ? withPosition(at) : at, assignment, operation, unit: phone.unit?.id ?? null,
    started_at: new Date(Date.now() - ago * 60_000).toISOString(), details: usual(kind),
    visit: phone.state.next.find((one) => one.assignment === assignment) ?? null,
  }));
  if (!running) return shown(false);
  goHomeFrom(from);
  await told(`${kindName(kind)} started at ${at.label}.`);
  return true;
}

/** Ends a visit at once; where a form is needed, the clock stops now and the form opens. */
export async function finish(running, { quiet = false, given = null, ended_at = null } = {}) {
  if (!running) return false; // ended meanwhile
  const from = location.hash;
  if (!given && !ASKED_WHILE_RUNNING.has(running.kind)) {
    await queue.changeRunning(running.activity, { stopped_at: running.stopped_at ?? new Date().toISOString() });
    await load();
    go(`#/end/${running.activity}`);
    return false;
  }
  const [latest = running] = phone.running.filter((one) => one.activity === running.activity);
  const answers = given ?? { ...usual(running.kind), ...latest.details };
  const end = ended_at ?? latest.stopped_at ?? new Date().toISOString();
  unfollow();
  const ended = await saving(() => queue.end(phone.officer, latest, {
    ended_at: end, // even one before its start: each is put right by what the clock showed when it was made
    details: details(running.kind, answers, latest.track),
    note: (given?.note ?? latest.note ?? "").trim(),
  }));
  if (!ended) return shown(false);
  const minutes = Math.max(0, minutesBetween(latest.started_at, end));
  if (quiet) { await load(); return true; }
  goHomeFrom(from);
  await told(`Ended after ${span(minutes)}.`, { action: ["Undo", () => takeBack(ended)] });
  setTimeout(trySend, 8200); // an end can be taken back until then
  return true;
}

async function takeBack(ended) {
  const back = await queue.undoEnd(ended);
  await told(back ? "It is running again." : "It is on its way already. A supervisor can correct it.");
}

/** Something about the running visit that is not sent before its end. */
export async function adjust(running, changes) {
  await queue.changeRunning(running.activity, changes);
  await load();
  changed();
}

/** A visit that was started by mistake. */
export async function mistake(running) {
  const why = await askFor("Started by mistake?", `${kindName(running.kind)} at ${running.at.label} will not count.`, [
    ["Started by mistake", "Cancel this visit", "button--end"],
    [null, "Keep it running"],
  ]);
  if (!why) return;
  unfollow();
  if (await saving(() => queue.cancel(phone.officer, running, why))) await told("Canceled. It does not count.");
  else await shown();
}

/** Another start: the visit begins anew with the right time, and the first one does not count. */
export async function restart(running, ago) {
  const started_at = new Date(Date.now() - ago * 60_000).toISOString();
  if (await saving(() => queue.restart(phone.officer, running, started_at))) await told(`Started at ${clock(started_at)}.`);
  else await shown();
}

/** A record made afterwards, or of a moment. */
export async function record(kind, { activity, at, given, started_at, ended_at }) {
  const done = await saving(() => queue.log(phone.officer, { activity, kind, at, started_at, ended_at, details: details(kind, given), note: (given.note ?? "").trim(), unit: phone.unit?.id ?? null }));
  if (!done) return false;
  await learn(kind, given);
  await told(queue.unsaved.length ? "Held in memory only: the phone's storage is full. Keep this page open until it is sent." : `${kindName(kind)} saved.`, { bad: queue.unsaved.length > 0 });
  return true;
}

/** What this officer chooses most comes first next time. A convenience: a full disk is no reason to fail. */
export async function learn(kind, given) {
  const names = { arrest: ["offenses"], k9: ["dog", "handler"], knock_and_talk: ["language"], directed_patrol: ["mode"] }[kind] ?? [];
  for (const name of names) {
    const value = given[name];
    if (value === undefined || value === null) continue;
    await queue.remember(name, Array.isArray(value) ? value : [value]).catch(() => {});
  }
}

/** Opens a saturation operation and puts the officer in it. */
export async function openOperation(id, at, name = "") {
  const made = await saving(async () => {
    await queue.operation(phone.officer, { id, hot_spot: at.hot_spot, name, started_at: new Date().toISOString(), label: name || at.label });
    return true;
  });
  if (made) await begin({ kind: "saturation_patrol", at, operation: id });
}

export async function closeOperation({ id, hot_spot, name, started_at }, words) {
  const done = await saving(async () => {
    await queue.operation(phone.officer, { id, hot_spot, name, started_at, ended_at: new Date().toISOString(), label: words });
    return true;
  });
  if (done) await told("The operation is closed. Units in it end their own visits.");
}

export async function report({ id, kind, at, title, note = "" }) {
  const done = await saving(() => queue.measure(phone.officer, { id, kind, at, title, note: note.trim() }));
  if (done) await told(`Reported: ${title}.`);
  return done;
}

export const waitingWords = () => {
  const count = waiting().length;
  return count ? `${plural(count, "entry", "entries")} waiting` : "everything sent";
};
