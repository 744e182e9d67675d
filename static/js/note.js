// Reads a C2SP signed note and checkpoint, and verifies its log signature under verifier keys `name+id+key`.
import { bytesOf, fromBase64, joined, same, sha256 } from "./bytes.js";
import { verify } from "./ed25519.js";

const ED25519 = 0x01;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const octetsOf = (text) => new TextEncoder().encode(text);

function split(bytes) {
  const text = utf8.decode(bytes);
  const end = text.lastIndexOf("\n\n");
  if (end < 0 || !text.endsWith("\n")) {
    throw new TypeError("the note has no signatures");
  }
  return { text: text.slice(0, end + 1), lines: text.slice(end + 2, -1).split("\n") };
}

function signature(line) {
  const found = /^— ([^ +]+) ([A-Za-z0-9+/]+=*)$/u.exec(line);
  if (!found) {
    throw new TypeError("a signature line is malformed");
  }
  const body = fromBase64(found[2]);
  return { name: found[1], id: body.slice(0, 4), body: body.slice(4) };
}

// `<name>+<hex id>+<base64 of type and key>`; the id is computed here and never believed.
async function verifier(vkey) {
  const [name, stated, ...rest] = vkey.split("+");
  const material = fromBase64(rest.join("+"));
  const id = (await sha256(octetsOf(name), octetsOf("\n"), material)).slice(0, 4);
  if (material[0] !== ED25519 || !same(id, bytesOf(stated))) {
    throw new TypeError("a verifier key does not have the id it states");
  }
  return { name, id, key: material.slice(1) };
}

function checkpoint(text) {
  const [origin, size, root] = text.split("\n");
  if (!/^(0|[1-9][0-9]*)$/.test(size)) {
    throw new TypeError("the note is no checkpoint");
  }
  const octets = fromBase64(root);
  if (octets.length !== 32) {
    throw new TypeError("the note's root is not 32 bytes long");
  }
  return { origin, size, root: octets };
}

// What the note says. Nothing of it is worth anything before `signedBy` was asked.
export function read(bytes) {
  const { text, lines } = split(bytes);
  return { ...checkpoint(text), text, lines: lines.map(signature) };
}

// Names `name+id` of the keys that signed; none where any of them fails. Throws Unsupported without Ed25519.
export async function signedBy(note, vkeys) {
  const signers = [];
  for (const vkey of await Promise.all(vkeys.map(verifier))) {
    const line = note.lines.find((one) => one.name === vkey.name && same(one.id, vkey.id));
    if (!line || vkey.name !== note.origin) {
      continue;
    }
    if (!(await verify(vkey.key, joined(octetsOf(note.text)), line.body))) {
      return [];
    }
    signers.push(`${vkey.name}+${Array.from(vkey.id, (octet) => octet.toString(16).padStart(2, "0")).join("")}`);
  }
  return signers;
}
