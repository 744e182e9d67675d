// The gesture: one press, every key opened once, each signature made once. Nothing that was opened outlives the call.
import { sha256 } from "../verify/sha256.js";
import { alertPlace, button, element, field, section } from "./dom.js";
import { checkKey, checkWindow, envelopeOf } from "./envelope.js";
import { checkNativeKey, signNative } from "./native.js";
import { asksOnce, openKeys, phraseFields } from "./opening.js";
import { refuse, toldOf } from "./refusals.js";
import { codeIsAsked } from "./rendering.js";

// Signs the statement, and beside it what `beside` is: artefacts with the native key, or the proof of a native key.
export async function signOnce(statement, key, phrases, { native = null, artefacts = [], proof = null } = {}) {
  checkKey(statement, key);
  checkWindow(statement);
  if (native && !proof) {
    checkNativeKey(statement, native);
  }
  const { opened, openedNative, assertion } = await openKeys(key, native, phrases, sha256(statement.signedBytes));
  const envelope = await envelopeOf(statement, key, opened);
  const made = native && !proof ? await signNative(artefacts, native, openedNative) : null;
  return { envelope, assertion, native: proof ? { envelope: await envelopeOf(proof, native, openedNative) } : made };
}

function checkTyped(statement, typed) {
  if (typed && typed.value.toLowerCase().trim().split(/\s+/).join(" ") !== statement.code) {
    throw refuse("code_differs", "The words are not the short code of this statement", "nothing was signed");
  }
}

function hintOf(key, native, phrases) {
  if (phrases.length) {
    return native ? "Both keys are opened for this one press, and nothing opened is kept." : "The key is opened for this one signature, and nothing opened is kept.";
  }
  const once = asksOnce(key, native) ? "Your passkey is asked once" : "Your two passkeys are asked, one after the other";
  return native ? `${once}, for the statement and everything beside it.` : `${once}, for exactly these bytes.`;
}

// The form under a statement. `key` signs; `signed` gets { envelope, assertion, native }, `declined` is called without.
export function gesture(statement, key, { signed, declined, noun = "Sign", beside = {} }) {
  const typed = codeIsAsked(statement) ? field("typed-code", "Type the six words of the short code", { autocomplete: "off", spellcheck: "false", hint: "Much rests on this change: read the words from here, and compare them with another signer." }) : null;
  const phrases = phraseFields(key, beside.native);
  const alert = alertPlace();
  const form = element("form", { className: "sign-form", novalidate: true });
  const press = button(noun, null, { main: true, type: "submit" });
  const actions = element("div", { className: "sign-actions" }, press, declined && button("Do not sign", declined));
  const hint = element("p", { className: "sign-hint", text: hintOf(key, beside.native, phrases) });
  form.append(...[typed?.row, ...phrases.map(({ row }) => row), hint, actions, alert.place].filter(Boolean));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    press.disabled = true;
    alert.clear();
    try {
      checkTyped(statement, typed?.input);
      await signed(await signOnce(statement, key, phrases, beside));
    } catch (problem) {
      alert.tell(toldOf(problem));
      press.disabled = false;
    } finally {
      phrases.forEach(({ input }) => {
        input.value = "";
      });
    }
  });
  return section(beside.native ? "Your signatures" : "Your signature", form);
}
