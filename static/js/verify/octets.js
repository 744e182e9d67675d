// Bytes, hexadecimal, base64 and UTF-8, each with exactly one form for one value.
const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const NO_LETTER = 64;
const SEXTETS = new Uint8Array(128).fill(NO_LETTER);
for (let value = 0; value < 64; value += 1) {
  SEXTETS[LETTERS.charCodeAt(value)] = value;
}
const NIBBLES = new Uint8Array(128);
for (let value = 0; value < 16; value += 1) {
  NIBBLES[value.toString(16).charCodeAt(0)] = value;
}
const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function utf8(text) {
  return encoder.encode(text);
}

// The text of these bytes; null where they are not UTF-8. A byte order mark stays in it.
export function textOf(octets) {
  try {
    return strict.decode(octets);
  } catch {
    return null;
  }
}

export function hexOf(octets) {
  let text = "";
  for (let place = 0; place < octets.length; place += 1) {
    text += HEX[octets[place]];
  }
  return text;
}

// Writes lower-case hexadecimal, whose form was checked before, into `target` from `at` on.
export function hexInto(target, at, hex) {
  for (let place = 0; place < hex.length; place += 2) {
    target[at + place / 2] = (NIBBLES[hex.charCodeAt(place)] << 4) | NIBBLES[hex.charCodeAt(place + 1)];
  }
}

export function fromHex(hex) {
  const octets = new Uint8Array(hex.length / 2);
  hexInto(octets, 0, hex);
  return octets;
}

export function same(a, b) {
  if (a.length !== b.length) {
    return false;
  }
  for (let place = 0; place < a.length; place += 1) {
    if (a[place] !== b[place]) {
      return false;
    }
  }
  return true;
}

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function toBase64(octets) {
  let text = "";
  let at = 0;
  for (; at + 2 < octets.length; at += 3) {
    const bits = (octets[at] << 16) | (octets[at + 1] << 8) | octets[at + 2];
    text += LETTERS[bits >> 18] + LETTERS[(bits >> 12) & 63] + LETTERS[(bits >> 6) & 63] + LETTERS[bits & 63];
  }
  if (octets.length - at === 1) {
    return `${text}${LETTERS[octets[at] >> 2]}${LETTERS[(octets[at] & 3) << 4]}==`;
  }
  if (octets.length - at === 2) {
    const bits = (octets[at] << 8) | octets[at + 1];
    return `${text}${LETTERS[bits >> 10]}${LETTERS[(bits >> 4) & 63]}${LETTERS[(bits & 15) << 2]}=`;
  }
  return text;
}

// Standard base64 (RFC 4648, section 4) with full padding and no loose tail bits; null for any other text.
export function fromBase64(text) {
  const { length } = text;
  if (length % 4 !== 0) {
    return null;
  }
  const padding = text.endsWith("==") ? 2 : Number(text.endsWith("="));
  const octets = new Uint8Array((length / 4) * 3 - padding);
  let bits = 0;
  let at = 0;
  let bad = 0;
  for (let place = 0; place < length - padding; place += 1) {
    const code = text.charCodeAt(place);
    const sextet = code < 128 ? SEXTETS[code] : NO_LETTER;
    bad |= sextet;
    bits = (bits << 6) | (sextet & 63);
    if (place % 4 === 3) {
      octets[at] = bits >> 16;
      octets[at + 1] = bits >> 8;
      octets[at + 2] = bits;
      at += 3;
      bits = 0;
    }
  }
  if (bad & NO_LETTER) {
    return null;
  }
  return tail(octets, at, bits, padding) ? octets : null;
}

function tail(octets, at, bits, padding) {
  if (padding === 1) {
    octets[at] = bits >> 10;
    octets[at + 1] = bits >> 2;
    return (bits & 3) === 0;
  }
  if (padding === 2) {
    octets[at] = bits >> 4;
    return (bits & 15) === 0;
  }
  return true;
}

// Standard or URL-safe base64, padded in full or not at all (DSSE 1.0.2); null for any other text.
export function fromEitherBase64(text) {
  if (/[-_]/.test(text) && /[+/]/.test(text)) {
    return null;
  }
  const padding = text.includes("=") ? "" : "=".repeat((4 - (text.length % 4)) % 4);
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/") + padding);
}

export function bigEndian(value, bytes) {
  const octets = new Uint8Array(bytes);
  let rest = BigInt(value);
  for (let place = bytes - 1; place >= 0; place -= 1) {
    octets[place] = Number(rest & 255n);
    rest >>= 8n;
  }
  return octets;
}

// A number as people read it: 1,234,567.
export function counted(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

// Foreign text as it may stand in a report: cut, quoted, ASCII only.
export function quoted(text, longest = 80) {
  const cut = JSON.stringify(String(text).slice(0, longest)).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${cut.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)}'`;
}
