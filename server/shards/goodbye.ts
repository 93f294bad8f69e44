/**
 * Whoever ends takes leave of Redis, and waits no longer for it than that: one that takes connections and answers nothing would
 * hold it for ever.
 */
const patienceMs = 2_000;

/** Whether all of it was done, and in time. */
export async function goodbye(said: () => Promise<unknown>, ms = patienceMs): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const done = said().then(
    () => true,
    () => false,
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}
