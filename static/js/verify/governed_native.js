// Native signatures as they came beside a word: read, held against what the change lists, and verified.
import { checkPublic, verify } from "./ed25519.js";
import { isObject } from "./json.js";
import { fromBase64 } from "./octets.js";
import { Refusal } from "./refusal.js";
import { hexDigest } from "./sha256.js";
import { fullForm, readArtefact } from "../sign/native_artefact.js";
import { NULLSPEC } from "../sign/native_forms.js";

const MOST_TEXT = 131072;
const MEMBERS = ["detached", "kind", "payload", "signature"];

function differs(what, place) {
  return new Refusal("native_differs", what, { path: `$.native.artefacts[${place}]` });
}

function octetsOf(value, place) {
  const octets = typeof value === "string" && value.length <= MOST_TEXT ? fromBase64(value) : null;
  if (octets === null) {
    throw differs("Base64 is expected", place);
  }
  return octets;
}

async function checkOne(listed, row, known, place) {
  if (!isObject(row) || Object.keys(row).sort().join() !== MEMBERS.join()) {
    throw differs("Kind, payload, signature and detached are expected", place);
  }
  const detached = row.detached === null ? null : octetsOf(row.detached, place);
  const [payload, signature] = [octetsOf(row.payload, place), octetsOf(row.signature, place)];
  const artefact = row.kind === listed.kind ? readArtefact(row.kind, payload) : null;
  if (!artefact || hexDigest(artefact.fixed) !== listed.sha256) {
    throw differs("A native artefact is not the one that the change lists", place);
  }
  checkPublic(known);
  if (!(await verify(known, artefact.toSign, signature))) {
    throw differs("A native signature does not verify", place);
  }
  if ((detached !== null) !== (row.kind === NULLSPEC)) {
    throw differs("The registry's signature is made over a contract, and over nothing else", place);
  }
  if (detached !== null && !(await verify(known, fullForm(artefact, signature), detached))) {
    throw differs("The registry's signature does not verify", place);
  }
}

// What `given` holds for each of `asked`, verified under the public key `known`; refused where one of it does not hold.
export async function checkMade(asked, given, known) {
  if (!Array.isArray(given.artefacts) || given.artefacts.length !== asked.length) {
    throw new Refusal("native_missing", "Not every artefact of the change was signed", { path: "$.native.artefacts" });
  }
  for (const [place, listed] of asked.entries()) {
    await checkOne(listed, given.artefacts[place], known, place);
  }
}
