// A saturation patrol: one opens it, other units join, each leaves with its own end.
import { button, h, icon } from "./dom.js";
import { askFor } from "./dialogs.js";
import { hotSpot, ofHotSpot, operations, own, phone } from "./lists.js";
import { placeRow } from "./start.js";
import { choosePlace } from "./picker.js";
import { clock } from "./words.js";
import { begin, changed, closeOperation, openOperation } from "./work.js";

export async function operationScreen({ params }) {
  const spot = hotSpot(Number(params.get("hot_spot")));
  const given = { at: spot ? ofHotSpot(spot) : null, chosen: Boolean(spot), how: "", id: crypto.randomUUID() };
  const words = (one) => one.name || hotSpot(one.hot_spot)?.name || "Operation";
  const inIt = (one) => own()?.operation === one.id;
  const row = (one) => h("div", { class: "card" },
    h("h3", {}, words(one)),
    h("p", { class: "soft" }, `Since ${clock(one.started_at)}${inIt(one) ? ". You are in it." : ""}`),
    h("div", { class: "pair" },
      inIt(one) ? null : button([icon("saturation_patrol"), "Join"], () => begin({ kind: "saturation_patrol", at: ofHotSpot(hotSpot(one.hot_spot) ?? { id: one.hot_spot, name: words(one) }), operation: one.id }), { class: "button button--go", id: `join-${one.id}`, "aria-label": `Join ${words(one)}` }),
      one.coordinator === phone.officer?.id ? button("Close the operation", async () => {
        if (await askFor(`Close ${words(one)}?`, "Nobody can join any more. Units in it end their own visits.", [["yes", "Close it", "button--end"], [null, "Leave it open"]])) {
          await closeOperation(one, words(one));
          changed();
        }
      }, { class: "button", id: `close-${one.id}` }) : null));
  const open = operations();
  return {
    title: "Saturation patrol",
    content: [
      open.length ? h("section", { "aria-labelledby": "open-title" }, h("h2", { id: "open-title" }, "Open now"), h("div", { class: "stack" }, open.map(row))) : null,
      h("section", { "aria-labelledby": "new-title" }, h("h2", { id: "new-title" }, "Open a new one"), placeRow(given, { onlyHotSpots: true, hint: "Choose the hot spot." })),
    ],
    actions: [button("Open and start", async () => {
      if (!given.at?.hot_spot) Object.assign(given, { at: await choosePlace({ onlyHotSpots: true }), chosen: true });
      if (given.at?.hot_spot) await openOperation(given.id, given.at);
    }, { class: "button button--go", id: "open-operation" })],
  };
}
