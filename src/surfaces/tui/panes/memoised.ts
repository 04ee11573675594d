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

/** The same for what two objects make together. `rest` may only tell what follows from the two. */
export function memoisedPair<
  One extends object,
  Other extends object,
  Rest extends readonly unknown[],
  Value,
>(work: (one: One, other: Other, ...rest: Rest) => Value): (one: One, other: Other, ...rest: Rest) => Value {
  const ofOne = memoised((_one: One) => new WeakMap<Other, { readonly value: Value }>());
  return (one, other, ...rest) => {
    const known = ofOne(one);
    let found = known.get(other);
    if (found === undefined) {
      found = { value: work(one, other, ...rest) };
      known.set(other, found);
    }
    return found.value;
  };
}
