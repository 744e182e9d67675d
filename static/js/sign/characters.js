// Which characters a statement may hold, and which are written out where it is read: tables pinned to Unicode 14.
import { HIDDEN, UNASSIGNED } from "./tables.js";

function classOf(ranges) {
  const spans = ranges.split(" ").map((word) => {
    const [first, last = first] = word.split("-");
    return `\\u{${first}}-\\u{${last}}`;
  });
  return `[${spans.join("")}]`;
}

const unassigned = new RegExp(classOf(UNASSIGNED), "u");
const unseen = new RegExp(classOf(HIDDEN), "u");
const hidden = new RegExp(unseen.source, "gu");

export function isAssigned(text) {
  return !unassigned.test(text);
}

// Whether it holds what cannot be seen.
export function isHiding(text) {
  return unseen.test(text);
}

// Text with everything unseen as `<U+XXXX>`. A `<` before `U+` becomes `<U+003C>`, so that nothing reads alike; any other
// stays, for it is seen.
export function writtenOut(text) {
  const spelled = text.replaceAll("<U+", "<U+003C>U+");
  return spelled.replace(hidden, (one) => `<U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}>`);
}
