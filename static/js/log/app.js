// The officer's app: which screen shows, what stands on every one of them, and when the queue is sent.
import { askFor, sheet, toast } from "./dialogs.js";
import { button, h, icon } from "./dom.js";
import { homeScreen } from "./home.js";
import { dropStale, load, loadPlaces, own, others, phone, refreshPlaces, waiting } from "./lists.js";
import { measureScreen } from "./measure.js";
import { mineScreen } from "./mine.js";
import { operationScreen } from "./operation.js";
import { follow, following, unfollow } from "./position.js";
import { dropOld, held, unsaved } from "./queue.js";
import { endScreen, recordScreen } from "./record.js";
import { NoSignal, Refused, SignedOut, fetchState } from "./send.js";
import { startScreen } from "./start.js";
import { forgetLists, keep, onChange } from "./store.js";
import { waitingScreen } from "./waiting.js";
import { SHORT, plural, timer } from "./words.js";
import { changed, finish, go, kindName, line, trySend } from "./work.js";

const EVERY_MS = 30_000;
const STATE_EVERY_MS = 60_000;
const IDLE_MS = 5 * 60_000; // without a touch the app asks for nothing, so that a forgotten one signs out by itself
const WRONG_CLOCK_S = 120;
const SETTLED_MS = 3000; // phones say "online" a little before it is true

const body = document.body;
const main = document.getElementById("screen");
const SCREENS = { home: homeScreen, start: startScreen, log: logScreen, record: recordScreen, end: endScreen, operation: operationScreen, measure: measureScreen, waiting: waitingScreen, mine: mineScreen };
const LIVE = new Set(["home", "waiting", "mine"]); // drawn anew when something changes; forms are left alone
const TABS = [["home", "Home"], ["start", "Start"], ["log", "Log"], ["waiting", "Waiting"], ["mine", "Mine"]];
const TAB_OF = { record: "log", measure: "log", operation: "start", end: "home" };

let drawing = 0;
let lastTouch = Date.now();
let lastState = 0;
let newer = null; // a newer version of the app that is ready
let outdated = false; // the newer one has taken over, and this page is still the old one

const route = () => {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, id] = path.split("/");
  return { name: SCREENS[name] ? name : "home", id, params: new URLSearchParams(query) };
};

async function logScreen() {
  return {
    title: "Log",
    content: [h("div", { class: "kinds" },
      Object.keys(SHORT).map((kind) => button([icon(kind), h("span", {}, kindName(kind))], () => go(`#/record/${kind}`), { class: "button button--kind", id: `log-${kind}` })),
      button([icon("saturation_patrol"), h("span", {}, "Saturation patrol")], () => go("#/operation"), { class: "button button--kind", id: "log-operation" }),
      button([icon("lighting"), h("span", {}, "Report a place problem")], () => go("#/measure"), { class: "button button--kind", id: "log-measure" }),
    )],
  };
}

/** Draws the screen of the address. `arrived` puts the focus on its title; else it stays where it was. */
async function draw({ arrived = false } = {}) {
  drawing += 1;
  const turn = drawing;
  const here = route();
  const { title, content = [], columns = null, actions = [], quietTitle = false } = await SCREENS[here.name](here);
  if (turn !== drawing) return;
  const focused = document.activeElement?.id;
  const open = [...main.querySelectorAll("details[open]")].map((one) => one.id).filter(Boolean);
  main.replaceChildren(...[
    h("h1", { tabindex: "-1", class: quietTitle ? "out" : "" }, title),
    columns ? h("div", { class: "columns" }, columns.map((column) => h("div", {}, column))) : content.filter(Boolean),
    actions.filter(Boolean).length ? h("div", { class: "actions" }, actions.filter(Boolean)) : null,
  ].flat().filter(Boolean));
  main.dataset.screen = here.name;
  document.title = `${title} · ${agency}`;
  for (const id of open) main.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  if (arrived) {
    main.scrollTop = 0;
    window.scrollTo(0, 0);
    main.querySelector("h1").focus({ preventScroll: true });
  } else if (focused) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
  frame();
}

const agency = document.getElementById("who").textContent;
const typing = () => main.contains(document.activeElement) && document.activeElement.matches("textarea, input[type=text], input[type=search], input[type=time], select");

/** What stands on every screen: who, whether all is sent, banners, the running visit, the tabs. */
function frame() {
  const mine = waiting().length;
  document.getElementById("who").textContent = phone.officer?.name ?? agency;
  const said = !navigator.onLine || line.state === "no_signal" ? `No signal${mine ? `, ${mine} waiting` : ""}` : mine ? `${mine} waiting` : phone.signedOut ? "Signed out" : "All sent";
  const status = document.getElementById("line");
  if (status.textContent !== said) status.textContent = said;
  body.dataset.line = mine || phone.signedOut ? "waiting" : "ok";
  banners(mine);
  runningBar();
  const current = route().name;
  const tabs = document.getElementById("tabs");
  const items = TABS.map(([name, words]) => h("a", {
    href: `#/${name}`, class: "tab", "aria-current": (TAB_OF[current] ?? current) === name ? "page" : null,
  }, icon(name), h("span", {}, words), name === "waiting" && mine ? h("span", { class: "badge" }, ` ${mine}`, h("span", { class: "out" }, mine === 1 ? " entry" : " entries")) : null));
  // Drawn anew only where it differs: a finger may be on its way to it.
  const drawn = items.map((item) => item.outerHTML).join("");
  if (tabs.dataset.drawn !== drawn) {
    const focused = document.activeElement?.closest?.("#tabs a")?.getAttribute("href");
    tabs.replaceChildren(...items);
    tabs.dataset.drawn = drawn;
    if (focused) tabs.querySelector(`a[href="${focused}"]`)?.focus();
  }
}

function banners(mine) {
  const shown = [];
  const signIn = `${body.dataset.signIn}?${new URLSearchParams({ next: body.dataset.home })}`;
  if (unsaved.length) shown.push(["bad", `The phone's storage is full. ${plural(unsaved.length, "entry is", "entries are")} held only while this page is open. Keep it open until sent.`]);
  if (phone.signedOut && navigator.onLine) shown.push(["call", h("a", { class: "button button--go", href: signIn }, mine ? `Sign in to send ${plural(mine, "entry", "entries")}` : "Sign in")]);
  if (line.state === "refused") shown.push(["bad", line.words]);
  if (line.state === "trouble") shown.push(["warn", line.words]);
  if (Math.abs(phone.offset) > WRONG_CLOCK_S) shown.push(["warn", `This phone's clock is ${plural(Math.round(Math.abs(phone.offset) / 60), "minute")} ${phone.offset < 0 ? "fast" : "slow"}. Times are set right when they are sent.`]);
  const theirs = others();
  if (theirs.length && phone.officer) shown.push(["warn", `${plural(theirs.length, "entry", "entries")} of ${[...new Set(theirs.map((item) => item.officer_name))].join(", ")} wait here for their sign-in.`]);
  if (newer && !unsaved.length) shown.push(["call", button("Update the app", takeNewer, { class: "button" })]);
  const box = document.getElementById("banners");
  const drawn = shown.map(([look, what]) => look + (what.outerHTML ?? what)).join("|");
  if (box.dataset.drawn === drawn) return;
  box.dataset.drawn = drawn;
  box.replaceChildren(...shown.map(([look, what]) => h("div", { class: `banner banner--${look}` }, typeof what === "string" ? h("p", {}, what) : what)));
}

function runningBar() {
  const box = document.getElementById("running");
  const running = own();
  const hidden = !running || ["end", "record", "measure"].includes(route().name);
  const drawn = hidden ? "" : `${running.activity} ${running.stopped_at ?? ""}`;
  if (box.dataset.drawn === drawn) return;
  box.dataset.drawn = drawn;
  if (hidden) return void box.replaceChildren();
  box.replaceChildren(h("div", { class: "bar" },
    h("p", { class: "bar__words" }, h("strong", {}, running.at.label), h("span", { class: "soft" }, kindName(running.kind)), h("span", { class: "clock", role: "timer", "aria-label": "Running time" }, "")),
    button(running.stopped_at ? "Finish" : "End", () => finish(own()), { class: "button button--end bar__end", id: "end" })));
  tick();
}

function tick() {
  const shown = document.querySelector("#running .clock");
  const running = own();
  if (!shown || !running) return;
  shown.textContent = timer((running.stopped_at ? new Date(running.stopped_at) : Date.now()) - new Date(running.started_at));
  const long = Date.now() - new Date(running.started_at) > 3 * 3_600_000;
  shown.classList.toggle("late", long);
}

function followRoute() {
  const running = own();
  if (running?.route) follow(running, () => load().then(changed));
  else if (following()) unfollow();
}

/** Lists and sign-in, when somebody is using the app and not more often than needed. */
async function refresh({ force = false } = {}) {
  const now = Date.now();
  if (!force && (document.hidden || now - lastState < STATE_EVERY_MS || now - lastTouch > IDLE_MS)) return;
  lastState = now;
  try {
    await fetchState();
    await refreshPlaces();
    if (line.state !== "sending") Object.assign(line, { state: "ok", words: "" });
  } catch (error) {
    if (error instanceof SignedOut) Object.assign(line, { state: "signed_out", words: error.message });
    else if (error instanceof Refused) Object.assign(line, { state: "refused", words: error.message });
    else if (error instanceof NoSignal) Object.assign(line, { state: "no_signal", words: error.message });
    else console.warn(error);
  }
  await load();
  changed();
}

async function round(options = {}) {
  if (waiting().length && await trySend(options) !== "ok") return;
  await refresh(options);
  // The sign-in may have become that of somebody whose entries wait here.
  if (waiting().some((item) => !held(item)) && line.state === "ok") await trySend(options);
}

async function openMenu() {
  const choice = window.logScheme.chosen();
  const scheme = (value, words) => h("label", { class: "option" }, h("input", { type: "radio", name: "scheme", checked: choice === value, onchange: () => window.logScheme.choose(value) }), h("span", {}, words));
  const units = phone.state?.units ?? [];
  const chosen = await sheet("Menu", (close) => [
    h("p", { class: "soft" }, phone.officer ? `Logging as ${phone.officer.name}.` : "Nobody has signed in on this phone."),
    h("fieldset", {}, h("legend", {}, "Colors"), h("div", { class: "options options--short" }, scheme("auto", "By the clock"), scheme("light", "Day"), scheme("dark", "Night"))),
    units.length ? h("div", { class: "line" }, h("label", { for: "unit" }, "My unit"), h("select", { id: "unit", onchange: (event) => keep({ unit: units.find((one) => String(one.id) === event.target.value) ?? null }).then(load).then(changed) },
      h("option", { value: "" }, "None"), units.map((one) => h("option", { value: String(one.id), selected: phone.unit?.id === one.id }, one.name)))) : null,
    h("div", { class: "stack" },
      h("a", { class: "button", href: "/" }, "To the office pages"),
      phone.officer && !phone.signedOut ? button("Sign out", () => close("sign out"), { class: "button", id: "sign-out" }) : null),
  ].filter(Boolean));
  changed(); // another unit has other visits
  if (chosen === "sign out") await signOut();
}

/** Signing out needs signal, and says first what is not sent yet. The lists go; what waits stays. */
async function signOut() {
  await trySend({ everything: true });
  const left = waiting().length;
  const running = own();
  if (left || running) {
    const words = [left ? `${plural(left, "entry is", "entries are")} not sent yet.` : "", running ? "A visit is still running." : "", "They stay on this phone until you sign in here again."].filter(Boolean).join(" ");
    if (!await askFor("Sign out all the same?", words, [["yes", "Sign out", "button--end"], [null, "Stay signed in"]])) return;
  }
  try {
    const { csrf } = await fetchState();
    await forgetLists();
    const form = h("form", { method: "post", action: body.dataset.signOut }, h("input", { type: "hidden", name: "csrfmiddlewaretoken", value: csrf }));
    body.append(form);
    form.submit();
  } catch (error) {
    toast(error instanceof SignedOut ? "You are signed out already." : "Signing out needs signal.", { bad: true });
    await load();
    changed();
  }
}

/** What the full disk did not take is in this page's memory alone. */
function reloadWhereNothingIsLost() {
  if (outdated && !unsaved.length && LIVE.has(route().name) && !typing() && !document.querySelector("dialog[open]")) location.reload();
}

function takeNewer() {
  if (unsaved.length) return;
  newer?.postMessage("take over");
  newer = null;
}

/** The service worker, and newer versions: taken when the officer says so, or when the app is put away from its first screen. */
async function watchVersions() {
  if (!("serviceWorker" in navigator)) return;
  const before = navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    outdated = Boolean(before);
    reloadWhereNothingIsLost();
  });
  try {
    const registration = await navigator.serviceWorker.register(body.dataset.worker, { scope: body.dataset.home, type: "module" });
    const ready = () => {
      newer = registration.waiting && navigator.serviceWorker.controller ? registration.waiting : null;
      changed();
    };
    ready();
    registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", ready));
    setInterval(() => registration.update().catch(() => {}), 3_600_000);
  } catch (error) {
    // An old browser: everything works while the page is open, but it does not open without signal.
    console.warn(error);
  }
}

async function begin() {
  window.addEventListener("hashchange", () => {
    reloadWhereNothingIsLost();
    draw({ arrived: true });
  });
  window.addEventListener("log:changed", () => {
    followRoute();
    if (LIVE.has(route().name) && !typing() && !document.querySelector("dialog[open]")) draw();
    else frame();
  });
  onChange(() => load().then(changed));
  for (const name of ["pointerdown", "keydown"]) window.addEventListener(name, () => { lastTouch = Date.now(); }, { passive: true });
  window.addEventListener("online", () => {
    round({ force: true });
    setTimeout(() => round({ force: true }), SETTLED_MS);
  });
  window.addEventListener("offline", frame);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) { lastTouch = Date.now(); round(); return; }
    if (waiting().length) trySend({ everything: true });
    if (newer && route().name === "home") takeNewer();
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved.length) event.preventDefault(); });
  document.getElementById("menu").addEventListener("click", openMenu);
  setInterval(tick, 1000);
  setInterval(() => round(), EVERY_MS);

  await dropStale();
  await dropOld();
  await loadPlaces();
  await draw();
  main.dataset.ready = "true";
  navigator.storage?.persist?.().catch(() => {});
  watchVersions();
  followRoute();
  await round({ force: true });
}

begin();
