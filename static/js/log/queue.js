// What the officer did, as entries: on the disk first, always, and sent from there. Each has an id made here, by
// which the server knows it again, so that sending twice does no harm.
import { all, change, keep, recall } from "./store.js";

const UNDO_MS = 8000; // an end can be taken back for so long before it is sent
const MINE_KEPT_MS = 18 * 3_600_000;
export const SENDING = "hot-spot-log-send";

/** Entries that the full disk did not take; they are sent from here, and the page says so. */
export const unsaved = [];

export const queued = async () => [...await all("queue"), ...unsaved];

function entry(type, officer, content, { label, hold = 0 } = {}) {
  const id = crypto.randomUUID();
  const now = Date.now();
  return {
    officer: officer.id,
    officer_name: officer.name,
    label,
    state: "waiting",
    hold_until: hold ? now + hold : 0,
    entry: { id, type, officer: officer.id, made_at: new Date(now).toISOString(), ...content },
  };
}

const full = (error) => error?.name === "QuotaExceededError";

/**
 * Puts an entry and what goes with it in one transaction. Where the disk is full, the list of places makes room first;
 * if that is not enough, the entry is held here and sent from here, or refused when it would be no use so.
 */
async function put(item, more = () => {}, { held = true } = {}) {
  const write = () => change(["queue", "running", "mine"], (queue, running, mine) => {
    queue.add(item);
    more(running, mine);
  });
  try {
    await write();
  } catch (error) {
    if (!full(error)) throw error;
    await change(["keep"], (store) => { store.delete("places"); store.delete("places_etag"); }).catch(() => {});
    try {
      await write();
    } catch (again) {
      if (!full(again) || !held) throw again;
      unsaved.push(item);
    }
  }
  return item;
}

const mineOf = (item, { id, kind, label, started_at, ended_at, what, assignment = null, visit = null }) => ({
  id, entry: item.entry.id, officer: item.officer, kind, label, started_at, ended_at, what, assignment, visit, made_at: Date.now(), state: "waiting",
});

const place = ({ hot_spot = null, place: at = null, point = null, accuracy_m = null }) => ({ hot_spot, place: at, point, accuracy_m });

export async function start(officer, { kind, at, started_at, assignment = null, unit = null, operation = null, details = {}, visit = null }) {
  const activity = crypto.randomUUID();
  const content = { activity, kind, ...place(at), assignment, unit, operation, started_at };
  const item = entry("start", officer, content, { label: `Start: ${at.label}` });
  const running = { activity, officer: officer.id, officer_name: officer.name, kind, at, started_at, assignment, unit, operation, details, visit, note: "", route: false, track: [] };
  await put(item, (store) => store.put(running), { held: false });
  return running;
}

/** Read and written in one transaction, so that a step of the route and a tapped answer never undo each other. */
export const changeRunning = (activity, changes) => change(["running"], (store) => {
  const reading = store.get(activity);
  reading.onsuccess = () => { if (reading.result) store.put({ ...reading.result, ...changes }); };
});

/** Complete in itself: the server can store it even if the start never arrives. */
export async function end(officer, running, { ended_at, details, note = "" }) {
  const { activity, kind, at, started_at, assignment, unit, operation } = running;
  const content = { activity, kind, ...place(at), assignment, unit, operation, started_at, ended_at, details, note };
  const item = entry("end", officer, content, { label: `End: ${at.label}`, hold: UNDO_MS });
  const mine = mineOf(item, { id: activity, kind, label: at.label, started_at, ended_at, assignment });
  await put(item, (store, record) => { store.delete(activity); record.put(mine); });
  return { item, running };
}

/** Takes an end back if it is not on its way yet: nothing is sent while this holds the sender's lock. */
export const undoEnd = ({ item, running }) => navigator.locks.request(SENDING, async () => {
  const there = (await all("queue")).find((one) => one.entry.id === item.entry.id);
  if (!there) return false;
  await change(["queue", "running", "mine"], (queue, store, mine) => {
    queue.delete(there.seq);
    store.put(running);
    mine.delete(running.activity);
  });
  return true;
});

export async function cancel(officer, running, why) {
  const { activity, kind, at, started_at, visit } = running;
  const item = entry("cancel", officer, { activity, why }, { label: `Cancel: ${at.label}` });
  const mine = mineOf(item, { id: activity, kind, label: at.label, started_at, ended_at: started_at, what: "canceled", visit });
  await put(item, (store, record) => { store.delete(activity); record.put(mine); });
}

/** The same visit with another start: what was sent before is canceled, and a new one begins. */
export async function restart(officer, running, started_at) {
  const { activity: before, kind, at, assignment, unit, operation } = running;
  const activity = crypto.randomUUID();
  const canceled = entry("cancel", officer, { activity: before, why: "Started at another time" }, { label: `Change start: ${at.label}` });
  const item = entry("start", officer, { activity, kind, ...place(at), assignment, unit, operation, started_at }, { label: `Start: ${at.label}` });
  const again = { ...running, activity, started_at };
  await change(["queue", "running"], (queue, store) => {
    queue.add(canceled);
    queue.add(item);
    store.delete(before);
    store.put(again);
  });
  return again;
}

export async function log(officer, { kind, at, started_at, ended_at, details, note = "", unit = null, recorded = "typed" }) {
  const activity = crypto.randomUUID();
  const content = { activity, kind, ...place(at), unit, started_at, ended_at, recorded, details, note };
  const item = entry("log", officer, content, { label: at.label });
  await put(item, (_, record) => record.put(mineOf(item, { id: activity, kind, label: at.label, started_at, ended_at })));
  return item;
}

export async function operation(officer, { id, hot_spot, name, started_at, ended_at = null, label }) {
  const item = entry("operation", officer, { operation: id, hot_spot, name, started_at, ended_at }, { label: `${ended_at ? "Close" : "Open"}: ${label}` });
  await put(item);
}

export async function measure(officer, { kind, at, title, note }) {
  const id = crypto.randomUUID();
  const now = new Date().toISOString();
  const item = entry("measure", officer, { measure: id, kind, place: at.place ?? null, point: at.point ?? null, title, note }, { label: title });
  await put(item, (_, record) => record.put(mineOf(item, { id, kind, label: at.label, started_at: now, ended_at: now, what: title })));
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
