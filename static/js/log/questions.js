// What is asked about each kind beyond who, where, from when to when. `choices` names a list of the server's.
import { choices, phone } from "./lists.js";

const answered = (given) => given.answer === "answered";
const found = (given) => given.alert === true && !["nothing", "paraphernalia", undefined].includes(given.find);

// Offered before an officer's own most frequent ones are known: NIBRS codes of what hot spots see most.
const USUAL_OFFENSES = ["35A", "35B", "13B", "13A", "90D", "290", "23C", "23H", "90J", "90E", "520", "90Z"];
const MOST_OFFERED = 8;

export const people = (list) => list.map(({ id, name }) => [id, name]);

export function offenses() {
  const all = phone.state?.offenses ?? [];
  const known = new Map(all.map(({ code, name }) => [code, name]));
  const first = [...phone.recent.offenses ?? [], ...USUAL_OFFENSES, ...all.map(({ code }) => code)];
  return [...new Set(first)].filter((code) => known.has(code)).slice(0, MOST_OFFERED).map((code) => [code, known.get(code)]);
}

const PATROL = [
  { name: "mode", title: "How", type: "one", of: () => choices("patrol.mode"), usual: () => phone.recent.mode?.[0] ?? "vehicle" },
  { name: "seen", title: "Seen", type: "many", of: () => choices("patrol.seen"), alone: "nothing" },
];

export const QUESTIONS = {
  directed_patrol: PATROL,
  saturation_patrol: PATROL,
  foot_patrol: [
    { name: "contacts", title: "People talked with", type: "count" },
    { name: "businesses", title: "Businesses visited", type: "count" },
    { name: "homes", title: "Homes visited", type: "count" },
  ],
  vehicle_stop: [
    { name: "violation", title: "Violation", type: "one", needed: "Choose the violation.", of: () => choices("vehicle_stop.violation") },
    { name: "outcomes", title: "Outcome", hint: "All that apply", type: "many", needed: "Choose the outcome.", of: () => choices("vehicle_stop.outcomes"), alone: "none" },
  ],
  arrest: [
    { name: "offenses", title: "Offenses", hint: "All that apply", type: "many", needed: "Choose at least one offense.", of: offenses, more: "offenses" },
    { name: "basis", title: "Basis", type: "one", needed: "Choose the basis of the arrest.", of: () => choices("arrest.basis") },
    { name: "case_number", title: "Case number", type: "text", most: 30 },
  ],
  k9: [
    { name: "dog", title: "Dog", type: "one", needed: "Choose the dog.", of: () => people(phone.state?.dogs ?? []), usual: () => usualOf(phone.state?.dogs ?? [], "dog") },
    { name: "handler", title: "Handler", type: "select", of: () => people(phone.state?.handlers ?? []), usual: () => phone.recent.handler?.[0] ?? phone.officer?.id },
    { name: "sniffed", title: "What was sniffed", type: "one", needed: "Choose what was sniffed.", of: () => choices("k9.sniffed") },
    { name: "alert", title: "Alert", type: "yes_no", needed: "Say whether the dog alerted." },
    { name: "find", title: "Find", type: "one", of: () => choices("k9.find"), usual: () => "nothing", when: (given) => given.alert === true },
    { name: "grams", title: "Weight in grams, if known", type: "number", when: found },
  ],
  knock_and_talk: [
    { name: "answer", title: "Door", type: "one", needed: "Choose what happened at the door.", of: () => choices("knock_and_talk.answer") },
    { name: "materials", title: "Information left", hint: "All that apply", type: "many", of: () => choices("knock_and_talk.materials") },
    { name: "language", title: "In which language", type: "one", of: () => (phone.state?.languages ?? []).map(({ code, name }) => [code, name]), usual: () => phone.recent.language?.[0] ?? phone.state?.languages?.[0]?.code, when: (given) => given.materials?.length > 0 },
    { name: "concerns", title: "Concerns raised", hint: "All that apply", type: "many", of: () => choices("knock_and_talk.concerns"), when: answered },
    { name: "consent_to_search", title: "Consent to a search", hint: "Leave open if it was not asked", type: "yes_no", when: answered },
  ],
};

function usualOf(list, name) {
  const last = phone.recent[name]?.[0];
  if (list.some((one) => one.id === last)) return last;
  return list.length === 1 ? list[0].id : undefined;
}

/** These are asked while the visit runs and need no form at its end. */
export const ASKED_WHILE_RUNNING = new Set(["directed_patrol", "saturation_patrol", "foot_patrol"]);
export const USUAL_MINUTES = { vehicle_stop: 10, arrest: 30, k9: 20, knock_and_talk: 5, directed_patrol: 15, saturation_patrol: 60, foot_patrol: 30 };

/** The answers with which a form opens. */
export function usual(kind) {
  const given = {};
  for (const { name, type, usual: first } of QUESTIONS[kind]) {
    const value = first?.();
    if (value !== undefined) given[name] = value;
    else if (type === "many") given[name] = [];
    else if (type === "count") given[name] = 0;
  }
  return given;
}

/** What is sent: only answers to what was asked in the end. */
export function details(kind, given, track = []) {
  const told = {};
  for (const { name, type, when } of QUESTIONS[kind]) {
    const asked = !when || when(given);
    if (type === "many") told[name] = asked ? given[name] ?? [] : [];
    else if (type === "count") told[name] = given[name] ?? 0;
    else if (type === "text") told[name] = asked ? (given[name] ?? "").trim() : "";
    else told[name] = asked ? given[name] ?? null : null;
  }
  if (kind === "k9" && told.find === null) told.find = "nothing";
  if (kind === "knock_and_talk" && told.language === null) told.language = "";
  if (kind === "foot_patrol") told.route = track.length > 1 ? track : null;
  return told;
}
