// The officer's own record of this shift, as this phone knows it; all of it stands on the server.
import { h, icon } from "./dom.js";
import { phone } from "./lists.js";
import { FLAGS, clock, minutesBetween, plural, span } from "./words.js";
import { kindName } from "./work.js";

export async function mineScreen() {
  const counted = phone.mine.filter((one) => one.what !== "canceled" && !one.what);
  const minutes = counted.reduce((sum, one) => sum + Math.max(0, minutesBetween(one.started_at, one.ended_at)), 0);
  return {
    title: "Mine today",
    content: [
      phone.mine.length ? h("p", { class: "state" }, `${plural(counted.length, "activity", "activities")}, ${span(minutes)} in all.`) : h("p", { class: "quiet" }, "Nothing logged on this phone in this shift."),
      h("ol", { class: "list" }, phone.mine.map(row)),
      document.body.dataset.own ? h("p", {}, h("a", { class: "link", href: document.body.dataset.own }, "My whole record")) : null,
    ],
  };
}

function row(one) {
  const state = { waiting: "Waiting to be sent", stored: "Sent", kept: "With a supervisor: it needs a look" }[one.state] ?? "Waiting to be sent";
  const canceled = one.what === "canceled";
  return h("li", { class: "entry" }, icon(one.kind),
    h("div", { class: "row__words" },
      h("strong", {}, canceled ? `${kindName(one.kind)}, canceled` : one.what ?? kindName(one.kind)),
      h("span", { class: "soft" }, one.label),
      h("span", { class: "soft" }, canceled || one.what ? clock(one.started_at) : `${clock(one.started_at)} to ${clock(one.ended_at)}, ${span(Math.max(0, minutesBetween(one.started_at, one.ended_at)))}`),
      h("span", { class: one.state === "kept" ? "late" : "soft" }, one.message || (one.flags ?? []).map((flag) => FLAGS[flag]).filter(Boolean).join(" ") || state)));
}
