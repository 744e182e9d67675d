// What a change lists of native artefacts, and one artefact read: closed, canonical, and what of it is signed.
import { closed, hexHash, listOf, oneOf } from "../verify/fields.js";
import { joined, utf8 } from "../verify/octets.js";
import { recoded } from "../verify/refusal.js";
import { sha256 } from "../verify/sha256.js";
import { DOMAINS, KINDS, OPEN, checkForm, numbersOf } from "./native_forms.js";
import { malformed, readText, spliced, without } from "./native_text.js";
import { spoken } from "./statement.js";
import { CODE_WORDS } from "./tables.js";

export const MOST = 8;
export const SIGNED_WITH = { author: ["submit"], executor: ["execute", "revert"] };
const FIELD = listOf(closed({ kind: oneOf(...KINDS), by: oneOf("author", "executor"), sha256: hexHash }), { least: 1, most: MOST });

// What the body lists; nothing where it has no such field.
export function declarations({ change }) {
  if (!Object.hasOwn(change.body, "native") || change.body.native === null) {
    return [];
  }
  recoded("native_malformed", () => FIELD(change.body.native));
  return change.body.native;
}

function toSign(kind, payload) {
  return Object.hasOwn(DOMAINS, kind) ? sha256(joined(utf8(DOMAINS[kind]), payload)) : payload;
}

// One artefact in its whole or its fixed form; refused with native_malformed.
export function readArtefact(kind, payload, whole = true) {
  if (!KINDS.includes(kind)) {
    throw malformed("No artefact of this kind is known");
  }
  const own = Uint8Array.from(payload);
  const text = readText(own);
  checkForm(kind, text.root, whole);
  const signable = toSign(kind, own);
  return { kind, payload: own, text, whole: whole || !OPEN[kind].length, fixed: utf8(without(text, OPEN[kind])), toSign: signable, code: spoken(sha256(signable), CODE_WORDS) };
}

// A NullSpec contract as it lies on the disk: its id and the signature in their places, all else as it was.
export function fullForm({ payload, text }, signature) {
  return utf8(spliced(text, { nullspec_id: numbersOf(sha256(payload)), signature_ed25519: numbersOf(signature) }));
}
