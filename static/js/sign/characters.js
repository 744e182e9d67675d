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
const hidden = new RegExp(classOf(HIDDEN), "gu");

export function isAssigned(text) {
  return !unassigned.test(text);
}

// Text with everything unseen as `<U+XXXX>`; a `<` of its own becomes `<U+003C>`, so that nothing reads alike.
export function writtenOut(text) {
  const spelled = text.replaceAll("<", "<U+003C>");
  return spelled.replace(hidden, (one) => `<U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}>`);
}
