// A policy's text beside a statement: its digest is the one signed, and its rule for the change is the one signed.
import { canonical, isObject, parseCanonical } from "../verify/json.js";
import { hexDigest } from "../verify/sha256.js";
import { refuse } from "./refusals.js";

const MERGED = " + ";

function ruleIn(text, name) {
  const policy = parseCanonical(text);
  const rules = isObject(policy) && Array.isArray(policy.rules) ? policy.rules.filter(isObject) : [];
  return rules.find((rule) => rule.name === name);
}

// Refuses unless `text` (octets) is the bound policy and has the bound rule; a rule merged of several is in no text.
export function checkPolicy({ fields }, text) {
  const { digest, rule } = fields.policy;
  const found = hexDigest(text);
  if (found !== digest) {
    throw refuse("policy_differs", "The statement binds another policy", `${digest}, not ${found}`);
  }
  const name = String(rule.name ?? "");
  const told = name.includes(MERGED) ? rule : ruleIn(text, name);
  if (told === undefined || canonical(told) !== canonical(rule)) {
    throw refuse("policy_differs", "The policy has no such rule", name.slice(0, 80));
  }
}
