// What the officer did, as entries: on the disk first, always, and sent from there. Each has an id made here, by
// which the server knows it again, so that sending twice does no harm.
import { after, all, change, keep, recall } from "./store.js";

const UNDO_MS = 8000; // an end can be taken back for so long before it is sent
const MINE_KEPT_MS = 18 * 3_600_000;
export const SENDING = "hot-spot-log-send";

/** Entries that the full disk did not take; they are sent from here, and the page says so. */
export const unsaved = [];

/** Entries that this page has tried to send, should the full disk not take the mark either. */
const tried = new Set();

export const queued = async () => [...await all("queue"), ...unsaved];

/** An end waits for as long as it can be taken back; what waits longer was made before the clock was set right. */
export function held({ hold_until }) {
  const left = hold_until - Date.now();
  return left > 0 && left <= UNDO_MS;
}

// The wall clock less the one that only runs: differs between making and sending where somebody set the clock.
const relation = () => Date.now() - (performance.timeOrigin + performance.now());

/** The entry as it is sent: with how far the clock was set since, where the same page can tell. */
export const outgoing = ({ entry: made, clock }) => ({
  ...made,
  clock_drift_s: clock?.origin === performance.timeOrigin ? (relation() - clock.relation) / 1000 : null,
});

async function entry(type, officer, content, { label, hold = 0 } = {}) {
  const id = crypto.randomUUID();
  const offset_s = await recall("offset_s") ?? null;
  const now = Date.now();
  return {
    officer: officer.id,
    officer_name: officer.name,
    label,
    state: "waiting",
    hold_until: hold ? now + hold : 0,
    clock: { origin: performance.timeOrigin, relation: relation() },
    entry: { id, type, officer: officer.id, made_at: new Date(now).toISOString(), offset_s, ...content },
  };
}

const full = (error) => error?.name === "QuotaExceededError";

/**
 * Puts an entry and what goes with it in one transaction. Where the disk is full, the list of places makes room first;
 * if that is not enough, the entry is held here and sent from here, or refused when it would be no use so.
 * `unless` looks, in the same transaction, whether it was done already, by a double tap or in another tab: it asks for a
 * record and says by it. Resolves to the entry, or to null where there was nothing to do.
 */
async function put(item, more = () => {}, { memory = true, unless = null } = {}) {
  let done = false;
  const write = () => change(["queue", "running", "mine"], (queue, running, mine) => {
    const add = () => {
      for (const one of [item].flat()) queue.add(one);
      more(running, mine);
    };
    if (!unless) return void add();
    const [asking, isDone] = unless(running, mine);
    after(asking, (found) => {
      done = isDone(found);
      if (!done) add();
    });
  });
  if ([item].flat().some((one) => inMemory(one.entry))) return null;
  try {
    await write();
  } catch (error) {
    if (!full(error)) throw error;
    await change(["keep"], (store) => { store.delete("places"); store.delete("places_etag"); }).catch(() => {});
    try {
      await write();
    } catch (again) {
      if (!full(again) || !memory) throw again;
      unsaved.push(item);
    }
  }
  return done ? null : item;
}

const FINAL = new Set(["end", "cancel", "log"]);
const inMemory = ({ type, activity }) => FINAL.has(type) && unsaved.some(({ entry: one }) => FINAL.has(one.type) && one.activity === activity);

/** A visit is over once it has a record here; one that began here is over, too, when it runs no more. */
const over = ({ activity, elsewhere = false }) => (running, mine) => (elsewhere
  ? [mine.get(activity), (record) => Boolean(record)]
  : [running.get(activity), (record) => !record]);

const mineOf = (item, { id, kind, label, started_at, ended_at, what, assignment = null, visit = null }) => ({
  id, entry: item.entry.id, officer: item.officer, kind, label, started_at, ended_at, what, assignment, visit, made_at: Date.now(), state: "waiting",
});

const place = ({ hot_spot = null, place: at = null, point = null, accuracy_m = null }) => ({ hot_spot, place: at, point, accuracy_m });

export async function start(officer, { kind, at, started_at, assignment = null, unit = null, operation = null, details = {}, visit = null }) {
  const activity = crypto.randomUUID();
  const content = { activity, kind, ...place(at), assignment, unit, operation, started_at };
  const item = await entry("start", officer, content, { label: `Start: ${at.label}` });
  const running = { activity, officer: officer.id, officer_name: officer.name, kind, at, started_at, assignment, unit, operation, details, visit, note: "", route: false, track: [] };
  const another = (one) => one.officer === officer.id && !inMemory({ type: "end", activity: one.activity });
  const unless = (store) => [store.getAll(), (records) => records.some(another)];
  return await put(item, (store) => store.put(running), { memory: false, unless }) && running;
}

/** Read and written in one transaction, so that a step of the route and a tapped answer never undo each other. */
export const changeRunning = (activity, changes) => change(["running"], (store) => {
  after(store.get(activity), (running) => { if (running) store.put({ ...running, ...changes }); });
});

/** Complete in itself: the server can store it even if the start never arrives. */
export async function end(officer, running, { ended_at, details, note = "" }) {
  const { activity, kind, at, started_at, assignment, unit, operation } = running;
  const content = { activity, kind, ...place(at), assignment, unit, operation, started_at, ended_at, details, note };
  const item = await entry("end", officer, content, { label: `End: ${at.label}`, hold: UNDO_MS });
  const mine = mineOf(item, { id: activity, kind, label: at.label, started_at, ended_at, assignment });
  return await put(item, (store, record) => { store.delete(activity); record.put(mine); }, { unless: over(running) }) && { item, running };
}

/**
 * Takes an end back if nobody has tried to send it: nothing is sent while this holds the sender's lock. Once tried, the
 * server may have it although its answer was lost.
 */
export const undoEnd = ({ item, running }) => navigator.locks.request(SENDING, async () => {
  const there = (await queued()).find((one) => one.entry.id === item.entry.id);
  if (!there || there.tried || tried.has(item.entry.id)) return false;
  if (unsaved.includes(there)) { // its visit still stands on the disk as running
    unsaved.splice(unsaved.indexOf(there), 1);
    return true;
  }
  await change(["queue", "running", "mine"], (queue, store, mine) => {
    queue.delete(there.seq);
    store.put(running);
    mine.delete(running.activity);
  });
  return true;
});

export async function cancel(officer, running, why) {
  const { activity, kind, at, started_at, visit } = running;
  const item = await entry("cancel", officer, { activity, why }, { label: `Cancel: ${at.label}` });
  const mine = mineOf(item, { id: activity, kind, label: at.label, started_at, ended_at: started_at, what: "canceled", visit });
  return put(item, (store, record) => { store.delete(activity); record.put(mine); }, { unless: over(running) });
}

/** The same visit with another start: what was sent before is canceled, and a new one begins. */
export async function restart(officer, running, started_at) {
  const { activity: before, kind, at, assignment, unit, operation } = running;
  const activity = crypto.randomUUID();
  const canceled = await entry("cancel", officer, { activity: before, why: "Started at another time" }, { label: `Change start: ${at.label}` });
  const item = await entry("start", officer, { activity, kind, ...place(at), assignment, unit, operation, started_at }, { label: `Start: ${at.label}` });
  const again = { ...running, activity, started_at, elsewhere: false };
  const more = (store) => {
    store.delete(before);
    store.put(again);
  };
  return await put([canceled, item], more, { memory: false, unless: over(running) }) && again;
}

/** `activity` is the number that the form got when it opened: saved twice, it is one record. */
export async function log(officer, { activity = crypto.randomUUID(), kind, at, started_at, ended_at, details, note = "", unit = null, recorded = "typed" }) {
  const content = { activity, kind, ...place(at), unit, started_at, ended_at, recorded, details, note };
  const item = await entry("log", officer, content, { label: at.label });
  const unless = (_, mine) => [mine.get(activity), (record) => Boolean(record)];
  return put(item, (_, record) => record.put(mineOf(item, { id: activity, kind, label: at.label, started_at, ended_at })), { unless });
}

export async function operation(officer, { id, hot_spot, name, started_at, ended_at = null, label }) {
  const item = await entry("operation", officer, { operation: id, hot_spot, name, started_at, ended_at }, { label: `${ended_at ? "Close" : "Open"}: ${label}` });
  await put(item);
}

export async function measure(officer, { id, kind, at, title, note }) {
  const now = new Date().toISOString();
  const item = await entry("measure", officer, { measure: id, kind, place: at.place ?? null, point: at.point ?? null, title, note }, { label: title });
  const unless = (_, mine) => [mine.get(id), (record) => Boolean(record)];
  return put(item, (_, record) => record.put(mineOf(item, { id, kind, label: at.label, started_at: now, ended_at: now, what: title })), { unless });
}

/** What the server said about entries: away from the queue with those that it has, a mark on those it has not. */
export async function settle(items, answers) {
  const by = new Map(answers.map((answer) => [answer.id, answer]));
  const records = new Map((await all("mine")).map((one) => [one.entry, one]));
  const has = (item) => ["stored", "kept"].includes(by.get(item.entry.id)?.state);
  const forget = (queue, running) => items.filter(has).forEach((item) => {
    if (item.seq !== undefined) queue.delete(item.seq);
    else if (item.entry.type !== "start") running.delete(item.entry.activity ?? ""); // its end was held here alone
  });
  const write = (queue, running, mine) => {
    forget(queue, running);
    for (const item of items) {
      const answer = by.get(item.entry.id);
      const record = records.get(item.entry.id);
      if (!answer) continue;
      if (!has(item)) { if (item.seq !== undefined) queue.put({ ...item, state: answer.state, error: answer.message ?? "" }); }
      else if (record) mine.put({ ...record, state: answer.state, flags: answer.flags ?? [], message: answer.message ?? "" });
    }
  };
  await change(["queue", "running", "mine"], write).catch((error) => {
    if (!full(error)) throw error;
    return change(["queue", "running"], forget);
  });
  for (const item of items.filter(has)) if (unsaved.includes(item)) unsaved.splice(unsaved.indexOf(item), 1);
}

/** Before the request: from here on the server may have them, whatever becomes of its answer. */
export async function markTried(items) {
  const anew = items.filter((item) => !item.tried);
  for (const item of anew) tried.add(item.entry.id);
  if (anew.length) await mark(anew, { tried: true }).catch((error) => { if (!full(error)) throw error; });
}

export async function mark(items, changes) {
  const still = new Set((await all("queue")).map((one) => one.seq));
  await change(["queue"], (queue) => {
    for (const item of items) {
      Object.assign(item, changes);
      if (still.has(item.seq)) queue.put(item);
    }
  });
}

/** Today's record is kept for a shift and a half; what waits stays in the queue. */
export async function dropOld() {
  const old = (await all("mine")).filter((one) => Date.now() - one.made_at > MINE_KEPT_MS);
  if (old.length) await change(["mine"], (mine) => old.forEach((one) => mine.delete(one.id)));
}

/** The choices an officer makes most often come first the next time. */
export async function remember(name, values) {
  const recent = (await recall("recent")) ?? {};
  recent[name] = [...new Set([...values, ...(recent[name] ?? [])])].slice(0, 8);
  await keep({ recent });
}
