// What changes from one state to another: field by field, old and new, as text that means one value only.
import { canonical, isObject } from "../verify/json.js";
import { byCodePoint } from "./order.js";

const ABSENT = Symbol("not there");

function spelled(value) {
  return value === ABSENT ? null : canonical(value);
}

function member(value, name) {
  return Object.hasOwn(value, name) ? value[name] : ABSENT;
}

function escaped(name) {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function between(before, after, path, rows) {
  if (isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const name of [...names].sort(byCodePoint)) {
      between(member(before, name), member(after, name), `${path}/${escaped(name)}`, rows);
    }
  } else if (spelled(before) !== spelled(after)) {
    rows.push({ path, old: spelled(before), new: spelled(after) });
  }
  return rows;
}

// Lines {path, old, new} with JSON pointers, in the order of the paths; null as a side means: not there.
export function differences(before, after) {
  return between(before, after, "", []);
}
