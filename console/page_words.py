"""What each page is, in a sentence or two, told where one stands; `help_topics` leads to the documents."""

from __future__ import annotations

PAGES: dict[str, str] = {
    "overview": (
        "One answer over all streams you may see: whether the evidence is healthy, why, and what waits for you."
    ),
    "streams": "Every log you may see. The seals tell how far its evidence has come on its way to being believable.",
    "stream": (
        "One log: what was received, how much of it stands under a signed root, and what its five health paths say."
    ),
    "stream-health": "How the five health paths were over time, and how many events came.",
    "events": (
        "The events of a stream by their search columns, which are derived. The evidence is on the page of each."
    ),
    "event": "One leaf of the log: its receipt, its path to the signed root, and both recomputed while you look.",
    "windows": "Closed ranges of leaves. A window is closed by count, by age or on request, and its root is signed.",
    "window": "One closed range of leaves, and its root recomputed from the stored bytes.",
    "checkpoints": "Signed notes over the whole log, each verified just now under the key that was valid at its size.",
    "checkpoint": "One signed note byte for byte, and the proof that it extends the one before, unchanged.",
    "stream-keys": (
        "Which key signs what, and for which leaves each is valid. A retired key proves the past and nothing later."
    ),
    "trust-sheet": "What a reader needs by another way than the bundle: keys, policy and a head, to print or to save.",
    "export": "A bundle carries a range with its proofs to somebody who does not trust this server.",
    "bundles": "Everything that was exported, with what the offline verifier said of it.",
    "bundle": "One export from request to verdict. Verify it yourself with the server switched off.",
    "changes": "What people have proposed, signed and carried out. Nobody does any of it alone.",
    "change": "One change: its effect, who signed which bytes, what it still waits for, and what came of it.",
    "change-new": "The kinds of change there are. None of them runs what somebody typed.",
    "change-new-kind": "A proposal. Its effect is computed while you fill it in; a draft has none.",
    "change-edit": "The next revision of a proposal. An edit voids every signature.",
    "founding": "How this deployment began to need signatures: who signed the genesis, and which keys it gave power.",
    "incidents": "What is frozen now, what is looked into, and where power was used in an emergency.",
    "policy": "For each kind of change: who has to sign it, how long it then waits, and who may carry it out.",
    "evidenceos": "What governs EvidenceOS, changed here with quorum, effect and record.",
    "evidenceos-target": "One data directory: what is in force there now, and what waits for somebody.",
    "evidenceos-nullspecs": "Every file of the store of contracts, those that do not verify too, with the reason.",
    "evidenceos-nullspec": "One contract: its null and e-values plotted, how it stands, its history, and another.",
    "evidenceos-oracles": "The signed record of each oracle, and which contracts are bound to it.",
    "evidenceos-settings": "The logical epoch that is forced for every claim, and the keys whose signatures count.",
    "evidenceos-canaries": "For each claim and holdout, how far its drift has come on its way to the barrier.",
    "evidenceos-canary": "One canary over time against its barrier. Frozen stays frozen until a reset.",
    "evidenceos-ahead": "What lapses, in the order of time, with the last moment at which a renewal is safely in time.",
    "evidenceos-events": "Upstream's log of events line by line, beside the decisions of our record that led to them.",
    "evidenceos-files": "Every file with four states: written, reload sent, observed, drifted. Each is looked at.",
    "evidenceos-guide": "The order in which a change goes in, each step checked against what is there now.",
    "evidenceos-author": (
        "A NullSpec contract while it forms: its null plotted, its e-values, its bytes and its id. Nothing is stored."
    ),
    "evidenceos-claims": "A claim's capsule, proof, tree head and revocations, checked under keys that you name.",
    "integrity": (
        "What was compared with what: heads with the stored tree, heads with witnesses, stored bytes with their hashes."
    ),
    "jobs": "Everything that takes longer than a page: exports, imports, verifications, seals.",
    "job": "How far one job is, what it said, and what came of it. It goes on when you leave.",
    "system": "What happened to the platform itself and who changed what, with what this log does not hold.",
    "search": "Looks up an index, a hash, an id, an actor, a type or a stream among what you may read.",
    "account": "Who you are here, how fresh your second factor is, and which tokens speak for you.",
    "factors": "What you sign in with beside the password. Each change asks for one that you have.",
    "sessions": "Where you are signed in, and the way to end it from here.",
    "decision-keys": "Keys with which you decide. Their private halves never reach this server.",
    "people": "Who there is, and the way to invite somebody. Roles come by changes.",
    "person": "One person: roles, places in approver groups, keys, and links that are open.",
    "stream-import": "Appends a file of lines. Run again, it appends nothing twice.",
    "notifications": "What you asked to be told, and what you were told.",
    "keys": "Keys of programs that append and read. The secret is shown once and never again.",
    "verify": "Checks a bundle, a receipt or a proof in your own browser. Nothing is sent to this server.",
    "reliance": (
        "Ranges on which nobody shall rely until further notice, with the reason, as leaves of the log itself."
    ),
}
"""By the name of the address; a page without a row says nothing of itself."""
