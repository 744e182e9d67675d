// Opens the commitments to attributes and payload in this browser: the bytes in the page against the page's leaf.
// commitment = SHA-256("countersign/payload/1" 0 || salt || u64 size || u8 length || media type || bytes)
import { bytesOf, fromBase64, joined, mark, same, sha256 } from "./bytes.js";

const DOMAIN = new TextEncoder().encode("countersign/payload/1\0");
const SHOWN_BYTES = 16 * 1024;
const ROLES = { attrs: "the attributes", payload: "the payload" };

export async function commitmentTo(salt, mediaType, octets) {
  const media = new TextEncoder().encode(mediaType);
  const head = new Uint8Array(9);
  new DataView(head.buffer).setBigUint64(0, BigInt(octets.length));
  head[8] = media.length;
  return sha256(joined(DOMAIN, salt, head, media, octets));
}

// As an HTML parser hands it on: one kind of line break, no NUL, no break right after <pre>.
function asParsed(text) {
  return text.replace(/\r\n?/g, "\n").replaceAll("\0", "\uFFFD").replace(/^\n/, "");
}

// What is shown has to be what was hashed. JSON is shown with breaks of its own, so values are compared.
function saysTheSame(shown, octets) {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(octets);
  try {
    return JSON.stringify(JSON.parse(shown)) === JSON.stringify(JSON.parse(text));
  } catch {
    return asParsed(shown) === asParsed(text);
  }
}

async function check(object, envelope) {
  const { object: role, salt, mediaType, octets } = object.dataset;
  const bytes = fromBase64(octets);
  const commitment = await commitmentTo(bytesOf(salt), mediaType, bytes);
  if (!same(commitment, bytesOf(envelope[role]))) {
    return [false, `Your browser hashed ${ROLES[role]} just now: NOT what this leaf commits to. Do not rely on it.`];
  }
  // What the page cut short reads differently, and is not compared.
  const cut = bytes.length > SHOWN_BYTES;
  if (!cut && !saysTheSame(object.querySelector("[data-shown]").textContent, bytes)) {
    return [false, `Your browser hashed ${ROLES[role]} just now: equal, but the text shown here says something else.`];
  }
  return [true, `Your browser opened the commitment to ${ROLES[role]} just now: equal.`];
}

async function open(object, envelope) {
  const told = object.querySelector("[data-opened]");
  try {
    const [holds, words] = await check(object, envelope);
    told.querySelector("output").textContent = words;
    mark(told, holds);
  } catch (problem) {
    told.querySelector("output").textContent = `Your browser could not open this commitment: ${problem.message}.`;
    mark(told, false);
  }
}

const content = globalThis.document?.querySelector("[data-envelope]");
if (content && globalThis.crypto?.subtle) {
  const envelope = JSON.parse(new TextDecoder().decode(bytesOf(content.dataset.envelope)));
  for (const object of content.querySelectorAll("[data-object]")) {
    open(object, envelope);
  }
}
