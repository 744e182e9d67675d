// The gesture of a passkey beside a signed word, as far as the record shows it (WebAuthn level 3, section 7.2): asked for
// these very bytes, of the relying party that it names, with a person verified. Its own signature is not judged: no record
// holds the passkey's public key.
import { isObject, parse } from "./json.js";
import { fromEitherBase64, same, toBase64, utf8 } from "./octets.js";
import { Refusal } from "./refusal.js";
import { sha256 } from "./sha256.js";

const ORIGIN = /^https?:\/\/([a-z0-9.-]{1,253})(?::[0-9]{1,5})?$/;
const TEXTS = ["authenticator_data", "client_data", "credential"];
const PARTY = 32;
const LEAST = 37;
const PRESENT_AND_VERIFIED = 0b101;

function refused(what, why = "") {
  return new Refusal("decision_invalid", what, { why });
}

function octetsOf(text) {
  const octets = fromEitherBase64(text);
  if (octets === null) {
    throw refused("A passkey's gesture is malformed");
  }
  return octets;
}

function clientOf(octets) {
  const value = parse(octets);
  if (!isObject(value)) {
    throw refused("A passkey's gesture is malformed");
  }
  return value;
}

function challengeOf(signed) {
  return toBase64(sha256(signed)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// The gesture over exactly `signed` (a DSSE PAE): { credential, party, count }. Refused with what does not fit.
export function gestureIn(assertion, signed) {
  const told = isObject(assertion) ? assertion : {};
  if (!TEXTS.every((name) => typeof told[name] === "string") || !Number.isSafeInteger(told.sign_count)) {
    throw refused("A passkey's gesture is malformed");
  }
  const [client, data] = [clientOf(octetsOf(told.client_data)), octetsOf(told.authenticator_data)];
  const host = ORIGIN.exec(typeof client.origin === "string" ? client.origin : "");
  if (data.length < LEAST || !host) {
    throw refused("A passkey's gesture is malformed");
  }
  const count = data.subarray(PARTY + 1, LEAST).reduce((sum, octet) => sum * 256 + octet, 0);
  const wrong = [
    [client.type !== "webauthn.get", "it answers another ceremony"],
    [client.challenge !== challengeOf(signed), "its challenge is not of what was signed"],
    [!same(data.subarray(0, PARTY), sha256(utf8(host[1]))), "its origin is not of its relying party"],
    [(data[PARTY] & PRESENT_AND_VERIFIED) !== PRESENT_AND_VERIFIED, "nobody was verified"],
    [told.sign_count !== count, "its counter is not the one that is told"],
  ].find(([holds]) => holds);
  if (wrong) {
    throw refused("A passkey's gesture does not fit", wrong[1]);
  }
  return { credential: told.credential, party: host[1], count };
}

// Whether the counter moved on; passkeys without one tell 0 for ever.
export function follows({ count }, before) {
  return count > before || (count === 0 && before === 0);
}
