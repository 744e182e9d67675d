// Passkeys: one gesture gives the secret that opens a key (PRF) and an assertion over the very bytes that are signed.
import { fromBase64, toBase64 } from "../verify/octets.js";
import { random } from "./keyfile.js";
import { refuse } from "./refusals.js";

const EDDSA = -8;
const ES256 = -7;

export function passkeysAreThere() {
  return typeof PublicKeyCredential === "function" && Boolean(navigator.credentials);
}

function secretOf(credential) {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  return first ? new Uint8Array(first) : null;
}

async function asked(how) {
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

// Makes a passkey that can open a key: { id, public, algorithm, secret }. Refused where it has no PRF.
export async function createPasskey(person, salt) {
  const credential = await asked(() => navigator.credentials.create({
    publicKey: {
      rp: { id: location.hostname, name: "Countersign signing page" },
      user: { id: random(16), name: person, displayName: person },
      challenge: random(32),
      pubKeyCredParams: [{ type: "public-key", alg: EDDSA }, { type: "public-key", alg: ES256 }],
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      extensions: { prf: { eval: { first: salt } } },
    },
  }));
  const id = toBase64(new Uint8Array(credential.rawId));
  const secret = secretOf(credential) ?? (await assert(id, salt, random(32))).secret;
  const told = credential.response.getPublicKey();
  return { id, public: told ? toBase64(new Uint8Array(told)) : "", algorithm: credential.response.getPublicKeyAlgorithm(), secret };
}

// One gesture: { secret, assertion } over `challenge`, which is SHA-256 of the signed bytes.
export async function assert(id, salt, challenge) {
  const credential = await asked(() => navigator.credentials.get({
    publicKey: {
      challenge,
      rpId: location.hostname,
      allowCredentials: [{ type: "public-key", id: fromBase64(id) }],
      userVerification: "required",
      extensions: { prf: { eval: { first: salt } } },
    },
  }));
  const secret = secretOf(credential);
  if (!secret) {
    throw refuse("passkey_failed", "This passkey cannot open a key", "it has no PRF extension");
  }
  const { authenticatorData, clientDataJSON, signature } = credential.response;
  const base64 = (buffer) => toBase64(new Uint8Array(buffer));
  const assertion = { id, authenticator_data: base64(authenticatorData), client_data_json: base64(clientDataJSON), signature: base64(signature) };
  return { secret, assertion };
}
