// The statement of an enrolment: the portal's fields with the key's values where it left room, and every digest of it
// computed here. What comes out is read and shown like every other statement.
import { canonical, isObject, parse } from "../verify/json.js";
import { utf8 } from "../verify/octets.js";
import { differences } from "./diff.js";
import { refuse } from "./refusals.js";
import { digestOf, parsed } from "./statement.js";

const PROOFS = ["enrol-key", "rotate-key"];

function filled(value, words) {
  if (Array.isArray(value)) {
    return value.map((inner) => filled(inner, words));
  }
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filled(inner, words)]));
  }
  return typeof value === "string" && words.has(value) ? words.get(value) : value;
}

export function readTemplate(octets) {
  const fields = parse(octets);
  const sound = isObject(fields) && isObject(fields.change) && isObject(fields.effect) && isObject(fields.signer) && isObject(fields.deployment);
  if (!sound || !PROOFS.includes(fields.verb) || typeof fields.signer.person !== "string" || typeof fields.deployment.origin !== "string" || !isObject(fields.change.body) || !["decision", "native"].includes(fields.change.body.use)) {
    throw refuse("statement_malformed", "This is no statement of an enrolment");
  }
  return fields;
}

// The statement in which the new key proves that it is held: `$kid`, `$public` and `$custody` take its values.
export function proofOf(template, { kid, public: shown, custody }) {
  const fields = filled(template, new Map([["$kid", kid], ["$public", shown], ["$custody", custody]]));
  const { change, effect } = fields;
  change.body_digest = digestOf(change.body);
  [effect.base_state, effect.result_state] = [digestOf(effect.base), digestOf(effect.result)];
  effect.diff = differences(effect.base, effect.result);
  return parsed(utf8(canonical(fields)));
}
