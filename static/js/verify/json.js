// I-JSON in (RFC 8259, RFC 7493) and RFC 8785 out.
// The browser's own reader and writer are taken where they cannot differ from the rules: where the text is, letter by
// letter, what the writer makes of the value. Every other text is read by the strict reader below, which refuses
// duplicate names, integers beyond 2^53-1, loose surrogates and deep nesting, each with its JSON path.
import { textOf } from "./octets.js";
import { Refusal } from "./refusal.js";

export const MAX_DEPTH = 64;
const LARGEST = Number.MAX_SAFE_INTEGER;
const NOTHING = Symbol("no value");
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
const WORDS = { true: true, false: false, null: null };
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
// eslint-disable-next-line no-control-regex
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

// A number that was written with a fraction or an exponent and has the value of a whole one: no index is spelled so.
export class Fraction {
  constructor(value) {
    this.value = value;
  }
}

export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Fraction);
}

function unsafe(number) {
  const size = Math.abs(number);
  return size > LARGEST && size < 1e21;
}

// Whether a value that the browser read is one of I-JSON with names in the order of RFC 8785.
function sound(value, depth) {
  if (typeof value === "number") {
    return !unsafe(value);
  }
  if (typeof value !== "object" || value === null) {
    return true;
  }
  if (depth === 0) {
    return false;
  }
  if (Array.isArray(value)) {
    return value.every((item) => sound(item, depth - 1));
  }
  let before = null;
  for (const name of Object.keys(value)) {
    if ((before !== null && name <= before) || !sound(value[name], depth - 1)) {
      return false;
    }
    before = name;
  }
  return true;
}

// The value of a text that is its own canonical form; NOTHING where that is not certain.
function quick(text) {
  if (text.includes("\\ud")) {
    return NOTHING;
  }
  try {
    const value = JSON.parse(text);
    return JSON.stringify(value) === text && sound(value, MAX_DEPTH) ? value : NOTHING;
  } catch {
    return NOTHING;
  }
}

export function pathOf(parts) {
  return `$${parts.map(step).join("")}`;
}

function step(part) {
  if (typeof part === "number") {
    return `[${part}]`;
  }
  if (PLAIN_NAME.test(part)) {
    return `.${part}`;
  }
  const cut = part.length > 64 ? `${part.slice(0, 64)}...` : part;
  const escaped = cut.replace(/[\\']/g, "\\$&");
  return `['${escaped.replace(/[^\u0020-\u007e\u00a1-\ud7ff\ue000-\ufffd]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)}']`;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.path = [];
  }

  refuse(what, why) {
    return new Refusal("json_invalid", what, { why, path: pathOf(this.path) });
  }

  syntax(expected) {
    return this.refuse(`Not JSON: ${expected} expected at character ${this.at}`, "the text does not follow RFC 8259");
  }

  next() {
    SPACE.lastIndex = this.at;
    SPACE.exec(this.text);
    this.at = SPACE.lastIndex;
    return this.text[this.at];
  }

  whole() {
    const value = this.value(0);
    if (this.next() !== undefined) {
      this.path = [];
      throw this.refuse(`More data follows the value at character ${this.at}`, "one text is one value");
    }
    return value;
  }

  value(depth) {
    const first = this.next();
    if (first === '"') {
      return this.sound(this.string());
    }
    if (first !== "{" && first !== "[") {
      return this.atom();
    }
    if (depth >= MAX_DEPTH) {
      throw this.refuse(`Nested deeper than ${MAX_DEPTH} levels`, "a verifier reads every value with bounded memory");
    }
    this.at += 1;
    return first === "{" ? this.object(depth + 1) : this.array(depth + 1);
  }

  object(depth) {
    const members = {};
    while (this.more("}", this.path.length < depth)) {
      if (this.next() !== '"') {
        throw this.syntax("a key in double quotes");
      }
      const name = this.string();
      this.path[depth - 1] = name;
      this.sound(name);
      if (Object.hasOwn(members, name)) {
        throw this.refuse("The same key stands twice in one object", "readers differ in which of the two counts");
      }
      this.expect(":");
      Object.defineProperty(members, name, { value: this.value(depth), enumerable: true, configurable: true, writable: true });
    }
    return members;
  }

  array(depth) {
    const items = [];
    while (this.more("]", items.length === 0)) {
      this.path[depth - 1] = items.length;
      items.push(this.value(depth));
    }
    return items;
  }

  // Whether another entry follows; behind the last one the path is the container's again.
  more(closing, first) {
    const found = this.next();
    if (found === closing) {
      this.at += 1;
      if (!first) {
        this.path.pop();
      }
      return false;
    }
    if (!first) {
      this.expect(",");
    }
    return true;
  }

  expect(sign) {
    if (this.next() !== sign) {
      throw this.syntax(`'${sign}'`);
    }
    this.at += 1;
  }

  string() {
    let text = "";
    this.at += 1;
    for (;;) {
      PLAIN.lastIndex = this.at;
      text += PLAIN.exec(this.text)[0];
      this.at = PLAIN.lastIndex;
      const stop = this.text[this.at];
      if (stop === '"') {
        this.at += 1;
        return text;
      }
      text += this.escape(stop);
    }
  }

  escape(stop) {
    const letter = this.text[this.at + 1];
    if (stop === "\\" && letter !== undefined && Object.hasOwn(ESCAPES, letter)) {
      this.at += 2;
      return ESCAPES[letter];
    }
    const digits = this.text.slice(this.at + 2, this.at + 6);
    if (stop !== "\\" || letter !== "u" || !/^[0-9a-fA-F]{4}$/.test(digits)) {
      throw this.syntax("a complete string");
    }
    this.at += 6;
    return String.fromCharCode(parseInt(digits, 16));
  }

  sound(text) {
    if (!text.isWellFormed()) {
      throw this.refuse("Text with an unpaired surrogate", "it is no Unicode character and has no UTF-8 bytes");
    }
    return text;
  }

  atom() {
    const word = /^(?:true|false|null)/.exec(this.text.slice(this.at, this.at + 5));
    if (word) {
      this.at += word[0].length;
      return WORDS[word[0]];
    }
    if (/^(?:NaN|-?Infinity)/.test(this.text.slice(this.at, this.at + 9))) {
      throw this.refuse("NaN or Infinity", "JSON has no such numbers");
    }
    return this.number();
  }

  number() {
    NUMBER.lastIndex = this.at;
    const found = NUMBER.exec(this.text);
    if (!found) {
      throw this.syntax("a value");
    }
    const value = Number(found[0]);
    if (!Number.isFinite(value)) {
      throw this.refuse("A number beyond the range of a double", "readers would take it for infinity");
    }
    const whole = found[1] === undefined && found[2] === undefined;
    if (whole ? Math.abs(value) > LARGEST : unsafe(value)) {
      throw this.refuse("An integer beyond 9007199254740991", "readers that hold numbers as doubles would read another");
    }
    this.at = NUMBER.lastIndex;
    return !whole && Number.isInteger(value) ? new Fraction(value) : value;
  }
}

function decoded(octets) {
  if (octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf) {
    throw new Refusal("json_invalid", "The text begins with a byte order mark", { path: "$" });
  }
  const text = textOf(octets);
  if (text === null) {
    throw new Refusal("json_invalid", "The bytes are not UTF-8", { path: "$" });
  }
  return text;
}

// The value of one JSON text in UTF-8; refused with json_invalid.
export function parse(octets) {
  const text = decoded(octets);
  const value = quick(text);
  return value === NOTHING ? new Reader(text).whole() : value;
}

// The value of bytes that are their own RFC 8785 form; refused with json_invalid or not_canonical.
export function parseCanonical(octets) {
  const text = decoded(octets);
  const known = quick(text);
  if (known !== NOTHING) {
    return known;
  }
  const value = new Reader(text).whole();
  if (canonical(value) !== text) {
    throw new Refusal("not_canonical", "The bytes are not canonical JSON", {
      why: "they differ from the RFC 8785 form of the value which they hold",
      path: "$",
    });
  }
  return value;
}

// The RFC 8785 text of a value; its numbers and strings are ECMAScript's own.
export function canonical(value) {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(",")}]`;
  }
  if (value instanceof Fraction) {
    return JSON.stringify(value.value);
  }
  if (isObject(value)) {
    const names = Object.keys(value).sort((a, b) => (a < b ? -1 : Number(a > b)));
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
