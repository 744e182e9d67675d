// What to do after a refusal, by its code; the words of the command line.
import { Refusal } from "../verify/refusal.js";

const NEXT = {
  statement_malformed: "Do not sign. Load the statement again; if it stays so, tell the others who sign.",
  payload_type_wrong: "Load the statement again from the page of the change. If it stays so, tell the others who sign.",
  code_differs: "Compare the statement with what another signer shows. Do not sign before they agree.",
  key_differs: "Use the key that the statement names, or load a statement for this key.",
  key_file_malformed: "Use the encrypted key file as it was written.",
  passphrase_wrong: "Type the passphrase again; if it is right, the file was changed: use the backup.",
  passphrase_weak: "Take at least 12 characters: five random words are better than one strange one.",
  passkey_failed: "Try again with the device that holds the passkey, or import the backup file.",
  custody_refused: "Keys that no browser may hold sign at the command line: python -m governance.sign.",
  client_differs: "Load a statement for the signing page, or sign this one at the command line.",
  window_closed: "Load a new statement from the page of the change.",
  policy_differs: "Do not sign. Tell the others who sign, and compare the policy with the log.",
  signature_failed: "Use a current browser, or the command line.",
  weak_key: "Do not trust this key; make a new one.",
  backup_differs: "Download the backup again, and open the file that was just saved.",
  native_missing: "Load the statement again from the page of the change, and sign all that it lists.",
  native_differs: "Do not sign. Load the statement again; if it stays so, tell the others who sign.",
  native_malformed: "Do not sign. Load the statement again; if it stays so, tell the others who sign.",
  native_key_missing: "Enrol a native key, or import its encrypted file; the portal's page of your keys begins it.",
  message_malformed: "Open this page again from the page of the change.",
};

export function refuse(code, what, why = "") {
  return new Refusal(code, what, { why });
}

// { code, what, why, next } of anything that was thrown.
export function toldOf(problem) {
  if (problem instanceof Refusal) {
    const why = [problem.path && `at ${problem.path}`, problem.why].filter(Boolean).join(": ");
    return { code: problem.code, what: problem.what, why, next: NEXT[problem.code] ?? "Read the reason, correct it and try again." };
  }
  return { code: "signer_fault", what: "The signing page failed", why: `${problem?.name}: ${problem?.message}`, next: "Nothing was signed. Use the command line, and report this." };
}
