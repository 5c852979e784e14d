// From the legend's steps (the server computes them from the run) to the expressions that color the tiles.

export const NOTHING = "#c3c8ce";

/** One expression for color, one for width, from the same steps, so that neither can say what the other does not. */
export const colorOf = (state) => expression(state, 1);
export const widthOf = (state) => expression(state, 2);

function expression(state, column) {
  const prefix = state.measure === "risk" ? "risk_" : "";
  const of = (name) => state.steps.find(([low]) => low === name)[column];
  const value = (name) => ["coalesce", ["get", name], 0];
  if (state.color === "significance") {
    return ["case", ["!", ["has", `${prefix}z`]], of("unclear"), [">", ["get", `${prefix}z`], 0], of("hot"), of("cold")];
  }
  if (state.color === "change") {
    const now = value(`${prefix}count`);
    const before = value(prefix ? "before_risk_count" : "before_count");
    // A place's p is in the tile only where chance does not explain the difference.
    return [
      "case",
      ["!", ["has", `${prefix}change_p`]], ["case", [">", ["+", now, before], 0], of("unclear"), of("none")],
      [">", now, before], of("up"),
      of("down"),
    ];
  }
  const rising = [...state.steps].reverse();
  const [nothing, ...steps] = rising;
  if (!steps.length) return ["literal", nothing[column]];
  return ["step", value(state.field), nothing[column], ...steps.flatMap((step) => [step[0], step[column]])];
}
