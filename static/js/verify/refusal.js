// A refusal of input: a stable code, what is wrong, why, and where inside the thing that was read.
export class Refusal extends Error {
  constructor(code, what, { why = "", path = "" } = {}) {
    super(what);
    this.code = code;
    this.what = what;
    this.why = why;
    this.path = path;
  }
}

// Runs `act`; a refusal that passes through it gets this code instead of its own.
export function recoded(code, act) {
  try {
    return act();
  } catch (problem) {
    if (problem instanceof Refusal) {
      throw new Refusal(code, problem.what, problem);
    }
    throw problem;
  }
}
