// The enrolment of a key: made here, wrapped, saved as a backup, the backup opened again, possession proven. Only the
// public key leaves this page.
import { toBase64 } from "../verify/octets.js";
import { gesture } from "./act.js";
import { alertPlace, button, element, facts, field, heading, notice, section, show } from "./dom.js";
import { SHORTEST_PASSPHRASE, generate, kidOf, passphraseKdf, unwrap, wrap } from "./keyfile.js";
import { chosenKey, download, underPasskey } from "./keys.js";
import { passkeysAreThere } from "./passkey.js";
import { refuse, toldOf } from "./refusals.js";
import { named } from "./rendering.js";
import { review } from "./review.js";
import { fingerprint } from "./statement.js";
import { keep } from "./store.js";
import { proofOf, readTemplate } from "./template.js";

const STEPS = ["Make the key", "Save the backup", "Check the backup", "Prove that you hold it"];

function head(at) {
  const rows = STEPS.map((text, place) => element("li", { text, "aria-current": place === at && "step", className: place < at ? "is-done" : "" }));
  return [element("p", { className: "sign-verb", text: `Step ${at + 1} of ${STEPS.length}` }), heading(STEPS[at]), element("ol", { className: "sign-steps" }, ...rows)];
}

function checkPhrase(first, second) {
  if (first.length < SHORTEST_PASSPHRASE) {
    throw refuse("passphrase_weak", "The passphrase is too short", `${first.length} characters`);
  }
  if (first !== second) {
    throw refuse("passphrase_weak", "The two passphrases differ");
  }
}

// Makes the key: the encrypted backup, what is kept here, and the passkey's public part where there is one.
async function make(template, custody, phrase) {
  const { opened, octets } = await generate();
  const kid = kidOf("decision", template.deployment.origin, octets);
  const about = { kid, public: toBase64(octets), use: "decision", custody, person: template.signer.person };
  const backup = await wrap(opened, about, phrase, passphraseKdf());
  const held = custody === "passkey" ? await underPasskey(opened, about) : { key: backup, credential: null };
  return { template, backup, kept: held.key, credential: held.credential };
}

function custodyChoice() {
  const choices = [["passkey", "A passkey of this device opens it", passkeysAreThere()], ["passphrase", "A passphrase opens it", true]];
  const inputs = choices.map(([value, words, there], place) => {
    const input = element("input", { type: "radio", name: "custody", id: `custody-${value}`, value, disabled: !there });
    input.checked = place === choices.findIndex(([, , available]) => available);
    return element("div", { className: "sign-choice" }, input, element("label", { for: `custody-${value}`, text: words }));
  });
  return element("fieldset", { className: "sign-fieldset" }, element("legend", { text: "Every day" }), ...inputs);
}

function attempt(form, alert, act) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const press = form.querySelector("[type=submit]");
    press.disabled = true;
    alert.clear();
    try {
      await act();
    } catch (problem) {
      alert.tell(toldOf(problem));
    } finally {
      press.disabled = false;
    }
  });
}

function first(page, template, door) {
  const choice = custodyChoice();
  const hint = `It opens the backup. At least ${SHORTEST_PASSPHRASE} characters; five random words are good.`;
  const phrase = field("new-passphrase", "New passphrase", { type: "password", autocomplete: "new-password", hint });
  const again = field("again-passphrase", "The same again", { type: "password", autocomplete: "new-password" });
  const alert = alertPlace();
  const form = element("form", { className: "sign-form", novalidate: true }, choice, phrase.row, again.row, button("Make the key", null, { main: true, type: "submit" }), alert.place);
  attempt(form, alert, async () => {
    checkPhrase(phrase.input.value, again.input.value);
    const custody = choice.querySelector("input:checked").value;
    second(page, await make(template, custody, phrase.input.value), door);
  });
  const who = facts([["For", named(template.signer.person)], ["Deployment", named(template.deployment.origin)]]);
  show(page, ...head(0), element("p", { text: "The key is made in this page. Its private half never leaves it unencrypted, and the server never sees it." }), who, section("How it opens", form));
}

function second(page, made, door) {
  const link = download(made.backup, `countersign-key-${made.backup.kid.slice(0, 8)}.json`);
  const words = "Save it on another disk than this one. Without it a lost browser is a lost key.";
  show(page, ...head(1), element("p", { text: words }), element("div", { className: "sign-actions" }, link, button("I have saved it", () => third(page, made, door), { main: true })));
}

function third(page, made, door) {
  const file = field("backup-file", "The backup that was just saved", { type: "file", accept: ".json,application/json" });
  const phrase = field("backup-passphrase", "Its passphrase", { type: "password", autocomplete: "off" });
  const alert = alertPlace();
  const form = element("form", { className: "sign-form", novalidate: true }, file.row, phrase.row);
  const back = button("Back to the download", () => second(page, made, door));
  form.append(element("div", { className: "sign-actions" }, button("Open the backup", null, { main: true, type: "submit" }), back), alert.place);
  attempt(form, alert, async () => {
    const found = await chosenKey(file.input);
    if (found.kid !== made.backup.kid || found.public !== made.backup.public) {
      throw refuse("backup_differs", "This is the file of another key");
    }
    await unwrap(found, phrase.input.value);
    phrase.input.value = "";
    last(page, made, door);
  });
  show(page, ...head(2), element("p", { text: "A backup that was never opened is a hope. Open it now, as you would on the day you need it." }), form);
}

function last(page, made, door) {
  const statement = proofOf(made.template, made.backup);
  const { kid, public: shown, custody } = made.backup;
  const signed = async ({ envelope, assertion }) => {
    await keep(made.kept);
    door.answer("enrolled", { public: shown, kid, custody, envelope, assertion, credential: made.credential });
    finished(page, made.backup);
  };
  show(page, ...head(3), ...review(statement).slice(2), gesture(statement, made.kept, { signed, noun: "Sign with the new key" }));
}

function finished(page, key) {
  const words = fingerprint(key);
  show(page, heading("The key is made"), notice("pass", "The public key went to the portal.", "It counts when a second person has activated it, and after its cool-down."), facts([["Key", element("code", { text: key.kid })], ["Compare aloud", element("span", { className: "sign-code", text: words })]]), element("p", { text: "You can close this window." }));
}

export function enrol(page, octets, door) {
  first(page, readTemplate(octets), door);
}
