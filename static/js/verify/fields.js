// Checks of fields: each takes a JSON value and refuses with leaf_schema, or returns nothing. Schemas are closed.
import { isObject } from "./json.js";
import { fromBase64, quoted, utf8 } from "./octets.js";
import { Refusal } from "./refusal.js";
import { checkTime } from "./times.js";

const HEX64 = /^[0-9a-f]{64}$/;

function refuse(what, value) {
  const shown = typeof value === "object" ? (value === null ? "null" : "a list or object") : quoted(value);
  return new Refusal("leaf_schema", what, { why: shown });
}

export function index(value) {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw refuse("A whole number from 0 to 2^53-1 is expected", value);
  }
}

export function number(least, most) {
  return (value) => {
    index(value);
    if (value < least || value > most) {
      throw refuse(`A whole number from ${least} to ${most} is expected`, value);
    }
  };
}

// A list of one or more of the given words, none twice.
export function distinct(...words) {
  const inner = listOf(oneOf(...words), { least: 1, most: words.length });
  return (value) => {
    inner(value);
    if (new Set(value).size !== value.length) {
      throw refuse("Nothing is named twice", value);
    }
  };
}

export function hexHash(value) {
  if (typeof value !== "string" || !HEX64.test(value)) {
    throw refuse("A hash must be 64 lowercase hex digits", value);
  }
}

export function moment(value) {
  if (typeof value !== "string") {
    throw refuse("A time is expected", value);
  }
  checkTime(value);
}

export function flag(value) {
  if (typeof value !== "boolean") {
    throw refuse("true or false is expected", value);
  }
}

function bytesIn(value) {
  return utf8(value).length;
}

export function text(limit, least = 1) {
  return (value) => {
    const fits = typeof value === "string" && value.length >= least && (value.length * 3 <= limit || bytesIn(value) <= limit);
    if (!fits) {
      throw refuse(`A string of ${least} to ${limit} bytes is expected`, value);
    }
  };
}

export function oneOf(...words) {
  return (value) => {
    if (!words.includes(value)) {
      throw refuse(`One of ${words.join(", ")} is expected`, value);
    }
  };
}

// The bytes of strict standard base64, of `size` bytes where given.
export function base64(value, size = null) {
  const octets = typeof value === "string" ? fromBase64(value) : null;
  if (octets === null || (size !== null && octets.length !== size)) {
    throw refuse("Base64 is expected, in its one form and of the right length", value);
  }
  return octets;
}

export function base64Of(size = null) {
  return (value) => {
    base64(value, size);
  };
}

export function nullable(inner) {
  return (value) => {
    if (value !== null) {
      inner(value);
    }
  };
}

export function listOf(inner, { least = 0, most = 64 } = {}) {
  return (value) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) {
      throw refuse(`A list of ${least} to ${most} entries is expected`, value);
    }
    value.forEach((entry) => inner(entry));
  };
}

export function closed(schema) {
  return (value) => {
    if (!isObject(value)) {
      throw refuse("An object is expected", value);
    }
    checkFields(value, schema);
  };
}

function unlike(value, schema) {
  const missing = Object.keys(schema).filter((name) => !Object.hasOwn(value, name)).sort();
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(schema, name)).sort();
  const why = `missing ${quoted(missing)}, unknown ${quoted(unknown)}`;
  return new Refusal("leaf_schema", "Fields are not exactly those of the kind", { why });
}

// Refuses, naming the field, unless `value` has exactly the fields of `schema`.
export function checkFields(value, schema) {
  const names = Object.keys(schema);
  if (Object.keys(value).length !== names.length || !names.every((name) => Object.hasOwn(value, name))) {
    throw unlike(value, schema);
  }
  for (const name of names) {
    try {
      schema[name](value[name]);
    } catch (problem) {
      if (problem instanceof Refusal) {
        problem.path = problem.path ? `${name}.${problem.path}` : name;
      }
      throw problem;
    }
  }
}
