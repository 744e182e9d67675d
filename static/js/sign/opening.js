// One gesture opens every key that signs in it: a passkey answers once for all keys under it, a passphrase is typed once.
import { fromBase64 } from "../verify/octets.js";
import { field } from "./dom.js";
import { opensWithPasskey, unwrap } from "./keyfile.js";
import { assert } from "./passkey.js";

// The fields in which passphrases are typed: one for all keys, and one more where the second may have another.
export function phraseFields(key, native) {
  const typed = [key, native].filter((one) => one && !opensWithPasskey(one));
  if (!typed.length) {
    return [];
  }
  const label = typed.length === 2 ? "Passphrase of your keys" : `Passphrase of your ${typed[0].use === "native" ? "native " : ""}key`;
  const first = field("passphrase", label, { type: "password", autocomplete: "current-password" });
  const hint = "Only where it is not the same.";
  return typed.length === 2 ? [first, field("native-passphrase", "Passphrase of your native key", { type: "password", autocomplete: "off", hint })] : [first];
}

function saltOf(key) {
  return fromBase64(key.kdf.salt);
}

async function byPasskeys(key, native, challenge) {
  const found = new Map();
  let assertion = null;
  if (opensWithPasskey(key)) {
    const both = native && opensWithPasskey(native) && native.kdf.credential === key.kdf.credential;
    const answer = await assert(key.kdf.credential, both ? [saltOf(key), saltOf(native)] : [saltOf(key)], challenge);
    ({ assertion } = answer);
    found.set(key.kid, answer.secrets[0]);
    if (both) {
      found.set(native.kid, answer.secrets[1]);
    }
  }
  if (native && opensWithPasskey(native) && !found.has(native.kid)) {
    found.set(native.kid, (await assert(native.kdf.credential, [saltOf(native)], challenge)).secrets[0]);
  }
  return { found, assertion };
}

// Whether one passkey, asked once, opens both.
export function asksOnce(key, native) {
  const under = [key, native].filter((one) => one && opensWithPasskey(one));
  return new Set(under.map(({ kdf }) => kdf.credential)).size <= 1;
}

// { opened, openedNative, assertion }: the private keys, for this one press. The assertion is told only of a key whose
// passkey the portal knows: one that was put under a passkey later signs without it.
export async function openKeys(key, native, phrases, challenge) {
  const { found, assertion } = await byPasskeys(key, native, challenge);
  const [first = "", second = ""] = phrases.map(({ input }) => input.value);
  const opened = await unwrap(key, found.get(key.kid) ?? first);
  const openedNative = native ? await unwrap(native, found.get(native.kid) ?? (second || first)) : null;
  return { opened, openedNative, assertion: key.custody === "passkey" ? assertion : null };
}
