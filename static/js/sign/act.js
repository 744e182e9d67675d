// The gesture: one press, one key opened once, one signature. Nothing that was opened outlives the call.
import { sha256 } from "../verify/sha256.js";
import { alertPlace, button, element, field, section } from "./dom.js";
import { checkKey, checkWindow, envelopeOf } from "./envelope.js";
import { opensWithPasskey, unwrap } from "./keyfile.js";
import { fromBase64 } from "../verify/octets.js";
import { assert } from "./passkey.js";
import { refuse, toldOf } from "./refusals.js";
import { codeIsAsked } from "./rendering.js";

async function opened(statement, key, phrase) {
  if (!opensWithPasskey(key)) {
    return { secret: phrase.value, assertion: null };
  }
  return assert(key.kdf.credential, fromBase64(key.kdf.salt), sha256(statement.signedBytes));
}

export async function signOnce(statement, key, phrase) {
  checkKey(statement, key);
  checkWindow(statement);
  const { secret, assertion } = await opened(statement, key, phrase);
  const envelope = await envelopeOf(statement, key, await unwrap(key, secret));
  return { envelope, assertion };
}

function checkTyped(statement, typed) {
  if (typed && typed.value.toLowerCase().trim().split(/\s+/).join(" ") !== statement.code) {
    throw refuse("code_differs", "The words are not the short code of this statement", "nothing was signed");
  }
}

// The form under a statement. `key` signs; `signed` gets { envelope, assertion }, `declined` is called without one.
export function gesture(statement, key, { signed, declined, noun = "Sign" }) {
  const typed = codeIsAsked(statement) ? field("typed-code", "Type the six words of the short code", { autocomplete: "off", spellcheck: "false", hint: "Much rests on this change: read the words from here, and compare them with another signer." }) : null;
  const phrase = opensWithPasskey(key) ? null : field("passphrase", "Passphrase of your key", { type: "password", autocomplete: "current-password" });
  const alert = alertPlace();
  const form = element("form", { className: "sign-form", novalidate: true });
  const press = button(noun, null, { main: true, type: "submit" });
  const actions = element("div", { className: "sign-actions" }, press, declined && button("Do not sign", declined));
  const words = phrase ? "The key is opened for this one signature, and nothing opened is kept." : "Your passkey is asked once, for exactly these bytes.";
  form.append(...[typed?.row, phrase?.row, element("p", { className: "sign-hint", text: words }), actions, alert.place].filter(Boolean));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    press.disabled = true;
    alert.clear();
    try {
      checkTyped(statement, typed?.input);
      await signed(await signOnce(statement, key, phrase?.input));
    } catch (problem) {
      alert.tell(toldOf(problem));
      press.disabled = false;
    } finally {
      if (phrase) {
        phrase.input.value = "";
      }
    }
  });
  return section("Your signature", form);
}
