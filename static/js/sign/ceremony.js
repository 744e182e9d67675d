// The enrolment of a key: made here, wrapped, saved as a backup, the backup opened again, possession proven. Only the
// public key leaves this page.
import { toBase64 } from "../verify/octets.js";
import { gesture } from "./act.js";
import { alertPlace, button, element, facts, field, heading, notice, section, show } from "./dom.js";
import { SHORTEST_PASSPHRASE, generate, kidOf, opensWithPasskey, passphraseKdf, unwrap, wrap } from "./keyfile.js";
import { chosenKey, download, underPasskey, underThatPasskey } from "./keys.js";
import { passkeysAreThere } from "./passkey.js";
import { refuse, toldOf } from "./refusals.js";
import { named } from "./rendering.js";
import { review } from "./review.js";
import { fingerprint } from "./statement.js";
import { keep, keysHere } from "./store.js";
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

// One key pair and its encrypted backup, for one template.
async function makeOne(template, custody, phrase) {
  const { opened, octets } = await generate();
  const { use } = template.change.body;
  const kid = kidOf(use, template.deployment.origin, octets);
  const about = { kid, public: toBase64(octets), use, custody, person: template.signer.person };
  return { template, opened, about, backup: await wrap(opened, about, phrase, passphraseKdf()) };
}

// Under a passkey: one for all keys made here; a native key made alone goes under that of the decision key, if it has one.
async function keptUnderPasskey(made) {
  const [{ about, opened }] = made;
  const beside = about.use === "native" && (await keysHere()).find((key) => key.person === about.person && key.use === "decision" && opensWithPasskey(key));
  if (beside) {
    return { keys: [await underThatPasskey(opened, about, beside.kdf.credential)], credential: null };
  }
  return underPasskey(made);
}

// Makes the keys: their backups, what is kept here, and the passkey's public part where there is one.
async function make(templates, custody, phrase) {
  const made = [];
  for (const template of templates) {
    made.push(await makeOne(template, custody, phrase));
  }
  const held = custody === "passkey" ? await keptUnderPasskey(made) : { keys: made.map(({ backup }) => backup), credential: null };
  return { keys: made.map(({ template, backup }, place) => ({ template, backup, kept: held.keys[place] })), credential: held.credential };
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

const USES = { decision: "decides: it signs statements over changes", native: "native: it signs EvidenceOS' own bytes, beside a statement" };

function first(page, templates, door) {
  const [template] = templates;
  const choice = custodyChoice();
  const hint = `It opens the backup. At least ${SHORTEST_PASSPHRASE} characters; five random words are good.`;
  const phrase = field("new-passphrase", "New passphrase", { type: "password", autocomplete: "new-password", hint });
  const again = field("again-passphrase", "The same again", { type: "password", autocomplete: "new-password" });
  const alert = alertPlace();
  const form = element("form", { className: "sign-form", novalidate: true }, choice, phrase.row, again.row, button("Make the key", null, { main: true, type: "submit" }), alert.place);
  attempt(form, alert, async () => {
    checkPhrase(phrase.input.value, again.input.value);
    const custody = choice.querySelector("input:checked").value;
    second(page, await make(templates, custody, phrase.input.value), door);
  });
  const uses = templates.map(({ change }, place) => [templates.length > 1 ? `Key ${place + 1}` : "The key", USES[change.body.use]]);
  const who = facts([["For", named(template.signer.person)], ["Deployment", named(template.deployment.origin)], ...uses]);
  const words = templates.length > 1 ? "Two keys are made in this page. Their private halves never leave it unencrypted, and the server never sees them." : "The key is made in this page. Its private half never leaves it unencrypted, and the server never sees it.";
  show(page, ...head(0), element("p", { text: words }), who, section("How it opens", form));
}

function second(page, made, door) {
  const links = made.keys.map(({ backup }) => download(backup, `countersign-${backup.use === "native" ? "native-" : ""}key-${backup.kid.slice(0, 8)}.json`, made.keys.length > 1 ? `Download the ${backup.use} key's backup` : undefined));
  const many = made.keys.length > 1;
  const words = `Save ${many ? "both" : "it"} on another disk than this one. Without ${many ? "them a lost browser is two lost keys" : "it a lost browser is a lost key"}.`;
  show(page, ...head(1), element("p", { text: words }), element("div", { className: "sign-actions" }, ...links, button(many ? "I have saved both" : "I have saved it", () => third(page, made, door), { main: true })));
}

function third(page, made, door) {
  const files = made.keys.map(({ backup }, place) => ({ backup, ...field(place ? `backup-file-${backup.use}` : "backup-file", place ? "The native key's backup" : "The backup that was just saved", { type: "file", accept: ".json,application/json" }) }));
  const phrase = field("backup-passphrase", made.keys.length > 1 ? "Their passphrase" : "Its passphrase", { type: "password", autocomplete: "off" });
  const alert = alertPlace();
  const form = element("form", { className: "sign-form", novalidate: true }, ...files.map(({ row }) => row), phrase.row);
  const back = button("Back to the download", () => second(page, made, door));
  form.append(element("div", { className: "sign-actions" }, button("Open the backup", null, { main: true, type: "submit" }), back), alert.place);
  attempt(form, alert, async () => {
    for (const { backup, input } of files) {
      const found = await chosenKey(input);
      if (found.kid !== backup.kid || found.public !== backup.public) {
        throw refuse("backup_differs", "This is the file of another key", files.length > 1 ? `where the ${backup.use} key's belongs` : "");
      }
      await unwrap(found, phrase.input.value);
    }
    phrase.input.value = "";
    last(page, made, door);
  });
  show(page, ...head(2), element("p", { text: "A backup that was never opened is a hope. Open it now, as you would on the day you need it." }), form);
}

function enrolled({ backup }, more) {
  const { kid, public: shown, custody } = backup;
  return { public: shown, kid, custody, ...more };
}

function last(page, made, door) {
  const [main, other] = made.keys;
  const statement = proofOf(main.template, main.backup);
  const beside = other ? { native: other.kept, proof: proofOf(other.template, other.backup) } : {};
  const signed = async ({ envelope, assertion, native }) => {
    for (const { kept } of made.keys) {
      await keep(kept);
    }
    const answer = enrolled(main, { envelope, assertion: made.credential ? assertion : null, credential: made.credential });
    door.answer("enrolled", { ...answer, native: other ? enrolled(other, native) : null });
    finished(page, made.keys.map(({ backup }) => backup));
  };
  const noun = other ? "Sign with the new keys" : "Sign with the new key";
  show(page, ...head(3), ...review(statement).slice(2), gesture(statement, main.kept, { signed, noun, beside }));
}

function finished(page, keys) {
  const many = keys.length > 1;
  const rows = keys.flatMap((key) => [
    [many ? `The ${key.use} key` : "Key", element("code", { text: key.kid })],
    ["Compare aloud", element("span", { className: "sign-code", text: fingerprint(key) })],
  ]);
  const words = many ? "The public keys went to the portal." : "The public key went to the portal.";
  show(page, heading(many ? "The keys are made" : "The key is made"), notice("pass", words, `${many ? "They count" : "It counts"} when a second person has activated ${many ? "them" : "it"}, and after ${many ? "their" : "its"} cool-down.`), facts(rows), element("p", { text: "You can close this window." }));
}

// The ceremony for one key, or for a decision key and a native key of one person (`others`).
export function enrol(page, octets, others, door) {
  const templates = [readTemplate(octets), ...(others ? [readTemplate(others)] : [])];
  const [main, native] = templates;
  if (native && (native.change.body.use !== "native" || main.change.body.use !== "decision" || native.signer.person !== main.signer.person)) {
    throw refuse("message_malformed", "A decision key and a native key of one person belong together");
  }
  first(page, templates, door);
}
