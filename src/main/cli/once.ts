/** Calls `make` the first time only; a failure is not remembered, so that the next call tries again. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/** Calls `make` again when the stamp is another one than the last time. */
export function onceFor<T>(stamp: () => Promise<string>, make: () => Promise<T>): () => Promise<T> {
  let made: { readonly stamp: string; readonly get: () => Promise<T> } | undefined;
  return async () => {
    const now = await stamp();
    if (made?.stamp !== now) made = { stamp: now, get: once(make) };
    return await made.get();
  };
}
