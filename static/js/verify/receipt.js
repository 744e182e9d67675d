// Receipts: a signed promise that one leaf stands at one index of one log.
import { checkFields, hexHash, index, moment, nullable, oneOf, text } from "./fields.js";
import { isObject, parseCanonical } from "./json.js";
import { MAX_ORIGIN, VERSION } from "./leaf.js";
import { Refusal } from "./refusal.js";

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
