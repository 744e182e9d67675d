// Receipts: a signed promise that one leaf stands at one index of one log.
import { checkFields, hexHash, index, moment, nullable, oneOf, text } from "./fields.js";
import { isObject, parseCanonical } from "./json.js";
import { MAX_ORIGIN, VERSION } from "./leaf.js";
import { fromBase64, textOf } from "./octets.js";
import { Refusal } from "./refusal.js";
import { isTime } from "./times.js";

export const RECEIPT_TYPE = "application/vnd.countersign.receipt.v1+json";
const SCHEMA = {
  v: oneOf(VERSION),
  log: hexHash,
  origin: text(MAX_ORIGIN),
  index,
  leaf_hash: hexHash,
  prev: nullable(hexHash),
  recorded: moment,
  promised_by: moment,
  kid: text(32),
};
const REISSUED = { ...SCHEMA, issued: index };

// The signed bytes of a receipt, read; hashes stay hexadecimal. `at` is the leaf at which its key counts.
export function parseReceipt(body) {
  const value = parseCanonical(body);
  if (!isObject(value)) {
    throw new Refusal("leaf_schema", "A receipt must be a JSON object");
  }
  const issued = Object.hasOwn(value, "issued");
  checkFields(value, issued ? REISSUED : SCHEMA);
  return { ...value, issued: issued ? value.issued : null, at: issued ? value.issued : value.index };
}

const ENVELOPE = new RegExp(
  '^\\{"payload":"([A-Za-z0-9+/=]*)","payloadType":"application/vnd\\.countersign\\.receipt\\.v1\\+json",'
    + '"signatures":\\[\\{"keyid":"([0-9a-f]{32})","sig":"([A-Za-z0-9+/]{85}[AQgw]==)"\\}\\]\\}$',
);
const HASH = "([0-9a-f]{64})";
const TIME = "([0-9T:.Z-]{27})";
const BODY = new RegExp(
  `^\\{"index":([1-9][0-9]{0,14}),"kid":"([0-9a-f]{32})","leaf_hash":"${HASH}","log":"${HASH}","origin":"([ !#-\\[\\]-~]{1,255})",`
    + `"prev":"${HASH}","promised_by":"${TIME}","recorded":"${TIME}","v":"countersign/1"\\}$`,
);

// A receipt in its usual form, envelope and body: what matches is the one form of both. null for any other line, which is
// read the long way.
export function usualReceipt(line) {
  const outer = ENVELOPE.exec(textOf(line) ?? "");
  const payload = outer && fromBase64(outer[1]);
  const inner = payload && BODY.exec(textOf(payload) ?? "");
  if (!inner || inner[2] !== outer[2] || !isTime(inner[7]) || !isTime(inner[8])) {
    return null;
  }
  const [, stated, kid, leafHash, log, origin, prev, promised, recorded] = inner;
  const at = Number(stated);
  const receipt = { v: VERSION, log, origin, index: at, leaf_hash: leafHash, prev, recorded, promised_by: promised, kid, issued: null, at };
  return { receipt, payload, sig: fromBase64(outer[3]) };
}

// Names of the fields in which a receipt and the leaf at its index disagree; `hash` is the leaf's, in hexadecimal.
export function differences(receipt, leaf, hash) {
  const pairs = [
    ["origin", leaf.origin],
    ["index", leaf.index],
    ["leaf_hash", hash],
    ["prev", leaf.prev],
    ["recorded", leaf.recorded],
  ];
  return pairs.filter(([name, value]) => receipt[name] !== value).map(([name]) => name);
}
