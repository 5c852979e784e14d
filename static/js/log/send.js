// The one sender. The page calls it, and the service worker when the browser says that there is signal again; a lock
// that all of them share lets one send at a time.
import { SENDING, held, mark, markTried, outgoing, queued, settle } from "./queue.js";
import { change, device, keep, recall } from "./store.js";

const MOST = 100; // entries in one request
const TIMEOUT_MS = 30_000;
const SYNC = "/log/sync/";
const STATE = "/log/state/";

export class NoSignal extends Error {}
export class Trouble extends NoSignal {}
export class SignedOut extends Error {}
export class Refused extends Error {}

async function ask(url, options = {}) {
  let response;
  try {
    response = await fetch(url, { ...options, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new NoSignal("No signal. It is sent when the signal is back.");
  }
  // A redirect is a sign-in page, by whatever way.
  if (response.status === 401 || response.type === "opaqueredirect") {
    await keep({ signed_out: true }).catch(() => {}); // a full disk stops no sending
    throw new SignedOut("Sign in to send it.");
  }
  return response;
}

/** How many seconds the server's clock is ahead of this phone's. */
const offset = (server_time, asked) => (Date.parse(server_time) - (asked + Date.now()) / 2) / 1000;

async function askState(outlines) {
  const asked = Date.now();
  const response = await ask(outlines ? `${STATE}?outlines=${encodeURIComponent(outlines)}` : STATE);
  if (response.status === 403) throw new Refused("Your sign-in may not log activity. Ask an administrator for the role.");
  if (!response.ok) throw new Trouble(`The server does not answer as it should (${response.status}). It is tried again.`);
  const state = await response.json();
  return { state, offset_s: offset(state.server_time, asked) };
}

/** Outlines that have not changed are not sent again; they are taken from the lists that are kept here. */
async function stateWithOutlines() {
  const kept = await recall("state");
  if (!kept?.outlines) return askState();
  const told = await askState(kept.outlines);
  const known = new Map(kept.hot_spots.map((spot) => [spot.id, spot.geometry]));
  for (const spot of told.state.hot_spots) if (spot.geometry === undefined) spot.geometry = known.get(spot.id);
  return told.state.hot_spots.every((spot) => spot.geometry !== undefined) ? told : askState();
}

/** The lists, who is signed in, and the token for sending. */
export async function fetchState() {
  const { state, offset_s } = await stateWithOutlines();
  const before = await recall("officer");
  await change(["keep", "mine"], (store, mine) => {
    store.put(state, "state");
    store.put(state.csrf, "csrf");
    store.put(state.officer, "officer");
    store.put(offset_s, "offset_s");
    store.put(Date.now(), "contact");
    store.put(false, "signed_out");
    if (before && before.id !== state.officer.id) {
      // Another officer on this phone: what they may see of the one before is only that something waits.
      mine.clear();
      store.delete("recent");
      store.delete("unit");
    }
  }).catch((error) => { if (error?.name !== "QuotaExceededError") throw error; });
  return state;
}

async function post(items) {
  const send = async () => ask(SYNC, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": (await recall("csrf")) ?? "" },
    body: JSON.stringify({ device: await device(), sent_at: new Date().toISOString(), entries: items.map(outgoing) }),
  });
  let asked = Date.now();
  let response = await send();
  if (response.status === 403) { // the token of an earlier sign-in
    await fetchState();
    asked = Date.now();
    response = await send();
  }
  return { response, asked };
}

async function why(response) {
  try { return (await response.json()).why ?? ""; } catch { return ""; }
}

/** Sends some entries; those that the server cannot even read are marked one by one, so that they hold up no other. */
async function sendSome(items) {
  const { response, asked } = await post(items);
  if (response.ok) {
    const { answers, server_time } = await response.json();
    await keep({ offset_s: offset(server_time, asked) }).catch(() => {});
    await settle(items, answers);
    // Somebody else has signed in meanwhile: from now on the app is theirs, and these wait for whose they are.
    if (answers.some((answer) => answer.state === "other_officer")) await fetchState();
    return;
  }
  if (response.status === 400 || response.status === 413) {
    if (items.length > 1) {
      const half = Math.ceil(items.length / 2);
      await sendSome(items.slice(0, half));
      await sendSome(items.slice(half));
      return;
    }
    await mark(items, { state: "unread", error: (await why(response)) || "The server could not read this entry. Show it to your supervisor." });
    return;
  }
  if (response.status === 403) throw new Refused((await why(response)) || "Your sign-in may not log activity.");
  throw new Trouble(`The server does not answer as it should (${response.status}). It is tried again.`);
}

async function sendNow({ everything, again }) {
  const officer = await recall("officer");
  const tried = new Set();
  for (;;) {
    const ready = (await queued()).filter((item) => !tried.has(item.entry.id)
      && (again || item.state !== "unread")
      && (!officer || item.officer === officer.id)
      && (everything || !held(item))).slice(0, MOST);
    if (!ready.length) return tried.size;
    for (const item of ready) tried.add(item.entry.id);
    await markTried(ready);
    try {
      await sendSome(ready);
    } catch (error) {
      await mark(ready, { error: error.message, tried_at: Date.now() }).catch(() => {});
      throw error;
    }
    await keep({ contact: Date.now(), signed_out: false }).catch(() => {});
  }
}

/**
 * Sends what is ready, in the order in which it was made. `everything`: also what could still be undone, since the
 * page is being left. `again`: also what the server could not read before. Resolves to how many
 * were sent; throws what stands in the way.
 */
export const sendAll = ({ everything = false, again = false } = {}) => navigator.locks.request(SENDING, () => sendNow({ everything, again }));
