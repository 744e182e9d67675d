// DSSE 1.0.2 envelopes: typed bytes with signatures, none verified yet.
import { isObject, parse } from "./json.js";
import { fromEitherBase64, textOf, utf8 } from "./octets.js";
import { Refusal } from "./refusal.js";

function malformed(what, path) {
  return new Refusal("dsse_malformed", what, { path });
}

function word(fields, name, path) {
  if (typeof fields[name] !== "string") {
    throw malformed("A string is expected", `${path}.${name}`);
  }
  return fields[name];
}

function octetsIn(fields, name, path) {
  const octets = fromEitherBase64(word(fields, name, path));
  if (octets === null) {
    throw malformed("Base64 is malformed", `${path}.${name}`);
  }
  return octets;
}

function signature(row, path) {
  if (!isObject(row)) {
    throw malformed("An object is expected", path);
  }
  const keyid = Object.hasOwn(row, "keyid") ? word(row, "keyid", path) : "";
  return { keyid, sig: octetsIn(row, "sig", path), text: row.sig };
}

// Reads an envelope from JSON bytes or from an object that was read strictly.
export function parseEnvelope(given) {
  const fields = given instanceof Uint8Array ? parse(given) : given;
  if (!isObject(fields)) {
    throw malformed("An object is expected", "$");
  }
  const { signatures: rows } = fields;
  if (!Array.isArray(rows) || rows.length > 100) {
    throw malformed("An envelope needs a list of 1 to 100 signatures", "$.signatures");
  }
  const signatures = rows.map((row, place) => signature(row, `$.signatures[${place}]`));
  const envelope = { payload: octetsIn(fields, "payload", "$"), type: word(fields, "payloadType", "$"), signatures, text: fields.payload };
  if (!signatures.length) {
    throw malformed("An envelope needs 1 to 100 signatures", "$.signatures");
  }
  return envelope;
}

const heads = new Map();

function headOf(type, length) {
  const name = `${length} ${type}`;
  const head = heads.get(name) ?? utf8(`DSSEv1 ${utf8(type).length} ${type} ${length} `);
  if (heads.size < 10000) {
    heads.set(name, head);
  }
  return head;
}

// The bytes that are signed; lengths count bytes (protocol.md, "Signature definition").
export function pae(type, body) {
  const head = headOf(type, body.length);
  const whole = new Uint8Array(head.length + body.length);
  whole.set(head);
  whole.set(body, head.length);
  return whole;
}

// Refuses unless `raw` is the envelope's only form: canonical, standard base64, one signature with `kid` as its keyid.
export function demandOneForm(raw, envelope, kid) {
  const [first] = envelope.signatures;
  const rows = `[{"keyid":${JSON.stringify(kid)},"sig":${JSON.stringify(first.text)}}]`;
  const form = `{"payload":${JSON.stringify(envelope.text)},"payloadType":${JSON.stringify(envelope.type)},"signatures":${rows}}`;
  const standard = !/[-_]/.test(first.text) && !/[-_]/.test(envelope.text) && first.text.length % 4 === 0 && envelope.text.length % 4 === 0;
  if (!standard || kid === "" || textOf(raw) !== form) {
    throw new Refusal("not_canonical", "A signed document is not written in its one form", {
      why: "expected: canonical JSON, standard base64, one signature with the kid inside as keyid",
    });
  }
}
