/**
 * One tab of those that are open, by the browser's own lock: where it is closed, another one takes over. A browser
 * without locks leads in each tab.
 */
export function lead(name: string, begin: () => () => void): () => void {
  if (!navigator.locks) return begin();
  const left = new AbortController();
  const { promise: given, resolve: give } = withResolvers();
  navigator.locks
    .request(name, { signal: left.signal }, async () => {
      const end = begin();
      await given;
      end();
    })
    .catch(() => {}); // it was given up before it came
  return () => {
    give();
    left.abort();
  };
}

function withResolvers() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
