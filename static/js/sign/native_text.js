// JSON of another program as it stands: read strictly, kept as text, shown from the text, cut and spliced in place.
// No number passes through a double, and nothing is written again: a token is what was there.
import { counted, textOf } from "../verify/octets.js";
import { isAssigned } from "./characters.js";
import { byCodePoint } from "./order.js";
import { refuse } from "./refusals.js";

const MOST_BYTES = 65536;
const MAX_DEPTH = 8;
// eslint-disable-next-line no-control-regex
const STRING = /"(?:[^"\\\u0000-\u001f]|\\["\\bfnrt]|\\u00(?:0[0-7bef]|1[0-9a-f]))*"/uy;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;

export function malformed(what, path = "", why = "") {
  const problem = refuse("native_malformed", what, why);
  problem.path = path;
  return problem;
}

class Reader {
  constructor(whole) {
    this.whole = whole;
    this.at = 0;
  }

  syntax(path) {
    return malformed("This is not the canonical text that EvidenceOS hashes", path, "compact JSON with names in order and one way to escape is expected");
  }

  value(path, depth) {
    const first = this.whole[this.at];
    if (first === "{" || first === "[") {
      if (depth === 0) {
        throw malformed(`Nested deeper than ${MAX_DEPTH} levels`, path);
      }
      return first === "{" ? this.object(path, depth - 1) : this.array(path, depth - 1);
    }
    if (first === '"') {
      return this.string(path);
    }
    for (const [kind, pattern] of [["number", NUMBER], ["word", WORD]]) {
      const found = this.matched(pattern);
      if (found) {
        return this.leaf(kind, found);
      }
    }
    throw this.syntax(path);
  }

  matched(pattern) {
    pattern.lastIndex = this.at;
    return pattern.exec(this.whole)?.[0];
  }

  object(path, depth) {
    const start = this.at;
    const members = new Map();
    let last = "";
    this.at += 1;
    while (!this.ended("}", path, members.size === 0)) {
      const begin = this.at;
      const name = this.name(path);
      if (members.size && byCodePoint(name, last) <= 0) {
        throw malformed("Names do not stand in their order, or one stands twice", path);
      }
      this.expect(":", path);
      last = name;
      members.set(name, { begin, node: this.value(`${path}.${name}`, depth) });
    }
    return this.node("object", start, { members });
  }

  array(path, depth) {
    const start = this.at;
    const items = [];
    this.at += 1;
    while (!this.ended("]", path, items.length === 0)) {
      items.push(this.value(`${path}[${items.length}]`, depth));
    }
    return this.node("array", start, { items });
  }

  ended(closing, path, first) {
    if (this.whole[this.at] === closing) {
      this.at += 1;
      return true;
    }
    if (!first) {
      this.expect(",", path);
    }
    return false;
  }

  name(path) {
    if (this.whole[this.at] !== '"') {
      throw this.syntax(path);
    }
    return JSON.parse(this.string(path).token);
  }

  string(path) {
    const token = this.matched(STRING);
    if (!token) {
      throw this.syntax(path);
    }
    const said = JSON.parse(token);
    if (!isAssigned(said) || said.normalize("NFC") !== said) {
      throw malformed("Text must be in normal form C, of characters that Unicode 14 knows", path);
    }
    return this.leaf("string", token);
  }

  leaf(kind, token) {
    const start = this.at;
    this.at += token.length;
    return this.node(kind, start);
  }

  node(kind, start, { members = new Map(), items = [] } = {}) {
    return { kind, start, end: this.at, token: this.whole.slice(start, this.at), members, items };
  }

  expect(sign, path) {
    if (this.whole[this.at] !== sign) {
      throw this.syntax(path);
    }
    this.at += 1;
  }
}

// Reads an object: { whole, root }. Refused with native_malformed.
export function readText(octets) {
  if (octets.length > MOST_BYTES) {
    throw malformed("A native artefact has at most 64 KiB", "", `${counted(octets.length)} bytes`);
  }
  const whole = textOf(octets);
  if (whole === null) {
    throw malformed("A native artefact is text in UTF-8", "$");
  }
  const reader = new Reader(whole);
  const root = reader.value("$", MAX_DEPTH);
  if (root.kind !== "object" || root.end !== whole.length) {
    throw malformed("A native artefact is one object and nothing else", "$");
  }
  return { whole, root };
}

// The root object without these members; all others letter by letter as they stand.
export function without({ whole, root }, names) {
  const kept = [...root.members].filter(([name]) => !names.includes(name));
  return `{${kept.map(([, { begin, node }]) => whole.slice(begin, node.end)).join(",")}}`;
}

// The root object with other texts in the places of these members' values.
export function spliced({ whole, root }, values) {
  let made = "";
  let at = 0;
  for (const [name, { node }] of root.members) {
    if (Object.hasOwn(values, name)) {
      made += whole.slice(at, node.start) + values[name];
      at = node.end;
    }
  }
  return made + whole.slice(at);
}
