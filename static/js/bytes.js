// Small helpers that the checks share: bytes from text, and whether two are the same.

export function bytesOf(hex) {
  if (!/^([0-9a-f]{2})*$/.test(hex)) {
    throw new TypeError("not lower-case hexadecimal");
  }
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

// Standard base64 in its one form: what atob forgives (spaces, loose tail bits) is refused.
export function fromBase64(text) {
  const octets = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  if (btoa(Array.from(octets, (octet) => String.fromCharCode(octet)).join("")) !== text) {
    throw new TypeError("not canonical base64");
  }
  return octets;
}

export function same(a, b) {
  return a.length === b.length && a.every((octet, place) => octet === b[place]);
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

export async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
}

// A verdict's colour, shape and words, together.
export function mark(element, holds) {
  element.classList.toggle("is-pass", holds);
  element.classList.toggle("is-fail", !holds);
  element.querySelector("use").setAttribute("href", holds ? "#m-pass" : "#m-fail");
}
