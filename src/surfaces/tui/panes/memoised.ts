/** Works a value out once for each object; for a list of 10,000 rows that is what each frame costs otherwise. */
export function memoised<Source extends object, Value>(
  work: (source: Source) => Value,
): (source: Source) => Value {
  const known = new WeakMap<Source, Value>();
  return (source) => {
    const found = known.get(source);
    if (found !== undefined) return found;
    const value = work(source);
    known.set(source, value);
    return value;
  };
}

/** The same for what two objects make together. */
export function memoisedPair<One extends object, Other extends object, Value>(
  work: (one: One, other: Other) => Value,
): (one: One, other: Other) => Value {
  const ofOne = memoised((one: One) => memoised((other: Other) => work(one, other)));
  return (one, other) => ofOne(one)(other);
}
