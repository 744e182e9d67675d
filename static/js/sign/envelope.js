// One statement, one key, one signature: the DSSE envelope over the bytes that were read and shown.
import { fromBase64, toBase64 } from "../verify/octets.js";
import { kidOf, signed } from "./keyfile.js";
import { refuse } from "./refusals.js";
import { POSSESSION } from "./tables.js";

// What the statement's key is for: decisions; a new native key proves itself with a statement of its own.
function useOf({ verb, change }) {
  return POSSESSION.includes(verb) && change.body.use === "native" ? "native" : "decision";
}

// Refuses unless the statement asks for exactly this key of exactly this person.
export function checkKey({ fields }, key) {
  const derived = kidOf(key.use, fields.deployment.origin, fromBase64(key.public));
  const told = [
    ["person", key.person, fields.signer.person],
    ["key", key.kid, fields.signer.key],
    ["kid", derived, key.kid],
    ["use", key.use, useOf(fields)],
  ];
  for (const [name, found, wanted] of told) {
    if (found !== wanted) {
      throw refuse("key_differs", "This key does not sign this statement", `${name}: ${found}, not ${wanted}`);
    }
  }
}

// After its last moment nothing is signed; before its first one it may be, in advance.
export function checkWindow({ fields }, now = new Date()) {
  const until = fields.window.not_after;
  if (`${now.toISOString().slice(0, 19)}Z` > until) {
    throw refuse("window_closed", "The time in which this may be signed is over", until);
  }
}

// The envelope; the private key is used once and dropped by the caller.
export async function envelopeOf(statement, key, opened) {
  checkKey(statement, key);
  checkWindow(statement);
  const sig = toBase64(await signed(opened, key, statement.signedBytes));
  return { payload: toBase64(statement.raw), payloadType: statement.payloadType, signatures: [{ keyid: key.kid, sig }] };
}
