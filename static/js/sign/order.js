// The order of names by their code points; JavaScript's own is by UTF-16 units.
export function byCodePoint(a, b) {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let place = 0; place < left.length && place < right.length; place += 1) {
    if (left[place] !== right[place]) {
      return left[place].codePointAt(0) - right[place].codePointAt(0);
    }
  }
  return left.length - right.length;
}
