// What is on this phone and not with the server yet: each entry, and what stands in its way.
import { askFor } from "./dialogs.js";
import { button, h, icon } from "./dom.js";
import { others, phone, waiting } from "./lists.js";
import { held, unsaved } from "./queue.js";
import { clock, plural } from "./words.js";
import { line, trySend } from "./work.js";

const TYPES = { start: "Start", end: "End", log: "Record", cancel: "Cancel", operation: "Operation", measure: "Report" };

export async function waitingScreen() {
  const mine = waiting();
  const theirs = others();
  return {
    title: "Waiting to be sent",
    content: [
      h("p", { class: "state" }, sentence(mine.length)),
      mine.length ? h("ol", { class: "list" }, mine.map(row)) : null,
      theirs.length ? h("section", { "aria-labelledby": "theirs-title" },
        h("h2", { id: "theirs-title" }, "Of other officers"),
        h("p", { class: "quiet" }, "They stay on this phone and are sent when that officer signs in here."),
        h("ol", { class: "list" }, theirs.map(row))) : null,
    ],
    actions: mine.length ? [button("Try now", () => { trySend({ everything: true, again: true }); }, { class: "button button--go", id: "try-now" })] : [],
  };
}

function sentence(count) {
  if (!count) return phone.contact ? `Everything is sent. Last heard from the server at ${clock(phone.contact)}.` : "Nothing waits.";
  const what = `${plural(count, "entry is", "entries are")} safe on this phone`;
  if (line.state === "signed_out") return `${what}. Sign in, and ${count === 1 ? "it is" : "they are"} sent.`;
  if (line.state === "no_signal") return `${what}. No signal now; sent by itself when it is back.`;
  if (line.state === "ok" || line.state === "sending") return `${what} and on ${count === 1 ? "its" : "their"} way.`;
  return `${what}. ${line.words}`;
}

function row(item) {
  const { entry } = item;
  const why = unsaved.includes(item) ? "In memory only: the storage is full. Keep this page open." : item.error || (held(item) ? "Sent in a few seconds; can be undone until then." : "Not tried yet.");
  return h("li", { class: "entry" }, icon(entry.kind ?? "waiting"),
    h("div", { class: "row__words" },
      h("strong", {}, `${TYPES[entry.type]}: ${item.label.replace(/^\w+: /, "")}`),
      h("span", { class: "soft" }, `${clock(entry.made_at)}${item.officer === phone.officer?.id ? "" : `, ${item.officer_name}`}`),
      h("span", { class: item.state === "unread" ? "late" : "soft" }, why)),
    item.state === "unread" ? button("Show", () => askFor("What the phone recorded", JSON.stringify(entry, null, 1), [[null, "Close"]]), { class: "button button--small" }) : null);
}
