// The statement as a person reads it: every value in one line with its path, from the bytes that are signed.
import { canonical, isObject } from "../verify/json.js";
import { isHiding, writtenOut } from "./characters.js";
import { byCodePoint } from "./order.js";
import { ORDER, POSSESSION, UNTYPED } from "./tables.js";

const PLAIN_KEY = /^[A-Za-z0-9_]+$/;
const PLAIN_NAME = /^[A-Za-z0-9_./:~@-]+$/;

function line(value, path) {
  const told = canonical(value);
  return { path: writtenOut(path), text: writtenOut(told), suspect: isHiding(told) || isHiding(path) };
}

function linesOf(value, path) {
  if (isObject(value) && Object.keys(value).length) {
    return Object.keys(value).sort(byCodePoint).flatMap((name) => {
      const key = PLAIN_KEY.test(name) ? name : canonical(name);
      return linesOf(value[name], `${path}.${key}`);
    });
  }
  if (Array.isArray(value) && value.length) {
    return value.flatMap((inner, place) => linesOf(inner, `${path}[${place}]`));
  }
  return [line(value, path)];
}

// Every value of the statement, in the order in which it is read: [{ path, text, suspect }].
export function lines({ fields }) {
  return ORDER.flatMap((name) => linesOf(fields[name], name));
}

// A value as its JSON text, with everything unseen written out.
export function shown(value) {
  return writtenOut(canonical(value));
}

// A name as it is where it is plain; else in quotes, so that it cannot imitate the words around it.
export function named(text) {
  return PLAIN_NAME.test(text) ? text : shown(text);
}

export function tierOf({ fields }) {
  const { rule } = fields.policy;
  return Object.hasOwn(rule, "tier") && typeof rule.tier === "string" ? rule.tier : "";
}

// Whether it proves that a key is held and nothing else: it falls under no rule, since it decides nothing.
export function isPossession({ fields }) {
  return POSSESSION.includes(fields.verb) && Object.keys(fields.policy.rule).length === 0;
}

// Whether the short code must be typed: HIGH, CRITICAL, and whatever tier is not known here.
export function codeIsAsked(statement) {
  return !UNTYPED.includes(tierOf(statement)) && !isPossession(statement);
}
