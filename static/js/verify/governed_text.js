// What the judge of decisions reads: fields that must be there, statements beside each other, policies and their rules.
import { canonical, isObject } from "./json.js";
import { checkFields, closed, distinct, flag, listOf, number, oneOf, text } from "./fields.js";
import { utf8 } from "./octets.js";
import { Refusal } from "./refusal.js";
import { hexDigest } from "./sha256.js";
import { byCodePoint } from "../sign/order.js";

const TEXT = ["change", "deployment", "effect", "policy", "tenant", "window"];
const TIERS = ["low", "medium", "high", "critical", "emergency"];
const EXECUTORS = ["any", "not_author", "not_author_not_approver"];
const DIRECTIONS = ["loosens", "neutral", "tightens"];
const YEAR = 366 * 86400;
const PROPOSED = " (proposed)";
const VERSION = "countersign-governance-policy/1";

export function tierOf(rule) {
  return TIERS.indexOf(rule.tier);
}

export const HIGH = TIERS.indexOf("high");

// A field that must be there; refused where it is not.
export function field(value, name) {
  if (!isObject(value) || !Object.hasOwn(value, name)) {
    throw new Refusal("leaf_schema", "A field is not there", { path: name });
  }
  return value[name];
}

export function sameJson(one, other) {
  return one !== undefined && other !== undefined && canonical(one) === canonical(other);
}

// Whether two people put their names to the same change, effect, policy and life.
export function sameText(one, other) {
  return TEXT.every((name) => sameJson(one.fields[name], other.fields[name]));
}

export function digestOf(value) {
  return hexDigest(utf8(canonical(value)));
}

const SECOND = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;

// A time of a statement in POSIX seconds.
export function secondOf(value) {
  const at = typeof value === "string" && SECOND.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(at)) {
    throw new Refusal("leaf_schema", "A time in UTC seconds is expected");
  }
  return at / 1000;
}

const seconds = number(0, YEAR);
const RULE = {
  caps: listOf(closed({ amount: number(0, Number.MAX_SAFE_INTEGER), field: text(64), window_s: number(1, YEAR) })),
  change: text(64),
  cool_down_s: seconds,
  directions: distinct(...DIRECTIONS),
  executor: oneOf(...EXECUTORS),
  life_s: number(1, YEAR),
  lock_s: seconds,
  name: text(64),
  needs: listOf(closed({ count: number(1, 64), group: text(63) })),
  observation_s: seconds,
  offline_key: flag,
  tier: oneOf(...TIERS),
};

// A rule that keeps organisational units apart says so with true; any other has no such field.
function rule(value) {
  const apart = isObject(value) && Object.hasOwn(value, "units_apart");
  closed(apart ? { ...RULE, units_apart: isTrue } : RULE)(value);
}

function isTrue(value) {
  if (value !== true) {
    throw new Refusal("leaf_schema", "True is expected, or no such field");
  }
}

const POLICY = { rules: listOf(rule, { least: 1, most: 200 }), v: oneOf(VERSION) };

// One rule, in the form in which it stands in a policy's text.
export function ruleOf(value) {
  return { ...value, directions: [...value.directions].sort() };
}

// Refused with leaf_schema where it is no policy.
export function policyOf(value) {
  if (!isObject(value)) {
    throw new Refusal("leaf_schema", "A policy is an object");
  }
  checkFields(value, POLICY);
  const rules = value.rules.map(ruleOf);
  const sound = rules.every(({ needs, lock_s: lock, life_s: life }) => {
    return needs.length && new Set(needs.map(({ group }) => group)).size === needs.length && lock < life;
  });
  if (!sound || new Set(rules.map(({ name }) => name)).size !== rules.length) {
    throw new Refusal("leaf_schema", "This is no policy");
  }
  return rules;
}

export function policyDigest(rules) {
  return digestOf({ rules: [...rules].sort((a, b) => byCodePoint(a.name, b.name)), v: VERSION });
}

export function peopleOf({ needs }) {
  return needs.reduce((sum, { count }) => sum + count, 0);
}

// The group of each place that a person has to fill, place by place.
export function placesOf({ needs }) {
  return needs.flatMap(({ group, count }) => Array.from({ length: count }, () => group));
}

// The rule of these policies that a change falls under; refused where none covers it.
export function ruleFor(policies, change, direction) {
  return strictest(policies.map((rules) => {
    const found = rules.filter((rule) => [change, "*"].includes(rule.change) && rule.directions.includes(direction));
    if (!found.length) {
      throw new Refusal("rule_missing", "No rule covers this change", { why: `${change}, ${direction}` });
    }
    return strictest(found);
  }));
}

// A change of the policy itself is judged by both; rules that differ are named apart.
export function proposedBeside(inForce, proposed) {
  const kept = new Set(inForce.map(canonical));
  return [inForce, proposed.map((rule) => (kept.has(canonical(rule)) ? rule : { ...rule, name: `${rule.name}${PROPOSED}` }))];
}

function stricter(a, b) {
  return tierOf(a) - tierOf(b) || peopleOf(a) - peopleOf(b) || a.lock_s - b.lock_s || byCodePoint(a.name, b.name);
}

function largest(rules, name) {
  return Math.max(...rules.map((rule) => rule[name]));
}

function smallest(rules, name) {
  return Math.min(...rules.map((rule) => rule[name]));
}

function needsOf(rules) {
  const counts = new Map();
  for (const { group, count } of rules.flatMap(({ needs }) => needs)) {
    counts.set(group, Math.max(count, counts.get(group) ?? 0));
  }
  return [...counts.keys()].sort(byCodePoint).map((group) => ({ count: counts.get(group), group }));
}

function capsOf(rules) {
  const caps = new Map(rules.flatMap((rule) => rule.caps.map((cap) => [canonical(cap), cap])));
  return [...caps.values()].sort((a, b) => byCodePoint(a.field, b.field) || a.window_s - b.window_s);
}

// One rule that is at least as strict as each of these, in every respect.
export function strictest(rules) {
  const first = rules.reduce((best, rule) => (stricter(rule, best) > 0 ? rule : best));
  if (rules.every((rule) => sameJson(rule, first))) {
    return first;
  }
  return {
    ...(rules.some((one) => one.units_apart) ? { units_apart: true } : {}),
    name: [...new Set(rules.map(({ name }) => name))].sort(byCodePoint).join(" + "),
    change: first.change,
    directions: [...new Set(rules.flatMap(({ directions }) => directions))].sort(),
    tier: TIERS[Math.max(...rules.map(tierOf))],
    needs: needsOf(rules),
    lock_s: largest(rules, "lock_s"),
    life_s: smallest(rules, "life_s"),
    executor: EXECUTORS[Math.max(...rules.map(({ executor }) => EXECUTORS.indexOf(executor)))],
    cool_down_s: largest(rules, "cool_down_s"),
    observation_s: smallest(rules, "observation_s"),
    offline_key: rules.some((rule) => rule.offline_key),
    caps: capsOf(rules),
  };
}

// The one way out that the genesis declared.
export function recoveryRule(told) {
  return {
    caps: [], change: "*", cool_down_s: 0, directions: [...DIRECTIONS], executor: "any", life_s: field(told, "life_s"),
    lock_s: field(told, "lock_s"), name: "recovery", needs: [{ count: field(told, "count"), group: field(told, "group") }],
    observation_s: 0, offline_key: false, tier: "critical",
  };
}

const DECIMAL = /^(?:0|[1-9][0-9]{0,19})$/;

function numberOf(value) {
  const whole = Number.isSafeInteger(value) || (typeof value === "string" && DECIMAL.test(value));
  return whole ? BigInt(value) : null;
}

// A member of a document, or one inside of another; null where it is not there.
function at(document, name) {
  return name.split(".").reduce((inner, part) => (isObject(inner) && Object.hasOwn(inner, part) ? inner[part] : null), document);
}

// How far a field moves; null where it moves and one end is no whole number.
function step(payload, name) {
  const [before, after] = ["base", "result"].map((part) => at(field(payload, part), name));
  if (typeof before === typeof after && sameJson(before, after)) {
    return 0n;
  }
  const [low, high] = [numberOf(before), numberOf(after)];
  return low === null || high === null ? null : high > low ? high - low : low - high;
}

// The fields whose caps an effect exceeds together with those `spent` before, each [second, payload].
export function overCaps(rule, payload, spent, now) {
  return rule.caps.filter(({ field: name, amount, window_s: window }) => {
    const before = spent.filter(([at, told]) => told.subject === payload.subject && at > now - window);
    const adds = step(payload, name);
    const all = [...before.map(([, told]) => step(told, name)), adds];
    return adds !== 0n && (all.includes(null) || all.reduce((sum, one) => sum + one, 0n) > BigInt(amount));
  }).map(({ field: name }) => name);
}
