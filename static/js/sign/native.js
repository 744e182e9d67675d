// Native artefacts: bytes of EvidenceOS that a person signs with their native key in the gesture of a statement. The
// statement's body lists each with the digest of what the executor does not fix; all else is computed from the bytes.
import { fromBase64, toBase64 } from "../verify/octets.js";
import { Refusal } from "../verify/refusal.js";
import { hexDigest } from "../verify/sha256.js";
import { isHiding, writtenOut } from "./characters.js";
import { kidOf, signed } from "./keyfile.js";
import { MOST, SIGNED_WITH, declarations, fullForm, readArtefact } from "./native_artefact.js";
import { NULLSPEC, octetsIn, secondIn } from "./native_forms.js";
import { refuse } from "./refusals.js";

// Every value from its own text, in the order of the text: [{ path, text, suspect }].
export function artefactLines({ kind, text }) {
  const rows = [];
  const walk = (node, path) => {
    const hex = octetsIn(kind, path, node);
    if (hex !== null) {
      rows.push({ path, text: hex ? `bytes ${hex}` : "no bytes", suspect: false });
    } else if (node.members.size) {
      node.members.forEach(({ node: inner }, name) => walk(inner, path ? `${path}.${name}` : name));
    } else if (node.items.length) {
      node.items.forEach((inner, place) => walk(inner, `${path}[${place}]`));
    } else {
      const told = writtenOut(node.token);
      rows.push({ path, text: `${told}${secondIn(kind, path, node)}`, suspect: isHiding(node.token) });
    }
  };
  walk(text.root, "");
  return rows;
}

function other(what, place) {
  return new Refusal("native_differs", what, { path: `$.native[${place}]` });
}

function boundOne(listed, verb, place, { kind, payload }) {
  if (kind !== listed.kind) {
    throw other("An artefact is of another kind than the change lists", place);
  }
  const signs = SIGNED_WITH[listed.by].includes(verb);
  const artefact = readArtefact(kind, payload, signs);
  if (hexDigest(artefact.fixed) !== listed.sha256) {
    throw other("An artefact is not the one that the change lists", place);
  }
  return { ...artefact, by: listed.by, signs };
}

// The artefacts handed over beside a statement, held against what its body lists.
export function bound({ fields }, given) {
  const listed = declarations(fields);
  if (given.length < listed.length) {
    throw refuse("native_missing", "The change lists more artefacts than were handed over", `${given.length}, ${listed.length}`);
  }
  if (given.length > listed.length) {
    throw refuse("native_differs", "The change lists fewer artefacts than came", `${given.length}, ${listed.length}`);
  }
  return listed.map((one, place) => boundOne(one, fields.verb, place, given[place]));
}

// What came beside a statement: { kid, artefacts: [{ kind, payload }] }, the payloads in octets. Refused with
// message_malformed.
export function readNative(native) {
  const rows = native?.artefacts ?? [];
  const sound = (native === null || native === undefined || typeof native === "object") && Array.isArray(rows) && rows.length <= MOST;
  const artefacts = sound ? rows.map((row) => ({ kind: String(row?.kind), payload: typeof row?.payload === "string" ? fromBase64(row.payload) : null })) : [];
  if (!sound || artefacts.some(({ payload }) => payload === null)) {
    throw refuse("message_malformed", "What came beside the statement are no artefacts");
  }
  return { kid: typeof native?.kid === "string" ? native.kid : "", artefacts };
}

// Refuses unless this is a native key of the very person who signs.
export function checkNativeKey({ fields }, key) {
  const derived = kidOf("native", fields.deployment.origin, fromBase64(key.public));
  const told = [["person", key.person, fields.signer.person], ["kid", derived, key.kid], ["use", key.use, "native"]];
  for (const [name, found, wanted] of told) {
    if (found !== wanted) {
      throw refuse("key_differs", "This native key does not sign here", `${name}: ${found}, not ${wanted}`);
    }
  }
  return key;
}

async function madeOf({ kind, payload, text, toSign: octets }, key, opened) {
  const signature = await signed(opened, key, octets);
  let detached = null;
  if (kind === NULLSPEC) {
    detached = toBase64(await signed(opened, key, fullForm({ payload, text }, signature)));
  }
  return { kind, payload: toBase64(payload), signature: toBase64(signature), detached };
}

// The native signatures, in order: { kid, artefacts }; null where nothing is signed natively.
export async function signNative(artefacts, key, opened) {
  const made = [];
  for (const artefact of artefacts.filter(({ signs }) => signs)) {
    made.push(await madeOf(artefact, key, opened));
  }
  return made.length ? { kid: key.kid, artefacts: made } : null;
}
