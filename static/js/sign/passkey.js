// Passkeys: one gesture gives the secrets that open keys (PRF) and an assertion over the very bytes that are signed.
import { fromBase64, toBase64 } from "../verify/octets.js";
import { random } from "./keyfile.js";
import { refuse } from "./refusals.js";

const EDDSA = -8;
const ES256 = -7;
const AAGUID_AT = 37;

export function passkeysAreThere() {
  return typeof PublicKeyCredential === "function" && Boolean(navigator.credentials);
}

function asked(salts) {
  const [first, second] = salts;
  return { prf: { eval: second ? { first, second } : { first } } };
}

// One secret for each salt; null where the passkey gave fewer.
function secretsOf(credential, salts) {
  const { first, second } = credential.getClientExtensionResults().prf?.results ?? {};
  const found = [first, second].slice(0, salts.length).map((secret) => (secret ? new Uint8Array(secret) : null));
  return found.every(Boolean) ? found : null;
}

async function answered(how) {
  try {
    const credential = await how();
    if (!credential) {
      throw new Error("nothing was returned");
    }
    return credential;
  } catch (problem) {
    throw refuse("passkey_failed", "The passkey did not answer", `${problem.name}: ${problem.message}`);
  }
}

// The AAGUID of what made the passkey: 16 bytes behind hash, flags and counter (WebAuthn level 3, section 6.5.1).
function modelOf(data) {
  const hex = Array.from(new Uint8Array(data).slice(AAGUID_AT, AAGUID_AT + 16), (octet) => octet.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// Makes a passkey that can open keys, one for each salt: { id, public, algorithm, secrets }. Refused where it has no PRF.
export async function createPasskey(person, salts) {
  const credential = await answered(() => navigator.credentials.create({
    publicKey: {
      rp: { id: location.hostname, name: "Countersign signing page" },
      user: { id: random(16), name: person, displayName: person },
      challenge: random(32),
      pubKeyCredParams: [{ type: "public-key", alg: EDDSA }, { type: "public-key", alg: ES256 }],
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      extensions: asked(salts),
    },
  }));
  const id = toBase64(new Uint8Array(credential.rawId));
  const secrets = secretsOf(credential, salts) ?? (await assert(id, salts, random(32))).secrets;
  const told = credential.response.getPublicKey();
  return { id, aaguid: modelOf(credential.response.getAuthenticatorData()), public: told ? toBase64(new Uint8Array(told)) : "", algorithm: credential.response.getPublicKeyAlgorithm(), secrets };
}

// One gesture: { secrets, assertion } over `challenge`, which is SHA-256 of the signed bytes.
export async function assert(id, salts, challenge) {
  const credential = await answered(() => navigator.credentials.get({
    publicKey: {
      challenge,
      rpId: location.hostname,
      allowCredentials: [{ type: "public-key", id: fromBase64(id) }],
      userVerification: "required",
      extensions: asked(salts),
    },
  }));
  const secrets = secretsOf(credential, salts);
  if (!secrets) {
    throw refuse("passkey_failed", "This passkey cannot open a key", "it has no PRF extension");
  }
  const { authenticatorData, clientDataJSON, signature } = credential.response;
  const base64 = (buffer) => toBase64(new Uint8Array(buffer));
  const assertion = { id, authenticator_data: base64(authenticatorData), client_data_json: base64(clientDataJSON), signature: base64(signature) };
  return { secrets, assertion };
}
